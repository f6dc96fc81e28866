/** A chain in memory for simulations: batches and settlements in, blocks with events out. */
import { type Bytes32, toHex } from "../../../keeper/base/bytes.ts";
import type { Submission } from "../../../keeper/chain/types.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { depositoryDomain } from "../../../keeper/jurisdiction/digest.ts";
import type {
  Batch,
  Block,
  ChainEvent,
  EntityId,
  Jurisdiction,
  Settlement,
} from "../../../keeper/jurisdiction/types.ts";

const depository = new Uint8Array(20).fill(0xdd);

export const jurisdiction: Jurisdiction = {
  chainId: 31_337,
  depository,
  entityProvider: new Uint8Array(20).fill(0xee),
  domain: depositoryDomain(31_337, depository),
  deployedAt: 1,
  finalityDepth: 2,
  inclusionMargin: 2,
  responseTime: 60,
};

type Row = { collateral: bigint; ondelta: bigint };

export type SimulatedChain = {
  readonly deposit: (entity: EntityId, token: number, amount: bigint) => void;
  readonly submit: (work: readonly Submission[]) => void;
  /** Takes everything that waits into the next block. */
  readonly mine: (timestamp: number) => Block;
  readonly reserveOf: (entity: EntityId, token: number) => bigint;
  readonly rowOf: (left: EntityId, right: EntityId, token: number) => Row;
  /** Settlements that landed. */
  readonly settled: () => number;
};

export function createChain(): SimulatedChain {
  const reserves = new Map<string, bigint>();
  const rows = new Map<string, Row>();
  const numbers = new Map<string, number>();
  const nonces = new Map<string, number>();
  let waiting: Submission[] = [];
  let events: ChainEvent[] = [];
  let height = jurisdiction.deployedAt - 1;
  let parentHash = hashOf(height);
  let settled = 0;

  const reserveOf = (entity: EntityId, token: number) => reserves.get(name(entity, token)) ?? 0n;

  function move(entity: EntityId, token: number, change: bigint): void {
    const amount = reserveOf(entity, token) + change;
    if (amount < 0n) throw new Error("the chain refuses an overdraft");
    reserves.set(name(entity, token), amount);
    events.push({ kind: "reserve", entity, token, amount });
  }

  const rowOf = (left: EntityId, right: EntityId, token: number) =>
    rows.get(name(left, right, token)) ?? { collateral: 0n, ondelta: 0n };

  function put(left: EntityId, right: EntityId, token: number, row: Row, number: number): void {
    rows.set(name(left, right, token), row);
    events.push({ kind: "account", left, right, token, epoch: 0, number, ...row });
  }

  function runBatch(batch: Batch): void {
    const { entity, nonce, operations } = batch;
    const known = nonces.get(toHex(entity)) ?? 0;
    if (nonce !== known) return;
    nonces.set(toHex(entity), nonce + 1);
    for (const { payee, counterparty, token, amount } of operations.reserveToCollateral) {
      move(entity, token, -amount);
      const payeeIsLeft = toHex(payee) < toHex(counterparty);
      const [left, right] = payeeIsLeft ? [payee, counterparty] : [counterparty, payee];
      const { collateral, ondelta } = rowOf(left, right, token);
      const moved = payeeIsLeft ? ondelta + amount : ondelta;
      put(left, right, token, { collateral: collateral + amount, ondelta: moved }, 0);
    }
    events.push({ kind: "batch", entity, nonce });
  }

  function runSettlement({ left, right, number, diffs }: Settlement): void {
    const account = name(left, right);
    if (number <= (numbers.get(account) ?? 0)) return;
    numbers.set(account, number);
    settled++;
    for (const { token, leftDiff, rightDiff, collateralDiff, ondeltaDiff } of diffs) {
      move(left, token, leftDiff);
      move(right, token, rightDiff);
      const { collateral, ondelta } = rowOf(left, right, token);
      const row = { collateral: collateral + collateralDiff, ondelta: ondelta + ondeltaDiff };
      put(left, right, token, row, number);
    }
  }

  return {
    deposit: (entity, token, amount) => move(entity, token, amount),
    submit: (work) => {
      waiting.push(...work);
    },
    mine: (timestamp) => {
      for (const piece of waiting) {
        if (piece.kind === "batch") runBatch(piece.batch);
        else runSettlement(piece.settlement);
      }
      waiting = [];
      height++;
      const block = { height, hash: hashOf(height), parentHash, timestamp, events };
      events = [];
      parentHash = block.hash;
      return block;
    },
    reserveOf,
    rowOf,
    settled: () => settled,
  };
}

function hashOf(height: number): Bytes32 {
  return keccakText(`block ${height}`);
}

function name(...parts: readonly (EntityId | number)[]): string {
  return parts.map((part) => (typeof part === "number" ? `${part}` : toHex(part))).join(" ");
}
