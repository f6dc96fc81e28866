import { expect } from "chai";
import { describe, it } from "mocha";
import type { Bytes } from "../../../keeper/base/bytes.ts";
import { type Result, refuse } from "../../../keeper/base/result.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Batch } from "../../../keeper/jurisdiction/types.ts";
import type { Ready } from "../../../keeper/runtime/types.ts";
import { openGuard } from "../../../keeper/signer/guard.ts";
import { takenInputs } from "../../../keeper/taken.ts";
import { personOf } from "../runtime/world.ts";
import { createMemoryJournal } from "../signer/memory-journal.ts";

const [alice, bob] = [personOf("alice").id, personOf("bob").id];
const [domain, account] = [keccakText("domain"), keccakText("account")];
const payload: Bytes = new Uint8Array();

type Asked = Pick<Ready, "signatures" | "messages" | "transactions">;

const proof = (number: number, epoch = 0) =>
  ({ kind: "proof", domain, account, epoch, number }) as const;

/** A tick that says a frame of this number and brings a batch of this nonce. */
function ask(number: number, nonce: number, digest: string, epoch = 0): Asked {
  const terms = { deadline: 100, unused: 0 };
  const slots = [proof(number, epoch), { kind: "batch", domain, nonce, ...terms } as const];
  const none = { reserveToReserve: [], settlements: [], reserveToCollateral: [], withdrawals: [] };
  const batch: Batch = { entity: alice, nonce, deadline: 100, operations: none };
  return {
    signatures: slots.map((slot) => {
      return { entity: alice, slot, digest: keccakText(digest), alone: false };
    }),
    messages: [{ from: alice, to: bob, payload, signature: 0 }],
    transactions: [{ kind: "batch", batch, signature: 1 }],
  };
}

/** What is told when the guard has signed the first and is asked for the second. */
async function told(first: Asked, second: Asked) {
  const guard = await openGuard(createMemoryJournal());
  guard.admit(first.signatures);
  const answers = guard.admit(second.signatures).map(({ refusal }): Result<Bytes> => {
    return refusal ?? { ok: true, value: payload };
  });
  return takenInputs(second, answers);
}

describe("what the machines are told when the guard refuses", () => {
  it("BFT-4: up to which number it has signed, and that the nonce was another batch's", async () => {
    const number = { kind: "numberTaken", entity: alice, peer: bob, epoch: 0 } as const;
    expect(await told(ask(9, 3, "a"), ask(7, 3, "b"))).to.deep.equal([
      { ...number, number: 7, mark: 9 },
      { kind: "nonceTaken", entity: alice, nonce: 3 },
    ]);
    expect(await told(ask(9, 3, "a"), ask(9, 4, "b"))).to.deep.equal([
      { ...number, number: 9, mark: 9 },
    ]);
  });

  it("BFT-4: nothing where it signed, and nothing of an epoch that has ended", async () => {
    expect(await told(ask(9, 3, "a"), ask(9, 3, "a"))).to.deep.equal([]);
    expect(await told(ask(9, 3, "a", 1), ask(11, 4, "b", 0))).to.deep.equal([]);
  });

  it("QUE-2: nothing where the signer refused for another reason", () => {
    const lost = refuse("notCurrent", "another keeper has the folder");
    expect(takenInputs(ask(9, 3, "a"), [lost, lost])).to.deep.equal([]);
  });
});
