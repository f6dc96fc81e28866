import { expect } from "chai";
import { describe, it } from "mocha";
import { ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import type { Submission } from "../../../keeper/chain/types.ts";
import { numberedEntity } from "../../../keeper/codec/identity.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { submissionJob, submissionOf } from "../../../keeper/submission.ts";

const [left, right] = [numberedEntity(1n), numberedEntity(2n)];

const settlement: Submission = {
  kind: "settlement",
  settlement: {
    left,
    right,
    epoch: 0,
    number: 5,
    deadline: 1_000,
    plan: ZERO_BYTES32,
    diffs: [{ token: 1, leftDiff: -7n, rightDiff: 7n, collateralDiff: 0n, ondeltaDiff: 7n }],
  },
  leftSignature: new Uint8Array(65).fill(1),
  rightSignature: new Uint8Array(97).fill(2),
};

const batch: Submission = {
  kind: "batch",
  batch: {
    entity: left,
    nonce: 0,
    deadline: 1_000,
    operations: {
      reserveToReserve: [{ to: right, token: 1, amount: 9n }],
      settlements: [],
      reserveToCollateral: [],
      withdrawals: [],
    },
  },
  signature: new Uint8Array(65).fill(3),
};

const plan: Submission = {
  kind: "plan",
  commit: {
    plan: keccakText("a plan"),
    signers: [left, right],
    legsHash: keccakText("legs"),
    settlements: [],
    salt: keccakText("salt"),
    commitBy: 1_000,
    signatures: [new Uint8Array(65).fill(4), new Uint8Array(97).fill(5)],
  },
};

describe("work for the chain as jobs", () => {
  for (const piece of [settlement, batch, plan]) {
    it(`QUE-1: a ${piece.kind} comes back as it went in`, () => {
      const { data } = submissionJob(piece, 1);
      expect(submissionOf(JSON.parse(JSON.stringify(data)))).to.deep.equal(piece);
    });
  }

  it("QUE-1: the same work has the same job until the process starts anew", () => {
    const { id } = submissionJob(settlement, 1);
    expect(submissionJob(settlement, 1).id).to.equal(id);
    expect(submissionJob(settlement, 2).id).to.not.equal(id);
    const ids = [settlement, batch, plan].map((piece) => submissionJob(piece, 1).id);
    expect(new Set(ids).size).to.equal(3);
    for (const each of ids) expect(each).to.match(/^[A-Za-z0-9/]{1,200}$/);
  });

  it("QUE-1: a job that nobody of ours put in is an error, not work", () => {
    expect(() => submissionOf({ work: "0xc0" })).to.throw("chain-submit");
    expect(() => submissionOf({ work: 7 })).to.throw();
  });
});
