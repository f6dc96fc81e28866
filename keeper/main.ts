/**
 * The composition root: one keeper process. Opens the store, recovers the runtime, opens signer,
 * wire, chain and queue, hands them to the loop and to one another, and takes them down in order.
 */
import { type Awaiting, createAwaiting } from "./awaiting.ts";
import { type Bytes32, fromHex, toHex } from "./base/bytes.ts";
import { hangBell } from "./bell.ts";
import { createClient } from "./chain/client.ts";
import { type Mismatch, mismatchOf } from "./chain/standing.ts";
import { createSubmitter } from "./chain/submitter.ts";
import type { Submission, Submitter, Watcher } from "./chain/types.ts";
import { createWatcher } from "./chain/watcher.ts";
import { type CheckpointWriter, createCheckpointWriter } from "./checkpointing.ts";
import { Failure } from "./cli/failure.ts";
import { verifyEntitySignature } from "./codec/authority.ts";
import type { Config } from "./config.ts";
import type { Entity } from "./entity/types.ts";
import { genesisOf, jurisdictionOf } from "./genesis.ts";
import { createHearing } from "./hearing.ts";
import { parseIngress, resultJson } from "./ingress.ts";
import type { EntityId, Jurisdiction } from "./jurisdiction/types.ts";
import { type Loop, type Moment, startLoop } from "./loop.ts";
import { runNettingStage } from "./netting-flow.ts";
import type { Health, Log } from "./observe/types.ts";
import { olderEntities } from "./older.ts";
import { createMemoryQueue } from "./queue/memory.ts";
import { createRedisQueue } from "./queue/redis.ts";
import type { Handler, Json, Queue, Work } from "./queue/types.ts";
import { type Recovered, recover } from "./recovery.ts";
import type { RuntimeInput } from "./runtime/input.ts";
import type { Ready, Runtime } from "./runtime/types.ts";
import { readKeys } from "./signer/keys.ts";
import { createRecorder } from "./signer/recorder.ts";
import { openSigner } from "./signer/signer.ts";
import type { Signer, SignerKey } from "./signer/types.ts";
import { openStore } from "./store/store.ts";
import type { Store } from "./store/types.ts";
import { submissionJob, submissionOf } from "./submission.ts";
import type { Proof, Wire, WireEvent } from "./wire/types.ts";
import { createWire } from "./wire/wire.ts";

/** Commands of one keeper that are under way at once. */
const INGRESS_CONCURRENCY = 1_000;
/** Jobs that hand work to the submitter at once; each ends as soon as the submitter has it. */
const SUBMIT_CONCURRENCY = 100;
/** Stages of rounds of netting that are under way at once. */
const NETTING_CONCURRENCY = 4;
/** Milliseconds from one ring for a checkpoint to the next. */
const CHECKPOINT_MS = 1_000;

export type KeeperOptions = {
  readonly log: Log;
  readonly probe?: (moment: Moment, signs: boolean) => void;
  readonly released?: (ready: Ready, runtime: Runtime) => void;
  readonly halt: (reason: Error) => void;
  /** Cuts off a bad end of the log even where it may have been durable. */
  readonly dropBadTail?: boolean;
  /** Takes the data folder from an owner that cannot be seen from here. */
  readonly takeOver?: boolean;
};

export type Keeper = {
  readonly address: { readonly host: string; readonly port: number };
  readonly loop: Loop;
  readonly queue: Queue;
  readonly health: () => Health;
  readonly stop: () => Promise<void>;
};

/** The names of a keeper's queues carry the network's prefix and the keeper's own name. */
export function queuePrefix(config: Pick<Config, "prefix" | "name">): string {
  return `${config.prefix}-${config.name}`;
}

/** Starts everything; resolves when the keeper takes commands. */
export async function startKeeper(config: Config, options: KeeperOptions): Promise<Keeper> {
  const { log } = options;
  // Before anything is opened: a file that will not do is the commonest fault.
  const gasKey = await gasKeyOf(config);
  const probe = options.probe ?? (() => {});
  const keys = await readKeys(config.keys);
  const jurisdiction = jurisdictionOf(config);
  const trouble = (event: string, detail: string) => log.write("warn", event, { detail });
  await refuseOtherContracts(config, jurisdiction, trouble);
  const { dropBadTail = false, takeOver = false } = options;
  const store = await openStore({ folder: config.data, dropBadTail, takeOver });
  for (const notice of store.notices) log.write("warn", "store", { notice });
  const found = await recoverFrom(store, genesisOf(jurisdiction, keys));
  const { runtime: recovered, checkpoint, checkpoints, replayed } = found;
  log.write("info", "recovered", { height: recovered.height, checkpoint, replayed });
  const signer = await signerOf(config, store, keys);
  const boardHash = (id: EntityId) => boardHashOf(loop.runtime(), id);
  let connections = recovered.connections + 1;
  let hear: (event: WireEvent) => void = () => {};
  const wire = createWire({
    listen: config.listen,
    dial: config.dial,
    nextConnection: () => ++connections,
    prove: (challenge) => proofsOf(signer, challenge),
    check: ({ entity, signature }, digest) =>
      verifyEntitySignature({ entity, digest, signature, boardHash }).ok,
    report: (event) => hear(event),
  });
  const submitter = submitterOf(config, gasKey, { log, probe, trouble });
  const queue = openQueue(config, trouble);
  const { checkpointTicks: everyTicks } = config;
  const { halt } = options;
  const progress = { checkpoints, everyTicks, newest: checkpoint };
  const checkpointing = createCheckpointWriter({ store, ...progress, log, halt });
  const awaiting = createAwaiting();
  const loop = startLoop(recovered, {
    store,
    signer,
    log,
    clock: () => Math.floor(Date.now() / 1_000),
    send: wire.send,
    submit: (work) => ring(queue, submitter, work, loop.runtime().local, trouble),
    released: (ready, runtime) => {
      checkpointing.released(runtime);
      awaiting.released(runtime);
      return options.released?.(ready, runtime);
    },
    probe,
    halt,
  });
  const watcher = watcherOf(config, jurisdiction, loop, trouble);

  hear = createHearing({ loop, wire, log, boardHash });
  loop.push(firstInputs(recovered, signer, log));
  const { view } = recovered;
  watcher.start(view.final === null ? [] : [view.final, ...view.recent]);
  const address = await wire.start();
  const stopping = new AbortController();
  takeWork(queue, { loop, submitter, jurisdiction, log, awaiting }, stopping.signal);
  const bells = hangBells(queue, config, { watcher, checkpointing, trouble });
  log.write("info", "ready", { port: address.port, entities: keys.length, queue: queue.kind });

  /** From the outside in: what brings work first, what keeps it last. */
  async function stop(): Promise<void> {
    stopping.abort();
    for (const silence of bells) silence();
    await queue.close();
    for (const part of [watcher, submitter, wire, loop, checkpointing]) await part.stop();
    for (const part of [signer, store]) await part.close();
  }

  const health = () => healthOf({ loop, queue, wire, watcher });
  return { address, loop, queue, health, stop };
}

function healthOf(parts: {
  readonly loop: Loop;
  readonly queue: Queue;
  readonly wire: Wire;
  readonly watcher: Watcher;
}): Health {
  const runtime = parts.loop.runtime();
  return {
    ok: true,
    height: runtime.height,
    chainHead: parts.watcher.head(),
    chainFinal: runtime.view.final?.height ?? null,
    peers: parts.wire.connections(),
    queue: parts.queue.kind,
    faults: [],
  };
}

/** A node that is away is waited for; one that has other contracts is a mistake of the config. */
async function refuseOtherContracts(
  { chain }: Config,
  jurisdiction: Jurisdiction,
  trouble: Trouble,
): Promise<void> {
  let mismatch: Mismatch | null;
  try {
    mismatch = await mismatchOf(createClient(chain.rpc, chain.pollMs), jurisdiction);
  } catch (error) {
    trouble("chain cannot be read", (error as Error).message.split("\n")[0] ?? "");
    return;
  }
  if (mismatch === null) return;
  const { key, message } = mismatch;
  throw new Failure("chain-mismatch", `chain.${key}: ${message}`, "name what Ignition deployed");
}

/** A process began; what its guard says of its log comes before anything is signed. */
function firstInputs(recovered: Runtime, signer: Signer, log: Log): readonly RuntimeInput[] {
  const older = olderEntities(recovered, signer);
  for (const entity of older) log.write("error", "older disk", { entity: toHex(entity) });
  return [...older.map((entity) => ({ kind: "older", entity }) as const), { kind: "start" }];
}

/**
 * Rings the submitter's bell through the queue; the work is asked for again after a restart. A
 * plan's commit must land within minutes, and no Redis that is away may cost anybody that: of those
 * the submitter hears at once.
 */
function ring(
  queue: Queue,
  submitter: Submitter,
  work: readonly Submission[],
  start: number,
  trouble: (event: string, detail: string) => void,
): void {
  submitter.submit(work.filter(({ kind }) => kind === "plan"));
  const jobs = work.map((piece) => submissionJob(piece, start));
  queue.run("chain-submit", jobs).catch((reason: unknown) => trouble("not submitted", `${reason}`));
}

type Trouble = (event: string, detail: string) => void;

async function signerOf(config: Config, store: Store, keys: readonly SignerKey[]): Promise<Signer> {
  return openSigner({
    keys,
    journal: await store.journal("guard"),
    isCurrent: store.isCurrent,
    ...(config.record === null ? {} : { record: createRecorder(config.record) }),
  });
}

function submitterOf(
  config: Config,
  gasKey: Bytes32,
  parts: {
    readonly log: Log;
    readonly probe: (moment: Moment, signs: boolean) => void;
    readonly trouble: Trouble;
  },
): Submitter {
  return createSubmitter({
    ...chainOptions(config),
    chainId: config.chain.chainId,
    finalityDepth: config.chain.finalityDepth,
    gasKey,
    landed: ({ hash, gasUsed, batches, settlements, plans }) =>
      parts.log.write("info", "landed", { hash, gasUsed, batches, settlements, plans }),
    sent: () => parts.probe("afterSubmit", true),
    trouble: parts.trouble,
  });
}

function watcherOf(
  config: Config,
  jurisdiction: Jurisdiction,
  loop: Loop,
  trouble: Trouble,
): Watcher {
  return createWatcher({
    ...chainOptions(config),
    ...jurisdiction,
    report: (inputs) => loop.push(inputs.map((input) => ({ kind: "chain", input }))),
    trouble,
  });
}

/** From here on the queue's jobs reach the machines and the submitter. */
function takeWork(
  queue: Queue,
  parts: {
    readonly loop: Loop;
    readonly submitter: Submitter;
    readonly jurisdiction: Jurisdiction;
    readonly log: Log;
    readonly awaiting: Awaiting;
  },
  stopping: AbortSignal,
): void {
  const { loop, submitter } = parts;
  const submit = async ({ data }: Work) => {
    submitter.submit([submissionOf(data)]);
    return null;
  };
  queue.work("chain-submit", submit, SUBMIT_CONCURRENCY);
  queue.work(
    "ingress",
    untilStopped(({ data }) => ingest(loop, data), stopping),
    INGRESS_CONCURRENCY,
  );
  queue.work(
    "netting",
    untilStopped((work) => net(parts, work), stopping),
    NETTING_CONCURRENCY,
  );
}

/**
 * A job may wait for peers that are away for ever: a keeper that stops leaves it to its next life,
 * which finds what has been done by then.
 */
function untilStopped(handler: Handler, stopping: AbortSignal): Handler {
  const leave = new Set<(reason: Error) => void>();
  stopping.addEventListener("abort", () => {
    for (const reject of leave) reject(new Error("the keeper stops"));
  });
  return async (work) => {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    leave.add(reject);
    handler(work).then(resolve, reject);
    try {
      return await promise;
    } finally {
      leave.delete(reject);
    }
  };
}

/** A ring only asks for a checkpoint: its writer begins between two ticks. */
function hangBells(
  queue: Queue,
  { chain }: Config,
  parts: {
    readonly watcher: Watcher;
    readonly checkpointing: CheckpointWriter;
    readonly trouble: Trouble;
  },
): readonly (() => void)[] {
  const { watcher, checkpointing, trouble } = parts;
  const ask = async () => checkpointing.ring();
  return [
    hangBell({ queue, name: "chain-watch", everyMs: chain.pollMs, act: watcher.poll, trouble }),
    hangBell({ queue, name: "checkpoint", everyMs: CHECKPOINT_MS, act: ask, trouble }),
  ];
}

/** A keeper proves its entities to a peer: each signs the connection's challenge. */
async function proofsOf(signer: Signer, digest: Bytes32): Promise<readonly Proof[]> {
  const slot = { kind: "rows" } as const;
  const { entities } = signer;
  const signed = await signer.sign(
    entities.map((entity) => ({ entity, slot, digest, alone: true })),
  );
  return entities.flatMap((entity, index) => {
    const signature = signed[index];
    return signature?.ok ? [{ entity, signature: signature.value }] : [];
  });
}

/** A folder whose state cannot be had is closed, so that it can be opened again. */
async function recoverFrom(store: Store, genesis: Runtime): Promise<Recovered> {
  try {
    return await recover(genesis, store);
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}

/** The first key of the file that pays gas. */
async function gasKeyOf(config: Config): Promise<Bytes32> {
  const [key] = await readKeys(config.gasKey);
  if (key === undefined || key.board !== null) {
    const message = `${config.gasKey} holds no key of an address`;
    throw new Failure("gas-key-missing", message, "put one private key into it");
  }
  return key.privateKey;
}

function boardHashOf(runtime: Runtime, id: EntityId): Bytes32 | null {
  const index = runtime.interner.find(id);
  for (const key of runtime.entities.keys()) {
    return (runtime.entities.get(key) as Entity).boards.get(index) ?? null;
  }
  return null;
}

function chainOptions(config: Config) {
  const { rpc, pollMs, depository } = config.chain;
  return { rpc, pollMs, depository: fromHex(depository.toLowerCase() as `0x${string}`) };
}

function openQueue(config: Config, trouble: (event: string, detail: string) => void): Queue {
  if (config.redis === null) return createMemoryQueue(trouble);
  return createRedisQueue({ url: config.redis, prefix: queuePrefix(config), trouble });
}

/** One job: all its commands in the order given; it ends when their ticks are durable. */
async function ingest(loop: Loop, data: Json): Promise<Json> {
  const commands = parseIngress(data);
  if (!commands.ok) return [{ ok: false, refusal: { ...commands.refusal } }] as Json;
  const results = await Promise.all(commands.value.map((command) => loop.command(command)));
  return results.map((result) => resultJson(result) as Json);
}

function net(
  parts: {
    readonly loop: Loop;
    readonly jurisdiction: Jurisdiction;
    readonly log: Log;
    readonly awaiting: Awaiting;
  },
  work: Work,
): Promise<Json> {
  const { loop, jurisdiction, log, awaiting } = parts;
  const { command, runtime } = loop;
  const tell = (event: string, fields: Readonly<Record<string, number | string>>) =>
    log.write("info", event, { round: work.id, ...fields });
  const { domain } = jurisdiction;
  return runNettingStage(work, { command, runtime, domain, tell, until: awaiting.until });
}
