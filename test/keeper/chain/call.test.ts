import { expect } from "chai";
import { describe, it } from "mocha";
import { type Bytes32, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import { callsOf, SETTLEMENTS_A_CALL } from "../../../keeper/chain/call.ts";
import type { Submission } from "../../../keeper/chain/types.ts";
import { MAX_DIFFS, MAX_TABLE_TOKENS } from "../../../keeper/jurisdiction/limit.ts";
import type { EntityId } from "../../../keeper/jurisdiction/types.ts";
import { MAX_SETTLEMENTS, MAX_SIGNATURES_BYTES, MAX_SIGNERS } from "../../../keeper/plan/limit.ts";

/** What a node takes into its mempool, less the transaction's other fields. */
const NODE_BYTES = 128 * 1024 - 1024;

function entity(index: number): EntityId {
  const id = new Uint8Array(32) as Bytes32;
  id.set([1, index >> 8, index & 0xff]);
  return id;
}

function diffs(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const none = { collateralDiff: 0n, ondeltaDiff: 1n };
    return { token: first + index, leftDiff: -1n, rightDiff: 1n, ...none };
  });
}

/** The settlement of an account of its own in so many tokens, with signatures so long. */
function settlement(index: number, first: number, count: number, bytes = 65): Submission {
  const [left, right] = [entity(2 * index), entity(2 * index + 1)];
  const terms = { epoch: 0, number: 3, deadline: 9, plan: ZERO_BYTES32 };
  return {
    kind: "settlement",
    settlement: { left, right, ...terms, diffs: diffs(first, count) },
    leftSignature: new Uint8Array(bytes),
    rightSignature: new Uint8Array(bytes),
  };
}

/** What calls carry, and that each carries no more than the contract and the nodes take. */
function check(work: readonly Submission[]): number[] {
  const calls = callsOf(work);
  for (const call of calls) {
    const pieces = call.work.flatMap((piece) => (piece.kind === "settlement" ? [piece] : []));
    const all = pieces.flatMap((piece) => piece.settlement.diffs);
    expect(pieces.length).to.be.at.most(SETTLEMENTS_A_CALL);
    expect(all.length).to.be.at.most(MAX_DIFFS);
    expect(new Set(all.map(({ token }) => token)).size).to.be.at.most(MAX_TABLE_TOKENS);
    expect(call.data.length / 2).to.be.at.most(NODE_BYTES);
  }
  expect(calls.flatMap((call) => call.work)).to.deep.equal(work);
  return calls.map((call) => call.work.length);
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe("calls of the Depository", () => {
  it("CHN-3: settlements of many tokens are parted, and none keeps others from landing", () => {
    expect(check(many(70, (index) => settlement(index, 1, 1)))).to.deep.equal([32, 32, 6]);
    expect(check(many(32, (index) => settlement(index, 1, 16)))).to.deep.equal([15, 15, 2]);
    expect(check(many(32, (index) => settlement(index, 1 + 2 * index, 2)))).to.deep.equal([16, 16]);
    expect(check([])).to.deep.equal([]);
  });

  it("CHN-3: however long a peer's board signs, a call stays short enough for every node", () => {
    expect(check(many(4, (index) => settlement(index, 1, 1, 32_768)))).to.deep.equal([1, 1, 1, 1]);
    check(many(32, (index) => settlement(index, 1, 16, 4_000)));
  });

  it("NET-5: the longest certificate and the most that a plan settles go in one transaction", () => {
    const signers = many(MAX_SIGNERS, entity);
    const share = MAX_SIGNATURES_BYTES / MAX_SIGNERS;
    const settlements = many(MAX_SETTLEMENTS, (index) => {
      const ends = { left: entity(2 * index), right: entity(2 * index + 1) };
      const terms = { epoch: 0, number: 0, deadline: 9, plan: ZERO_BYTES32 };
      return { ...ends, ...terms, diffs: diffs(1 + 2 * index, 2) };
    });
    const signatures = signers.map(() => new Uint8Array(share));
    const terms = { legsHash: ZERO_BYTES32, salt: ZERO_BYTES32, commitBy: 9 };
    const commit = { plan: ZERO_BYTES32, signers, settlements, signatures, ...terms };
    check([{ kind: "plan", commit }]);
  });
});
