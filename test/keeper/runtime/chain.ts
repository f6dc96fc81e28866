/** A chain in memory for simulations: batches and settlements in, blocks with events out. */
import { type Bytes32, toHex } from "../../../keeper/base/bytes.ts";
import type { Submission } from "../../../keeper/chain/types.ts";
import { verifyEntitySignature } from "../../../keeper/codec/authority.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { depositoryDomain } from "../../../keeper/jurisdiction/digest.ts";
import type {
  Batch,
  Block,
  ChainEvent,
  EntityId,
  Jurisdiction,
  PlanCommit,
  Settlement,
} from "../../../keeper/jurisdiction/types.ts";
import { preparedDigest } from "../../../keeper/plan/digest.ts";

const depository = new Uint8Array(20).fill(0xdd);

export const jurisdiction: Jurisdiction = {
  chainId: 31_337,
  depository,
  entityProvider: new Uint8Array(20).fill(0xee),
  domain: depositoryDomain(31_337, depository),
  deployedAt: 1,
  finalityDepth: 2,
  inclusionMargin: 2,
  responseTime: 600,
};

type Row = { collateral: bigint; ondelta: bigint };

export type SimulatedChain = {
  readonly deposit: (entity: EntityId, token: number, amount: bigint) => void;
  readonly submit: (work: readonly Submission[]) => void;
  /** Takes everything that waits into the next block. */
  readonly mine: (timestamp: number) => Block;
  readonly reserveOf: (entity: EntityId, token: number) => bigint;
  readonly rowOf: (left: EntityId, right: EntityId, token: number) => Row;
  /** Settlements that landed, those of plans included. */
  readonly settled: () => number;
  /** Whether a plan of this hash is committed. */
  readonly hasCommitted: (plan: Bytes32) => boolean;
  /**
   * Takes the newest blocks back; what they held waits again. Tells the block below them.
   * @param depth at most the depth at which blocks become final
   */
  readonly reorg: (depth: number) => { readonly height: number; readonly hash: Bytes32 };
  /** Blocks from this height on, oldest first: what a node reads that was away. */
  readonly blocksFrom: (height: number) => readonly Block[];
  /** What waits is lost. */
  readonly forget: () => void;
  /** While true nothing is included: what comes in waits. */
  readonly jam: (jammed: boolean) => void;
};

/** What a reorg takes back. */
type Books = {
  readonly reserves: Map<string, bigint>;
  readonly rows: Map<string, Row>;
  readonly numbers: Map<string, number>;
  readonly nonces: Map<string, number>;
  readonly committed: Set<string>;
  readonly settled: { count: number };
};

type State = {
  books: Books;
  jammed: boolean;
  waiting: Submission[];
  events: ChainEvent[];
  readonly blocks: Block[];
  /** For each block, what was before it and what it took in. */
  readonly before: { readonly books: Books; readonly taken: readonly Submission[] }[];
  branch: number;
};

export function createChain(): SimulatedChain {
  const state: State = {
    books: {
      reserves: new Map(),
      rows: new Map(),
      numbers: new Map(),
      nonces: new Map(),
      committed: new Set(),
      settled: { count: 0 },
    },
    jammed: false,
    waiting: [],
    events: [],
    blocks: [],
    before: [],
    branch: 0,
  };
  return {
    deposit: (entity, token, amount) => move(state, entity, token, amount),
    submit: (work) => {
      state.waiting.push(...work);
    },
    mine: (timestamp) => mine(state, timestamp),
    reserveOf: (entity, token) => state.books.reserves.get(name(entity, token)) ?? 0n,
    rowOf: (left, right, token) => rowOf(state, left, right, token),
    settled: () => state.books.settled.count,
    hasCommitted: (plan) => state.books.committed.has(toHex(plan)),
    reorg: (depth) => reorg(state, depth),
    blocksFrom: (height) => state.blocks.filter((block) => block.height >= height),
    forget: () => {
      state.waiting = [];
    },
    jam: (jammed) => {
      state.jammed = jammed;
    },
  };
}

function mine(state: State, timestamp: number): Block {
  const taken = state.jammed ? [] : state.waiting;
  state.before.push({ books: structuredClone(state.books), taken });
  if (!state.jammed) state.waiting = [];
  for (const piece of taken) run(state, piece, timestamp);
  const parent = state.blocks.at(-1);
  const height = parent === undefined ? jurisdiction.deployedAt : parent.height + 1;
  const parentHash = parent?.hash ?? hashOf(height - 1, 0);
  const block = { height, hash: hashOf(height, state.branch), parentHash, timestamp };
  state.blocks.push({ ...block, events: state.events });
  state.events = [];
  return state.blocks.at(-1) as Block;
}

function reorg(state: State, depth: number) {
  for (const { books, taken } of state.before.splice(-depth).toReversed()) {
    state.books = books;
    state.waiting.unshift(...taken);
  }
  state.blocks.splice(-depth);
  state.branch++;
  const { height, hash } = state.blocks.at(-1) as Block;
  return { height, hash };
}

function run(state: State, piece: Submission, timestamp: number): void {
  switch (piece.kind) {
    case "batch":
      return runBatch(state, piece.batch);
    case "settlement":
      return runSettlement(state, piece.settlement);
    case "plan":
      return runPlan(state, piece.commit, timestamp);
  }
}

/** As the contract does it: in time, once, with every signature, and all settlements or none. */
function runPlan(state: State, commit: PlanCommit, timestamp: number): void {
  const { plan, commitBy, signers, settlements, signatures } = commit;
  const key = toHex(plan);
  if (timestamp > commitBy || state.books.committed.has(key)) return;
  const digest = preparedDigest(jurisdiction.domain, plan);
  for (const [index, entity] of signers.entries()) {
    const signature = signatures[index] ?? new Uint8Array(0);
    const verified = verifyEntitySignature({ entity, digest, signature });
    if (!verified.ok) throw new Error(`a certificate lacks ${toHex(entity)}`);
  }
  const moves = settlements.flatMap(({ left, right, diffs }) =>
    diffs.flatMap(({ token, leftDiff, rightDiff }) => [
      { entity: left, token, change: leftDiff },
      { entity: right, token, change: rightDiff },
    ]),
  );
  const covered = moves.every(
    ({ entity, token, change }) =>
      (state.books.reserves.get(name(entity, token)) ?? 0n) + change >= 0n,
  );
  if (!covered) return;
  state.books.committed.add(key);
  for (const { entity, token, change } of moves) move(state, entity, token, change);
  state.books.settled.count += settlements.length;
  state.events.push({ kind: "plan", plan });
}

function move(state: State, entity: EntityId, token: number, change: bigint): void {
  const amount = (state.books.reserves.get(name(entity, token)) ?? 0n) + change;
  if (amount < 0n) throw new Error("the chain refuses an overdraft");
  state.books.reserves.set(name(entity, token), amount);
  state.events.push({ kind: "reserve", entity, token, amount });
}

function rowOf(state: State, left: EntityId, right: EntityId, token: number): Row {
  return state.books.rows.get(name(left, right, token)) ?? { collateral: 0n, ondelta: 0n };
}

function put(
  state: State,
  [left, right]: readonly [EntityId, EntityId],
  token: number,
  row: Row,
  number: number,
): void {
  state.books.rows.set(name(left, right, token), row);
  state.events.push({ kind: "account", left, right, token, epoch: 0, number, ...row });
}

function runBatch(state: State, batch: Batch): void {
  const { entity, nonce, operations } = batch;
  const known = state.books.nonces.get(toHex(entity)) ?? 0;
  if (nonce !== known) return;
  state.books.nonces.set(toHex(entity), nonce + 1);
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
  if (number <= (state.books.numbers.get(account) ?? 0)) return;
  state.books.numbers.set(account, number);
  state.books.settled.count++;
  for (const { token, leftDiff, rightDiff, collateralDiff, ondeltaDiff } of diffs) {
    move(state, left, token, leftDiff);
    move(state, right, token, rightDiff);
    const { collateral, ondelta } = rowOf(state, left, right, token);
    const row = { collateral: collateral + collateralDiff, ondelta: ondelta + ondeltaDiff };
    put(state, [left, right], token, row, number);
  }
}

function hashOf(height: number, branch: number): Bytes32 {
  return keccakText(`block ${height} of branch ${branch}`);
}

function name(...parts: readonly (EntityId | number)[]): string {
  return parts.map((part) => (typeof part === "number" ? `${part}` : toHex(part))).join(" ");
}
