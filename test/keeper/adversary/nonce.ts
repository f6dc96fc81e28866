/**
 * One entity, its guard, and a chain that takes any batch that was ever signed and can still land,
 * or none; blocks are taken back, and the log is restored from older copies beside a guard that
 * remembers (CHN-3, BFT-4).
 */
import type { Bytes, Bytes32 } from "../../../keeper/base/bytes.ts";
import { toHex } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import type { Result } from "../../../keeper/base/result.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { CommandResult, Entity } from "../../../keeper/entity/types.ts";
import type { Block, ChainEvent } from "../../../keeper/jurisdiction/types.ts";
import type { RuntimeInput, Tick } from "../../../keeper/runtime/input.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { ChainRequest, Runtime } from "../../../keeper/runtime/types.ts";
import { type Guard, openGuard } from "../../../keeper/signer/guard.ts";
import { takenInputs } from "../../../keeper/taken.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { personOf } from "../runtime/world.ts";
import { createMemoryJournal } from "../signer/memory-journal.ts";

const alice = personOf("alice");
const bob = personOf("bob");
const DEPTH = jurisdiction.finalityDepth;
const UNREAD: Bytes = new Uint8Array(65);

type BatchRequest = ChainRequest & { readonly kind: "batch" };

/** A signed batch: whoever has it may bring it to the chain, at any time. */
type Signed = {
  readonly nonce: number;
  readonly deadline: number;
  readonly digest: string;
  /** The command that it was signed for. */
  readonly command: string;
};
type Mined = { readonly block: Block; readonly landed: Signed | null };

export type Nonces = {
  readonly round: () => void;
  /** Ends all faults, and mines until every command has its result. */
  readonly rest: () => void;
  readonly signed: readonly Signed[];
  /** Signed and landed with a final block, by nonce. */
  readonly final: () => readonly (Signed | null)[];
  readonly results: ReadonlyMap<string, CommandResult>;
  readonly commands: () => number;
  readonly refusals: () => number;
  readonly entity: () => Entity;
  /** Throws when two batches of one nonce could both land now. */
  readonly check: () => void;
};

export async function createNonces(seed: number, olderDisks: boolean): Promise<Nonces> {
  const random: Random = createRandom(`nonces ${seed}`);
  const guard: Guard = await openGuard(createMemoryJournal());
  const genesis = () =>
    createRuntime(jurisdiction, [
      { id: alice.id, board: { threshold: 1, members: [{ id: alice.id, weight: 1 }] } },
    ]);
  let runtime: Runtime = genesis();
  let log: Tick[] = [];
  let now = 1_000_000;
  let commands = 0;
  let refusals = 0;
  const mined: Mined[] = [];
  const signed: Signed[] = [];
  const results = new Map<string, CommandResult>();

  function tick(inputs: readonly RuntimeInput[]): void {
    const taken = { now, inputs };
    log.push(taken);
    const next = step(runtime, taken);
    runtime = next.runtime;
    const { signatures, transactions } = next.ready;
    for (const { id, result } of next.ready.results) results.set(id, result);
    const answers = guard.admit(signatures).map(({ refusal }): Result<Bytes> => {
      return refusal ?? { ok: true, value: UNREAD };
    });
    for (const { kind, ...request } of transactions as readonly BatchRequest[]) {
      const { nonce, deadline, operations } = request.batch;
      const isRefused = !answers[request.signature]?.ok;
      if (isRefused) refusals++;
      const digest = toHex(signatures[request.signature]?.digest as Bytes32);
      if (isRefused || signed.some((one) => one.digest === digest)) continue;
      const command = `${kind} ${operations.reserveToReserve[0]?.amount}`;
      signed.push({ nonce, deadline, digest, command });
    }
    const told = takenInputs(next.ready, answers);
    if (told.length > 0) tick(told);
  }

  const nonceAt = (blocks: readonly Mined[]) => blocks.filter(({ landed }) => landed).length;

  /** The miner takes whichever it likes of those that the contract would take. */
  function mine(seconds: number, chance: number): void {
    now += seconds;
    const nonce = nonceAt(mined);
    const possible = signed.filter((one) => one.nonce === nonce && now <= one.deadline);
    const takes = possible.length > 0 && random.chance(chance, 10);
    const landed = takes ? random.pick(possible) : null;
    const height = jurisdiction.deployedAt + mined.length;
    const parentHash = mined.at(-1)?.block.hash ?? keccakText("before");
    const hash = keccakText(`${toHex(parentHash)} ${now} ${landed?.digest}`);
    const events: ChainEvent[] =
      landed === null ? [] : [{ kind: "batch", entity: alice.id, nonce: landed.nonce }];
    if (mined.length === 0) {
      events.push({ kind: "reserve", entity: alice.id, token: 1, amount: 1_000_000n });
    }
    const block = { height, hash, parentHash, timestamp: now, events };
    mined.push({ block, landed });
    tick([{ kind: "chain", input: { kind: "block", block } }]);
  }

  function reorg(): void {
    const depth = random.between(1, DEPTH);
    if (mined.length <= DEPTH + 1) return;
    mined.splice(mined.length - depth);
    const { height, hash } = (mined.at(-1) as Mined).block;
    tick([{ kind: "chain", input: { kind: "reorg", height, hash } }]);
    for (let count = 0; count <= depth; count++) mine(1, 5);
  }

  function command(behind: readonly RuntimeInput[] = []): void {
    commands++;
    const operations = {
      reserveToReserve: [{ to: bob.id, token: 1, amount: BigInt(commands) }],
      settlements: [],
      reserveToCollateral: [],
      withdrawals: [],
    };
    const deadline = now + random.between(1, 40);
    const asked = { kind: "batch", deadline, operations } as const;
    const id = `batch ${commands}`;
    tick([{ kind: "command", entity: alice.id, id, command: asked }, ...behind]);
  }

  /** An older copy of the log; the watcher reads what it does not know as final. */
  function restore(): void {
    const kept = log.slice(0, random.below(log.length + 1));
    log = [];
    runtime = genesis();
    for (const { now: then, inputs } of kept) {
      log.push({ now: then, inputs });
      runtime = step(runtime, { now: then, inputs }).runtime;
    }
    const { final } = runtime.view;
    const inputs: RuntimeInput[] = [{ kind: "start" }];
    if (final !== null) {
      const { height, hash } = final;
      inputs.push({ kind: "chain", input: { kind: "reorg", height, hash } });
    }
    tick(inputs);
    const missed = mined.slice((final?.height ?? 0) + 1 - jurisdiction.deployedAt);
    const told = missed.map(({ block }): RuntimeInput => {
      return { kind: "chain", input: { kind: "block", block } };
    });
    // All that waits goes into one tick: an owner's command too, that came just before.
    if (random.chance(1, 2)) command(told);
    else for (const one of told) tick([one]);
  }

  function finalBlocks(): readonly Mined[] {
    return mined.slice(0, Math.max(0, mined.length - DEPTH));
  }

  function check(): void {
    const blocks = finalBlocks();
    const last = blocks.at(-1)?.block.timestamp ?? 0;
    const nonce = nonceAt(blocks);
    const alive = signed.filter((one) => one.nonce >= nonce && one.deadline > last);
    const nonces = new Set(alive.map((one) => one.nonce));
    if (nonces.size < alive.length) throw new Error(`two could land: ${JSON.stringify(alive)}`);
  }

  tick([{ kind: "start" }]);
  mine(1, 0);
  return {
    round: () => {
      const choice = random.below(20);
      if (choice < 8) command();
      else if (choice < 17) mine(random.pick([1, 1, 2, 5, 30]), 4);
      else if (choice < 19) reorg();
      else if (olderDisks) restore();
      else tick([{ kind: "start" }]);
    },
    rest: () => {
      for (let count = 0; count < 200; count++) mine(20, 0);
    },
    signed,
    final: () => finalBlocks().flatMap(({ landed }) => (landed === null ? [] : [landed])),
    results,
    commands: () => commands,
    refusals: () => refusals,
    entity: () => runtime.entities.get(runtime.interner.find(alice.id)) as Entity,
    check,
  };
}
