import { expect } from "chai";
import { describe, it } from "mocha";
import { encodeAbiParameters, encodeEventTopics, type Hex, type RpcLog } from "viem";

import { fromHex } from "../../../keeper/base/bytes.ts";
import { chainEvents } from "../../../keeper/chain/event.ts";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";

const { abi } = Depository__factory;
const asset: Hex = `0x${"ab".repeat(20)}`;

/** The log of a token's registration, as a node gives it. */
function registered(token: number, kind: number, assetId: bigint): RpcLog {
  const topics = encodeEventTopics({ abi, eventName: "TokenRegistered", args: { token, asset } });
  return {
    address: `0x${"cd".repeat(20)}`,
    topics: topics as [Hex, ...Hex[]],
    data: encodeAbiParameters([{ type: "uint8" }, { type: "uint256" }], [kind, assetId]),
    blockHash: `0x${"00".repeat(32)}`,
    blockNumber: "0x1",
    logIndex: "0x0",
    transactionHash: `0x${"00".repeat(32)}`,
    transactionIndex: "0x0",
    removed: false,
  };
}

describe("logs as chain events", () => {
  it("DEP-1: a token says which of its contract's it is, if that has many", () => {
    const most = 2n ** 256n - 1n;
    const events = chainEvents([
      registered(1, 1, 0n),
      registered(2, 2, 0n),
      registered(3, 2, most),
    ]);
    const contract = fromHex(asset);
    expect(events).to.deep.equal([
      { kind: "token", token: 1, contract, assetId: null },
      { kind: "token", token: 2, contract, assetId: new Uint8Array(32) },
      { kind: "token", token: 3, contract, assetId: new Uint8Array(32).fill(255) },
    ]);
  });
});
