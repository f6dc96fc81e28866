/**
 * The composition root: one keeper process. Opens the store, recovers the runtime, opens signer,
 * wire, chain and queue, hands them to the loop and to one another, and takes them down in order.
 */
import { type Bytes32, compareBytes, fromHex } from "./base/bytes.ts";
import { createSubmitter } from "./chain/submitter.ts";
import { createWatcher } from "./chain/watcher.ts";
import { createCheckpointWriter } from "./checkpointing.ts";
import { verifyEntitySignature } from "./codec/authority.ts";
import type { Config } from "./config.ts";
import type { Entity } from "./entity/types.ts";
import { parseIngress, resultJson } from "./ingress.ts";
import { depositoryDomain } from "./jurisdiction/digest.ts";
import type { EntityId, Jurisdiction } from "./jurisdiction/types.ts";
import { claimHolds, type Loop, type Moment, startLoop } from "./loop.ts";
import { runNetting } from "./netting-job.ts";
import type { Health, Log } from "./observe/types.ts";
import { createMemoryQueue } from "./queue/memory.ts";
import { createRedisQueue } from "./queue/redis.ts";
import type { Json, Queue } from "./queue/types.ts";
import { type Recovered, recover } from "./recovery.ts";
import { decodeEnvelope } from "./runtime/codec.ts";
import { createRuntime } from "./runtime/runtime.ts";
import type { Ready, Runtime } from "./runtime/types.ts";
import { readKeys } from "./signer/keys.ts";
import { createRecorder } from "./signer/recorder.ts";
import { openSigner } from "./signer/signer.ts";
import { openStore } from "./store/store.ts";
import type { Store } from "./store/types.ts";
import type { WireEvent } from "./wire/types.ts";
import { createWire } from "./wire/wire.ts";

/** Commands of one keeper that are under way at once. */
const INGRESS_CONCURRENCY = 1_000;

export type KeeperOptions = {
  readonly log: Log;
  readonly probe?: (moment: Moment) => void;
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
  const probe = options.probe ?? (() => {});
  const keys = await readKeys(config.keys);
  const jurisdiction = jurisdictionOf(config);
  const { dropBadTail = false, takeOver = false } = options;
  const store = await openStore({ folder: config.data, dropBadTail, takeOver });
  for (const notice of store.notices) log.write("warn", "store", { notice });
  const {
    runtime: recovered,
    checkpoint,
    checkpoints,
    replayed,
  } = await recoverFrom(store, genesisOf(jurisdiction, keys));
  log.write("info", "recovered", { height: recovered.height, checkpoint, replayed });
  const signer = await openSigner({
    keys,
    journal: await store.journal("guard"),
    isCurrent: store.isCurrent,
    ...(config.record === null ? {} : { record: createRecorder(config.record) }),
  });

  const boardHash = (id: EntityId) => boardHashOf(loop.runtime(), id);
  let connections = recovered.connections + 1;
  const wire = createWire({
    listen: config.listen,
    dial: config.dial,
    nextConnection: () => ++connections,
    prove: async (challenge) => {
      const slot = { kind: "rows" } as const;
      const entities = signer.entities;
      const signed = await signer.sign(
        entities.map((entity) => ({ entity, slot, digest: challenge, alone: true })),
      );
      return entities.flatMap((entity, index) => {
        const signature = signed[index];
        return signature?.ok ? [{ entity, signature: signature.value }] : [];
      });
    },
    check: ({ entity, signature }, digest) =>
      verifyEntitySignature({ entity, digest, signature, boardHash: boardHash(entity) }).ok,
    report: (event) => hear(event),
  });
  const trouble = (event: string, detail: string) => log.write("warn", event, { detail });
  const submitter = createSubmitter({
    ...chainOptions(config),
    chainId: config.chain.chainId,
    gasKey: await gasKeyOf(config),
    landed: ({ hash, gasUsed, batches, settlements }) =>
      log.write("info", "landed", { hash, gasUsed, batches, settlements }),
    sent: () => probe("afterSubmit"),
    trouble,
  });
  const checkpointing = createCheckpointWriter({
    store,
    checkpoints,
    everyTicks: config.checkpointTicks,
    newest: checkpoint,
    log,
    halt: options.halt,
  });
  const loop = startLoop(recovered, {
    store,
    signer,
    log,
    clock: () => Math.floor(Date.now() / 1_000),
    send: wire.send,
    submit: submitter.submit,
    released: (ready, runtime) => {
      checkpointing.released(runtime);
      return options.released?.(ready, runtime);
    },
    probe,
    halt: options.halt,
  });
  const watcher = createWatcher({
    ...chainOptions(config),
    entityProvider: jurisdiction.entityProvider,
    deployedAt: jurisdiction.deployedAt,
    report: (inputs) => loop.push(inputs.map((input) => ({ kind: "chain", input }))),
    trouble,
  });

  /** Who is at the other end of each connection: a message from anybody else is not heard. */
  const peers = new Map<number, readonly EntityId[]>();

  function hear(event: WireEvent): void {
    const { connection } = event;
    switch (event.kind) {
      case "connected":
        peers.set(connection, event.peers);
        log.write("info", "connected", { connection, entities: event.peers.length });
        return loop.push([{ kind: "connect", connection, peers: event.peers }]);
      case "disconnected":
        peers.delete(connection);
        log.write("info", "disconnected", { connection, reason: event.reason });
        return loop.push([{ kind: "disconnect", connection }]);
      case "message": {
        const envelope = decodeEnvelope(event.bytes, connection);
        if (!envelope.ok) return wire.drop(connection, envelope.refusal.message);
        const { from } = envelope.value;
        const proved = peers.get(connection)?.some((id) => compareBytes(id, from) === 0);
        if (!proved) return wire.drop(connection, "a message from an entity it did not prove");
        if (!claimHolds(envelope.value, boardHash)) {
          return wire.drop(connection, "a claim that its sender did not sign");
        }
        return loop.push([{ kind: "message", envelope: envelope.value }]);
      }
    }
  }

  loop.push([{ kind: "start" }]);
  const { view } = recovered;
  watcher.start(view.final === null ? [] : [view.final, ...view.recent]);
  const address = await wire.start();
  const queue = openQueue(config, trouble);
  queue.work("ingress", (job) => ingest(loop, job.data), INGRESS_CONCURRENCY);
  queue.work("netting", (job) => net(loop, jurisdiction, log, job.id, job.data), 4);
  log.write("info", "ready", { port: address.port, entities: keys.length, queue: queue.kind });

  return {
    address,
    loop,
    queue,
    health: () => {
      const runtime = loop.runtime();
      return {
        ok: true,
        height: runtime.height,
        chainHead: watcher.head(),
        chainFinal: runtime.view.final?.height ?? null,
        peers: wire.connections(),
        queue: queue.kind,
        faults: [],
      };
    },
    stop: async () => {
      await queue.close();
      await watcher.stop();
      await submitter.stop();
      await wire.stop();
      await loop.stop();
      await checkpointing.stop();
      await signer.close();
      await store.close();
    },
  };
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
    throw new Error(`${config.gasKey} holds no key of an address: put one private key into it`);
  }
  return key.privateKey;
}

/** The jurisdiction of a configuration; every keeper of a network has the same. */
export function jurisdictionOf({ chain }: Pick<Config, "chain">): Jurisdiction {
  const depository = fromHex(chain.depository.toLowerCase() as `0x${string}`);
  return {
    chainId: chain.chainId,
    depository,
    entityProvider: fromHex(chain.entityProvider.toLowerCase() as `0x${string}`),
    domain: depositoryDomain(chain.chainId, depository),
    deployedAt: chain.deployedAt,
    finalityDepth: chain.finalityDepth,
    inclusionMargin: chain.inclusionMargin,
    responseTime: chain.responseTime,
  };
}

/** The runtime before its first tick: replay begins here. */
export function genesisOf(
  jurisdiction: Jurisdiction,
  keys: readonly { readonly entity: EntityId }[],
): Runtime {
  const ids = keys.map(({ entity }) => entity).sort(compareBytes);
  const entities = ids.map((id) => ({
    id,
    board: { threshold: 1, members: [{ id, weight: 1 }] },
  }));
  return createRuntime(jurisdiction, entities);
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
  loop: Loop,
  { domain }: Jurisdiction,
  log: Log,
  id: string,
  data: Json,
): Promise<Json> {
  const tell = (event: string, fields: Readonly<Record<string, number | string>>) =>
    log.write("info", event, { round: id, ...fields });
  return runNetting(id, data, { command: loop.command, domain, tell });
}
