import { expect } from "chai";
import { describe, it } from "mocha";
import { openAccount } from "../../../keeper/account/open.ts";
import { createEntity } from "../../../keeper/entity/entity.ts";
import type { Entity } from "../../../keeper/entity/types.ts";
import { olderEntities } from "../../../keeper/older.ts";
import { EMPTY_BOOK, putParticipation } from "../../../keeper/plan/book.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import { accountsOf } from "../../../keeper/plan/shape.ts";
import type { Participation, Phase } from "../../../keeper/plan/types.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { openGuard } from "../../../keeper/signer/guard.ts";
import type { GuardedSlot } from "../../../keeper/signer/types.ts";
import { type Person, people } from "../plan/person.ts";
import { ring } from "../plan/plans.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { createMemoryJournal } from "../signer/memory-journal.ts";

const [A, B, C] = people(3) as [Person, Person, Person];
const plan = ring([A, B, C]);
const hash = planHash(plan);
const account = openAccount(A.id, B.id, jurisdiction);
const SIGNED = 7;
const { domain } = jurisdiction;

/** A keeper of A, whose log knows of a plan, or none, and what A has signed in B's account. */
function runtimeIn(phase: Phase | null, frozen: string | null = null) {
  const board = { threshold: 1, members: [{ id: A.id, weight: 1 }] };
  const runtime = createRuntime(jurisdiction, [{ id: A.id, board }]);
  const participation: Participation = {
    plan,
    hash,
    coordinator: C.id,
    phase: phase ?? "accepted",
    accounts: accountsOf(plan, 0),
    prepared: [null, null, null],
    certificate: null,
    refusal: null,
  };
  const entity: Entity = {
    ...createEntity(A.id, board),
    plans: phase === null ? EMPTY_BOOK : putParticipation(EMPTY_BOOK, participation),
  };
  entity.accounts.set(runtime.interner.intern(B.id), {
    ...account,
    highestSigned: SIGNED,
    frozen,
  });
  runtime.entities.set(runtime.interner.intern(A.id), entity);
  return runtime;
}

const proof = (number: number): GuardedSlot => {
  return { kind: "proof", domain, account: account.state.key, epoch: 0, number };
};

/** Whether a keeper of A finds that its log is an older one, when its guard has signed these. */
async function isOlder(
  phase: Phase | null,
  signed: readonly GuardedSlot[],
  frozen: string | null = null,
): Promise<boolean> {
  const guard = await openGuard(createMemoryJournal());
  guard.admit(signed.map((slot) => ({ entity: A.id, slot, digest: hash, alone: false })));
  const older = olderEntities(runtimeIn(phase, frozen), guard);
  if (older.length > 0) expect(older).to.deep.equal([A.id]);
  return older.length > 0;
}

describe("a log that is older than its guard", () => {
  it("NET-5: is noticed by a plan under which prepared was signed", async () => {
    expect(await isOlder("holding", [{ kind: "plan", plan: hash }])).to.equal(true);
    expect(await isOlder("accepted", [{ kind: "plan", plan: hash }])).to.equal(true);
    expect(await isOlder("prepared", [{ kind: "plan", plan: hash }]), "known").to.equal(false);
    const other = planHash({ ...plan, salt: hash });
    expect(await isOlder("holding", [{ kind: "plan", plan: other }])).to.equal(false);
  });

  it("NET-5: is noticed by a frame of any account that is not frozen", async () => {
    expect(await isOlder("holding", [proof(SIGNED)])).to.equal(false);
    expect(await isOlder("holding", [proof(SIGNED + 1)])).to.equal(true);
    expect(await isOlder("dropped", [proof(SIGNED + 1)])).to.equal(true);
    expect(await isOlder("holding", [proof(SIGNED + 1)], "apart")).to.equal(false);
  });

  it("NET-5: is noticed when it has forgotten whole plans, so that none is taken on again", async () => {
    // Its "prepared" is in a certificate: held anew in one account only, it would be lost there.
    const forgotten = [proof(SIGNED + 1), { kind: "plan", plan: hash }] as const;
    expect(await isOlder(null, forgotten)).to.equal(true);
    expect(await isOlder(null, [proof(SIGNED)])).to.equal(false);
  });

  it("NET-5: is noticed by an account that it does not know at all", async () => {
    const other = openAccount(A.id, C.id, jurisdiction).state.key;
    const others = { kind: "proof", domain, account: other, epoch: 0, number: 3 } as const;
    expect(await isOlder(null, [proof(SIGNED), others])).to.equal(true);
    const batch = { kind: "batch", domain, nonce: 5, deadline: 9, unused: 0 } as const;
    expect(await isOlder(null, [proof(SIGNED), batch, { kind: "plan", plan: hash }])).to.equal(
      false,
    );
  });
});
