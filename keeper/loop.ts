/**
 * The only loop. Takes all that waits, steps the runtime, and does what `Ready` says in the order
 * that `Ready` states: append and sync, sign, then release, then the next tick (ARC-3).
 */
import { type Bytes, type Bytes32, equalBytes, toHex } from "./base/bytes.ts";
import type { Result } from "./base/result.ts";
import type { Submission } from "./chain/types.ts";
import { verifyEntitySignature } from "./codec/authority.ts";
import type { CommandId, CommandResult } from "./entity/types.ts";
import type { EntityId } from "./jurisdiction/types.ts";
import type { Log } from "./observe/types.ts";
import { asLogged, encodeEnvelope } from "./runtime/codec.ts";
import type { Envelope, RuntimeInput } from "./runtime/input.ts";
import { step } from "./runtime/step.ts";
import type { ChainRequest, OutgoingMessage, Ready, Runtime } from "./runtime/types.ts";
import type { Signer } from "./signer/types.ts";
import type { Store } from "./store/types.ts";
import { takenInputs } from "./taken.ts";

/** What the loop drives; the composition root hands them in. */
export type Parts = {
  readonly store: Store;
  readonly signer: Signer;
  readonly log: Log;
  /** Unix seconds. */
  readonly clock: () => number;
  readonly send: (connection: number, messages: readonly Bytes[]) => void;
  readonly submit: (work: readonly Submission[]) => void;
  /** Told after each tick is durable and released: metrics, checkpoints, audits. */
  readonly released: (ready: Ready, runtime: Runtime) => Promise<void> | void;
  /**
   * Told at the moments at which a crash must do no harm, and whether the tick signs anything;
   * tests kill the process there.
   */
  readonly probe: (moment: Moment, signs: boolean) => void;
  /** Going on would be wrong; the process is to stop. */
  readonly halt: (reason: Error) => void;
};

/** Where a crash is tried: each leaves another part of a tick done. */
export const moments = [
  "beforeSync",
  "afterSync",
  "afterSigning",
  "afterSubmit",
  "afterCertificate",
] as const;

export type Moment = (typeof moments)[number];

export type Loop = {
  readonly runtime: () => Runtime;
  /** Puts inputs behind those that wait. */
  readonly push: (inputs: readonly RuntimeInput[]) => void;
  /** Runs a command and resolves when its result is durable. */
  readonly command: (input: RuntimeInput & { kind: "command" }) => Promise<CommandResult>;
  /** Resolves when the tick under way has been released; takes no further one. */
  readonly stop: () => Promise<void>;
};

/** Inputs of one tick at most: a bound on memory and on the time to the next sync. */
const TICK_INPUTS_MAX = 10_000;
/** Bytes of one tick, about: its record must stay below what the store takes in one entry. */
const TICK_BYTES_MAX = 32 * 1024 * 1024;
/** Bytes of an owner's transaction in the log, at most. */
const TRANSACTION_BYTES_MAX = 48;

export function startLoop(initial: Runtime, parts: Parts): Loop {
  let runtime = initial;
  let waiting: RuntimeInput[] = [];
  let stopped = false;
  let ring: (() => void) | null = null;
  /** By entity and id: two entities may have a command of the same name. */
  const askers = new Map<string, ((result: CommandResult) => void)[]>();

  function push(inputs: readonly RuntimeInput[]): void {
    for (const input of inputs) waiting.push(input);
    if (waiting.length > 0) ring?.();
  }

  function take(): RuntimeInput[] {
    const count = countOfTick(waiting);
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return taken;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          ring = resolve;
        });
        ring = null;
        continue;
      }
      await turn();
    }
  }

  async function turn(): Promise<void> {
    const tick = { now: parts.clock(), inputs: take() };
    const { runtime: next, ready } = step(runtime, tick);
    runtime = next;
    const { height, record, root } = ready;
    const signs = ready.signatures.length > 0;
    parts.probe("beforeSync", signs);
    // The guard never knows of more than a log that is whole: what replay proposes anew it has not
    // refused. Of one that was restored from an older disk it does (see `takenInputs`).
    await parts.store.append([{ height, record, root }]);
    parts.probe("afterSync", signs);
    const signatures = await parts.signer.sign(ready.signatures);
    if (ready.messages.length > 0) parts.probe("afterSigning", signs);
    if (ready.notices.some(({ kind }) => kind === "certified"))
      parts.probe("afterCertificate", true);
    release(ready, signatures);
    // Before all that waits: a block with another batch of the nonce must not be read first.
    waiting = [...takenInputs(ready, signatures), ...waiting];
    await parts.released(ready, runtime);
    if (ready.halt !== null) throw new Error(`${ready.halt.code}: ${ready.halt.message}`);
  }

  function release(ready: Ready, signatures: readonly Result<Bytes>[]): void {
    report(ready, signatures);
    const remote = new Map<number, Bytes[]>();
    for (const message of ready.messages) {
      const envelope = seal(message, ready, signatures);
      if (envelope !== null) route(envelope, remote);
    }
    for (const [connection, messages] of remote) parts.send(connection, messages);
    const work = ready.transactions.flatMap((request) => submission(request, signatures) ?? []);
    if (work.length > 0) parts.submit(work);
    for (const { entity, id, result } of ready.results) answer(askerKey(entity, id), result);
  }

  /** A message whose signature the guard refused does not leave. */
  function seal(
    message: OutgoingMessage,
    ready: Ready,
    signatures: readonly Result<Bytes>[],
  ): Envelope | null {
    const { from, to, payload, signature: index } = message;
    if (index < 0) return { from, to, connection: 0, payload, claim: null };
    const signature = signatures[index];
    const digest = ready.signatures[index]?.digest as Bytes32;
    if (!signature?.ok) return null;
    return { from, to, connection: 0, payload, claim: { digest, signature: signature.value } };
  }

  function route(envelope: Envelope, remote: Map<number, Bytes[]>): void {
    const index = runtime.interner.find(envelope.to);
    if (index >= 0 && runtime.entities.has(index)) {
      const connection = runtime.local;
      waiting.push({ kind: "message", envelope: { ...envelope, connection } });
      return;
    }
    const connection = index < 0 ? undefined : runtime.links.get(index);
    if (connection === undefined) return;
    const bytes = encodeEnvelope(envelope);
    const batch = remote.get(connection);
    if (batch) batch.push(bytes);
    else remote.set(connection, [bytes]);
  }

  function report(ready: Ready, signatures: readonly Result<Bytes>[]): void {
    for (const notice of ready.notices) {
      if (notice.kind !== "alarm" && notice.kind !== "refusedBlock") continue;
      const { code, message, details } = notice.refusal;
      parts.log.write("warn", notice.kind, { ...details, code, message });
    }
    for (const signature of signatures) {
      if (signature.ok) continue;
      const { code, message } = signature.refusal;
      parts.log.write("error", "signature refused", { code, message });
    }
  }

  function answer(key: string, result: CommandResult): void {
    for (const tell of askers.get(key) ?? []) tell(result);
    askers.delete(key);
  }

  /** What runs is what the log will give back; what it could not give back is refused here. */
  function command(input: RuntimeInput & { kind: "command" }): Promise<CommandResult> {
    const logged = asLogged(input);
    if (!logged.ok) return Promise.resolve({ ok: false, refusal: logged.refusal });
    const key = askerKey(logged.value.entity, logged.value.id);
    return new Promise((resolve) => {
      const others = askers.get(key);
      if (others) others.push(resolve);
      else askers.set(key, [resolve]);
      push([logged.value]);
    });
  }

  const running = run().catch((reason: unknown) => {
    stopped = true;
    parts.halt(reason instanceof Error ? reason : new Error(String(reason)));
  });

  return {
    runtime: () => runtime,
    push,
    command,
    stop: async () => {
      stopped = true;
      ring?.();
      await running;
    },
  };
}

/** How many of those that wait one tick takes; never none. */
function countOfTick(waiting: readonly RuntimeInput[]): number {
  const most = Math.min(waiting.length, TICK_INPUTS_MAX);
  let bytes = 0;
  for (let count = 0; count < most; count++) {
    bytes += sizeOf(waiting[count] as RuntimeInput);
    if (bytes > TICK_BYTES_MAX && count > 0) return count;
  }
  return most;
}

function sizeOf(input: RuntimeInput): number {
  if (input.kind === "message") return input.envelope.payload.length;
  if (input.kind !== "command" || input.command.kind !== "transact") return 0;
  return input.command.transactions.length * TRANSACTION_BYTES_MAX;
}

function askerKey(entity: EntityId, id: CommandId): string {
  return `${toHex(entity)} ${id}`;
}

function submission(
  request: ChainRequest,
  signatures: readonly Result<Bytes>[],
): Submission | null {
  if (request.kind === "plan") return request;
  const own = signatures[request.signature];
  if (!own?.ok) return null;
  if (request.kind === "batch") {
    return { kind: "batch", batch: request.batch, signature: own.value };
  }
  const { settlement, by, peerSignature } = request;
  const weAreLeft = equalBytes(settlement.left, by);
  return {
    kind: "settlement",
    settlement,
    leftSignature: weAreLeft ? own.value : peerSignature,
    rightSignature: weAreLeft ? peerSignature : own.value,
  };
}

/** True when the envelope claims nothing, or its signature is the sender's under its digest. */
export function claimHolds(
  envelope: Envelope,
  boardHash: (id: EntityId) => Bytes32 | null,
): boolean {
  const { claim, from } = envelope;
  if (claim === null) return true;
  const { digest, signature } = claim;
  return verifyEntitySignature({ entity: from, digest, signature, boardHash }).ok;
}
