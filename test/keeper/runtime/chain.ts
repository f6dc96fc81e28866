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

type State = {
  readonly reserves: Map<string, bigint>;
  readonly rows: Map<string, Row>;
  readonly numbers: Map<string, number>;
  readonly nonces: Map<string, number>;
  waiting: Submission[];
  events: ChainEvent[];
  height: number;
  parentHash: Bytes32;
  settled: number;
};

export function createChain(): SimulatedChain {
  const state: State = {
    reserves: new Map(),
    rows: new Map(),
    numbers: new Map(),
    nonces: new Map(),
    waiting: [],
    events: [],
    height: jurisdiction.deployedAt - 1,
    parentHash: hashOf(jurisdiction.deployedAt - 1),
    settled: 0,
  };
  return {
    deposit: (entity, token, amount) => move(state, entity, token, amount),
    submit: (work) => {
      state.waiting.push(...work);
    },
    mine: (timestamp) => mine(state, timestamp),
    reserveOf: (entity, token) => state.reserves.get(name(entity, token)) ?? 0n,
    rowOf: (left, right, token) => rowOf(state, left, right, token),
    settled: () => state.settled,
  };
}

function mine(state: State, timestamp: number): Block {
  for (const piece of state.waiting) {
    if (piece.kind === "batch") runBatch(state, piece.batch);
    else runSettlement(state, piece.settlement);
  }
  state.waiting = [];
  state.height++;
  const { height, parentHash, events } = state;
  const block = { height, hash: hashOf(height), parentHash, timestamp, events };
  state.events = [];
  state.parentHash = block.hash;
  return block;
}

function move(state: State, entity: EntityId, token: number, change: bigint): void {
  const amount = (state.reserves.get(name(entity, token)) ?? 0n) + change;
  if (amount < 0n) throw new Error("the chain refuses an overdraft");
  state.reserves.set(name(entity, token), amount);
  state.events.push({ kind: "reserve", entity, token, amount });
}

function rowOf(state: State, left: EntityId, right: EntityId, token: number): Row {
  return state.rows.get(name(left, right, token)) ?? { collateral: 0n, ondelta: 0n };
}

function put(
  state: State,
  [left, right]: readonly [EntityId, EntityId],
  token: number,
  row: Row,
  number: number,
): void {
  state.rows.set(name(left, right, token), row);
  state.events.push({ kind: "account", left, right, token, epoch: 0, number, ...row });
}

function runBatch(state: State, batch: Batch): void {
  const { entity, nonce, operations } = batch;
  const known = state.nonces.get(toHex(entity)) ?? 0;
  if (nonce !== known) return;
  state.nonces.set(toHex(entity), nonce + 1);
  for (const { payee, counterparty, token, amount } of operations.reserveToCollateral) {
    move(state, entity, token, -amount);
    const payeeIsLeft = toHex(payee) < toHex(counterparty);
    const sides = payeeIsLeft ? ([payee, counterparty] as const) : ([counterparty, payee] as const);
    const { collateral, ondelta } = rowOf(state, ...sides, token);
    const moved = payeeIsLeft ? ondelta + amount : ondelta;
    put(state, sides, token, { collateral: collateral + amount, ondelta: moved }, 0);
  }
  state.events.push({ kind: "batch", entity, nonce });
}

function runSettlement(state: State, { left, right, number, diffs }: Settlement): void {
  const account = name(left, right);
  if (number <= (state.numbers.get(account) ?? 0)) return;
  state.numbers.set(account, number);
  state.settled++;
  for (const { token, leftDiff, rightDiff, collateralDiff, ondeltaDiff } of diffs) {
    move(state, left, token, leftDiff);
    move(state, right, token, rightDiff);
    const { collateral, ondelta } = rowOf(state, left, right, token);
    const row = { collateral: collateral + collateralDiff, ondelta: ondelta + ondeltaDiff };
    put(state, [left, right], token, row, number);
  }
}

function hashOf(height: number): Bytes32 {
  return keccakText(`block ${height}`);
}

function name(...parts: readonly (EntityId | number)[]): string {
  return parts.map((part) => (typeof part === "number" ? `${part}` : toHex(part))).join(" ");
}
