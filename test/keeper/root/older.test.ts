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

/** A keeper of A, whose log knows of a plan and of what A has signed in the account with B. */
function runtimeIn(phase: Phase) {
  const board = { threshold: 1, members: [{ id: A.id, weight: 1 }] };
  const runtime = createRuntime(jurisdiction, [{ id: A.id, board }]);
  const participation: Participation = {
    plan,
    hash,
    coordinator: C.id,
    phase,
    accounts: accountsOf(plan, 0),
    prepared: [null, null, null],
    certificate: null,
    refusal: null,
  };
  const entity: Entity = {
    ...createEntity(A.id, board),
    plans: putParticipation(EMPTY_BOOK, participation),
  };
  entity.accounts.set(runtime.interner.intern(B.id), { ...account, highestSigned: SIGNED });
  runtime.entities.set(runtime.interner.intern(A.id), entity);
  return runtime;
}

const proof = (number: number): GuardedSlot => {
  return { kind: "proof", domain, account: account.state.key, epoch: 0, number };
};

/** Whether a keeper of A finds that its log is an older one, when its guard has signed these. */
async function isOlder(phase: Phase, signed: readonly GuardedSlot[]): Promise<boolean> {
  const guard = await openGuard(createMemoryJournal());
  guard.admit(signed.map((slot) => ({ entity: A.id, slot, digest: hash, alone: false })));
  const older = olderEntities(runtimeIn(phase), guard);
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

  it("NET-5: is noticed by a frame of an account that the plan touches", async () => {
    expect(await isOlder("holding", [proof(SIGNED)])).to.equal(false);
    expect(await isOlder("holding", [proof(SIGNED + 1)])).to.equal(true);
    expect(await isOlder("dropped", [proof(SIGNED + 1)]), "nothing to decide").to.equal(false);
  });
});
