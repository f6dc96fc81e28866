/** Logs of the contracts as chain events: absolute values, unpacked as the interface has them. */
import { parseEventLogs, type RpcLog } from "viem";
import { Depository__factory } from "../../typechain-types/factories/Depository__factory.ts";
import { EntityProvider__factory } from "../../typechain-types/factories/EntityProvider__factory.ts";
import { asBytes32, bytes32FromBigint, fromHex, ZERO_BYTES32 } from "../base/bytes.ts";
import { numberedEntity } from "../codec/identity.ts";
import type { ChainEvent } from "../jurisdiction/types.ts";

const abi = [...Depository__factory.abi, ...EntityProvider__factory.abi] as const;

/** The contract's number for a kind of token whose ids lie within their contract. */
const ERC1155 = 2;

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** Events that no machine looks at are left out. */
export function chainEvents(logs: readonly RpcLog[]): ChainEvent[] {
  const events: ChainEvent[] = [];
  for (const log of parseEventLogs({ abi, logs: [...logs], strict: true })) {
    switch (log.eventName) {
      case "AccountUpdated": {
        const { left, right, tokenEpochNumber: packed, money } = log.args;
        events.push({
          kind: "account",
          left: asBytes32(fromHex(left)),
          right: asBytes32(fromHex(right)),
          token: field(packed, 128, 32),
          epoch: field(packed, 64, 64),
          number: field(packed, 0, 64),
          ondelta: BigInt.asIntN(128, money >> 128n),
          collateral: BigInt.asUintN(128, money),
        });
        break;
      }
      case "ReserveUpdated": {
        const { entity, tokenAndAmount: packed } = log.args;
        events.push({
          kind: "reserve",
          entity: asBytes32(fromHex(entity)),
          token: field(packed, 128, 32),
          amount: BigInt.asUintN(128, packed),
        });
        break;
      }
      case "BatchProcessed":
        events.push({
          kind: "batch",
          entity: asBytes32(fromHex(log.args.entity)),
          nonce: Number(log.args.nonce),
        });
        break;
      case "TokenRegistered":
        events.push({
          kind: "token",
          token: Number(log.args.token),
          contract: fromHex(log.args.asset.toLowerCase() as `0x${string}`),
          assetId: log.args.kind === ERC1155 ? bytes32FromBigint(log.args.assetId) : null,
        });
        break;
      case "EntityRegistered":
        events.push({
          kind: "board",
          entity: numberedEntity(log.args.number),
          boardHash: asBytes32(fromHex(log.args.boardHash)),
        });
        break;
      case "BoardProposed":
        // Replacements are not followed: nobody can tell any more what the chain will take.
        events.push({
          kind: "board",
          entity: numberedEntity(log.args.number),
          boardHash: ZERO_BYTES32,
        });
        break;
      case "PlanCommitted":
        events.push({ kind: "plan", plan: asBytes32(fromHex(log.args.plan)) });
        break;
      default:
        break;
    }
  }
  return events;
}

/**
 * A field of a word. Two sides may agree on a number beyond 2^53 for an account of theirs; no
 * keeper signs such a one, and it must not keep others from reading the block: the largest safe
 * integer stands for all of them.
 */
function field(packed: bigint, shift: number, bits: number): number {
  const value = BigInt.asUintN(bits, packed >> BigInt(shift));
  return Number(value < MOST ? value : MOST);
}
