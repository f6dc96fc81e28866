import { expect } from "chai";
import { describe, it } from "mocha";
import { encodeFrame } from "../../keeper/account/codec.ts";
import { type Bytes, type Bytes32, toHex, ZERO_BYTES32 } from "../../keeper/base/bytes.ts";
import { createWitness } from "../../keeper/cli/chaos/witness.ts";
import { leafHash } from "../../keeper/codec/merkle.ts";
import { rootDigest } from "../../keeper/codec/root.ts";
import { signDigest } from "../../keeper/codec/signature.ts";
import { encodeEntityMessage } from "../../keeper/entity/codec/message.ts";
import type { EntityMessage } from "../../keeper/entity/message.ts";
import { encodeEnvelope } from "../../keeper/runtime/codec.ts";
import { recordOf } from "../../keeper/signer/recorder.ts";
import {
  alice,
  ask,
  batch,
  keyOf,
  plan,
  proof,
  settlement,
  word,
} from "../keeper/signer/fixture.ts";

const bob = keyOf("bob");

/** An envelope from alice to bob that claims her signature under a digest. */
function envelope(message: EntityMessage, digest: Bytes32, key = alice.privateKey): Bytes {
  const signature = signDigest(key, rootDigest(leafHash(alice.entity, digest)));
  const payload = encodeEntityMessage(message);
  const claim = { digest, signature };
  return encodeEnvelope({ from: alice.entity, to: bob.entity, connection: 0, payload, claim });
}

function frame(number: number): EntityMessage {
  const bytes = encodeFrame({
    epoch: 0,
    number,
    previousHash: ZERO_BYTES32,
    timestamp: 1,
    transactions: [],
    stateRoot: ZERO_BYTES32,
  });
  return { kind: "account", message: { kind: "frame", frame: bytes } };
}

const given = (number: number): EntityMessage => ({
  kind: "account",
  message: { kind: "settlement", number },
});
const prepared: EntityMessage = {
  kind: "plan",
  message: { kind: "prepared", plan: word("plan") },
};
const line = (...asked: Parameters<typeof ask>) => JSON.stringify(recordOf(ask(...asked)));

describe("the witness of chaos", () => {
  it("TST-4: is content with signatures that are on record, each slot once", () => {
    const witness = createWitness();
    witness.hear(envelope(frame(3), word("a")));
    witness.hear(envelope(given(5), word("b")));
    witness.hear(envelope(prepared, word("c")));
    const lines = [line(proof(3), "a"), line(settlement(5), "b"), line(plan("plan"), "c"), ""];
    const { doubleSignatures, faults, heard, recorded } = witness.judge([...lines, ...lines]);
    expect([doubleSignatures, faults]).to.deep.equal([[], []]);
    expect([heard, recorded]).to.deep.equal([3, 6]);
  });

  it("ACC-9: a number that a proof and a settlement share is signed twice", () => {
    const { doubleSignatures } = createWitness().judge([
      line(proof(3), "a"),
      line(settlement(3), "b"),
    ]);
    expect(doubleSignatures.map(({ first, second }) => [first, second])).to.deep.equal([
      [toHex(word("a")), toHex(word("b"))],
    ]);
  });

  it("ACC-6: a frame's number with two digests, a plan with two, are signed twice", () => {
    for (const slot of [proof(3), plan("plan")]) {
      const { doubleSignatures } = createWitness().judge([line(slot, "a"), line(slot, "b")]);
      expect(doubleSignatures).to.have.length(1);
    }
  });

  it("CHN-3: a batch may follow one of its nonce that was void by then, and no other", () => {
    const signedTwice = (unused: number) => {
      const lines = [line(batch(2, 100), "a"), line(batch(2, 200, unused), "b")];
      return createWitness().judge(lines).doubleSignatures.length;
    };
    expect([0, 100, 101].map(signedTwice)).to.deep.equal([1, 1, 0]);
  });

  it("TST-4: what left and is on no record, or on record as another, is a fault", () => {
    const witness = createWitness();
    witness.hear(envelope(frame(3), word("a")));
    expect(witness.judge([]).faults).to.have.length(1);
    expect(witness.judge([line(proof(5), "a")]).faults).to.have.length(1);
    expect(witness.judge([line(settlement(3), "a")]).faults).to.have.length(1);
    expect(witness.judge([line(proof(3), "a")]).faults).to.have.length(0);
  });

  it("NETW-2: a claim that its sender did not sign is a fault", () => {
    const witness = createWitness();
    witness.hear(envelope(frame(3), word("a"), bob.privateKey));
    expect(witness.judge([line(proof(3), "a")]).faults).to.have.length(1);
  });

  it("TST-4: a record that cannot be read is a fault", () => {
    expect(createWitness().judge(['{"entity":']).faults).to.have.length(1);
  });
});
