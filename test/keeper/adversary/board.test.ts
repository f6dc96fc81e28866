import { expect } from "chai";
import { describe, it } from "mocha";
import { encodeAbiParameters, encodeEventTopics, type Hex, type RpcLog } from "viem";
import { type Bytes32, EMPTY_BYTES, toHex } from "../../../keeper/base/bytes.ts";
import { chainEvents } from "../../../keeper/chain/event.ts";
import { boardHash } from "../../../keeper/codec/board.ts";
import { encodeBoardSignature } from "../../../keeper/codec/board-signature.ts";
import { numberedEntity } from "../../../keeper/codec/identity.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Entity } from "../../../keeper/entity/types.ts";
import type { ChainEvent, EntityId } from "../../../keeper/jurisdiction/types.ts";
import { claimHolds } from "../../../keeper/loop.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Runtime } from "../../../keeper/runtime/types.ts";
import { EntityProvider__factory } from "../../../typechain-types/factories/EntityProvider__factory.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { personOf } from "../runtime/world.ts";
import { sign } from "./cast.ts";

const { abi } = EntityProvider__factory;
const [alice, mallory] = [personOf("alice"), personOf("mallory")];
const NUMBER = 7n;
const board = { threshold: 1, members: [{ id: mallory.id, weight: 1 }] };

function log(topics: unknown, data: Hex): RpcLog {
  return {
    address: toHex(jurisdiction.entityProvider),
    topics: topics as [Hex, ...Hex[]],
    data,
    blockHash: `0x${"00".repeat(32)}`,
    blockNumber: "0x1",
    logIndex: "0x0",
    transactionHash: `0x${"00".repeat(32)}`,
    transactionIndex: "0x0",
    removed: false,
  };
}

function registration(): RpcLog {
  const args = { number: NUMBER, boardHash: toHex(boardHash(board)) };
  return log(encodeEventTopics({ abi, eventName: "EntityRegistered", args }), "0x");
}

function replacement(): RpcLog {
  const args = { number: NUMBER, boardHash: toHex(keccakText("another board")) };
  const data = encodeAbiParameters([{ type: "uint64" }], [1_000_000n]);
  return log(encodeEventTopics({ abi, eventName: "BoardProposed", args }), data);
}

/** Alice's keeper after final blocks with these events. */
function keeperAfter(blocks: readonly (readonly ChainEvent[])[]): Runtime {
  const own = { threshold: 1, members: [{ id: alice.id, weight: 1 }] };
  let runtime = createRuntime(jurisdiction, [{ id: alice.id, board: own }]);
  const empty = Array.from({ length: jurisdiction.finalityDepth }, () => []);
  for (const [index, events] of [...blocks, ...empty].entries()) {
    const height = jurisdiction.deployedAt + index;
    const [parentHash, hash] = [keccakText(`${height - 1}`), keccakText(`${height}`)];
    const block = { height, hash, parentHash, timestamp: height, events };
    const input = { kind: "chain", input: { kind: "block", block } } as const;
    runtime = step(runtime, { now: height, inputs: [input] }).runtime;
  }
  return runtime;
}

/** Whether it hears what Mallory's number claims, signed by the board that it registered. */
function hears(runtime: Runtime): boolean {
  const from = numberedEntity(NUMBER);
  const digest = keccakText("a proof, or a plan's prepared") as Bytes32;
  const signature = encodeBoardSignature({
    board,
    path: EMPTY_BYTES,
    signatures: [{ member: 0, signature: sign({ ...mallory, id: from }, digest) }],
  });
  const claim = { digest, signature };
  const envelope = { from, to: alice.id, connection: 1, payload: EMPTY_BYTES, claim };
  const entity = runtime.entities.get(runtime.interner.find(alice.id)) as Entity;
  const boardOf = (id: EntityId) => entity.boards.get(runtime.interner.find(id)) ?? null;
  return claimHolds(envelope, boardOf);
}

describe("an entity whose board is replaced", () => {
  it("ENT-5 NET-5: is not heard any more: the chain may refuse what its old board signs", () => {
    // Its grace over, it could sign "prepared" by the old board: a certificate for keepers alone.
    expect(hears(keeperAfter([chainEvents([registration()])]))).to.equal(true);
    const both = [chainEvents([registration()]), chainEvents([replacement()])];
    expect(hears(keeperAfter(both))).to.equal(false);
    expect(hears(keeperAfter([both.flat()]))).to.equal(false);
  });
});
