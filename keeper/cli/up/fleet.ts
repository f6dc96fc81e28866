/** The three keepers: processes of their own with a queue on Redis, or all in this process. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "../../base/bytes.ts";
import { type Config, parseConfig } from "../../config.ts";
import { type CommandInput, ingressJson } from "../../ingress.ts";
import { queuePrefix, startKeeper } from "../../main.ts";
import { createLog } from "../../observe/log.ts";
import { fileSink } from "../../observe/sink.ts";
import { createRedisQueue } from "../../queue/redis.ts";
import { freePort } from "../../queue/redis-server.ts";
import type { Flow, Job, Json, Queue, QueueName } from "../../queue/types.ts";
import type { Address } from "../../wire/types.ts";
import { type Cast, developmentKey } from "./cast.ts";
import type { Deployment } from "./deployment.ts";
import type { LocalChain } from "./ground.ts";
import { type Running, startProgram } from "./process.ts";

/** What a command ended with, as it came back through the queue. */
export type Answer =
  | { readonly ok: true; readonly value: Readonly<Record<string, Json>> }
  | { readonly ok: false; readonly refusal: { readonly code: string; readonly message: string } };

export type KeeperHandle = {
  readonly config: Config;
  readonly configFile: string;
  /** Null when the keeper runs in this process. */
  readonly process: () => Running | null;
  readonly finalHeight: () => Promise<number>;
  readonly start: (environment?: Readonly<Record<string, string>>) => Promise<void>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** Told how it ended, with the last of its log, when it ends without having been stopped. */
  readonly onDeath: (tell: (words: string) => void) => void;
};

export type Fleet = {
  readonly keepers: readonly KeeperHandle[];
  readonly queue: "redis" | "memory";
  /** Runs jobs in a keeper's queue. */
  readonly run: (
    keeper: number,
    queue: QueueName,
    jobs: readonly Job[],
  ) => Promise<readonly Json[]>;
  /** The same for work in stages. */
  readonly runFlows: (
    keeper: number,
    queue: QueueName,
    flows: readonly Flow[],
  ) => Promise<readonly Json[]>;
  /** Runs commands, each at the keeper of its entity, and returns the answers in order. */
  readonly command: (
    commands: readonly (Omit<CommandInput, "kind"> & { readonly keeper: number })[],
  ) => Promise<readonly Answer[]>;
  readonly stop: () => Promise<void>;
};

export const KEEPERS = 3;
/** Commands of one ingress job: a job costs more than a command. */
const COMMANDS_A_JOB = 50;

/** Lines of a log that are shown when its keeper has died. */
const TAIL_LINES = 8;

/**
 * Seconds of the local jurisdiction. It mines four blocks a second and its time goes on by at least
 * one with each, so an hour of the chain is a quarter of an hour.
 */
const INCLUSION_MARGIN = 2;
const RESPONSE_TIME = 3_600;

/** What chaos wants otherwise. */
export type FleetOptions = {
  /** Added to the environment of each keeper's process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where a keeper's peers dial it instead of where it listens: a door that somebody watches. */
  readonly door?: (listen: Address) => Promise<Address>;
};

export async function createFleet(
  cast: Cast,
  deployment: Deployment,
  chain: LocalChain,
  data: string,
  redis: string | null,
  options: FleetOptions = {},
): Promise<Fleet> {
  const ports = await Promise.all(Array.from({ length: KEEPERS }, freePort));
  const listen = ports.map((port): Address => ({ host: "127.0.0.1", port }));
  const doors = await Promise.all(listen.map((at) => options.door?.(at) ?? at));
  const prefix = `xln-${process.pid}-${Date.now().toString(36)}`;
  const keepers: KeeperHandle[] = [];
  const queues: (Queue | null)[] = [];
  for (let index = 0; index < KEEPERS; index++) {
    const folder = join(data, `keeper-${index}`);
    const place = { listen: listen[index] as Address, dial: doors.slice(index + 1) };
    const configFile = await writeConfig(
      folder,
      index,
      cast,
      deployment,
      chain,
      redis,
      prefix,
      place,
    );
    const config = parseConfig(JSON.parse(await readFile(configFile, "utf8")), {}, configFile);
    const inside = redis === null;
    keepers.push(
      inside ? insideKeeper(config, configFile, queues, index) : child(config, configFile),
    );
    queues.push(
      redis === null
        ? null
        : createRedisQueue({ url: redis, prefix: queuePrefix(config), trouble: () => {} }),
    );
  }
  // Whoever came up is taken down again if another did not.
  const starts = await Promise.allSettled(keepers.map((one) => one.start(options.environment)));
  const failed = starts.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") {
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    throw failed.reason;
  }

  function queueOf(keeper: number): Queue {
    const queue = queues[keeper];
    if (!queue) throw new Error(`keeper ${keeper} has no queue`);
    return queue;
  }

  const run: Fleet["run"] = async (keeper, name, jobs) => queueOf(keeper).run(name, jobs);

  return {
    keepers,
    queue: redis === null ? "memory" : "redis",
    run,
    runFlows: async (keeper, name, flows) => queueOf(keeper).runFlows(name, flows),
    command: (commands) => commandAll(run, commands),
    stop: async () => {
      await Promise.all(keepers.map((keeper) => keeper.stop()));
      if (redis !== null) await Promise.all(queues.map((queue) => queue?.close()));
    },
  };
}

async function commandAll(
  run: Fleet["run"],
  commands: Parameters<Fleet["command"]>[0],
): Promise<readonly Answer[]> {
  const answers = new Array<Answer>(commands.length);
  const byKeeper = Map.groupBy(commands.keys(), (at) => commands[at]?.keeper ?? 0);
  await Promise.all(
    [...byKeeper].map(async ([keeper, places]) => {
      const jobs: Job[] = [];
      const chunks: number[][] = [];
      for (let at = 0; at < places.length; at += COMMANDS_A_JOB) {
        const chunk = places.slice(at, at + COMMANDS_A_JOB);
        const inputs = chunk.map((place) => commands[place] as (typeof commands)[number]);
        const id = `job/${inputs[0]?.id}/${chunk.length}`;
        const bare = inputs.map(({ entity, id: name, command }) => ({ entity, id: name, command }));
        jobs.push({ id, data: ingressJson(bare) as Json });
        chunks.push(chunk);
      }
      const results = await run(keeper, "ingress", jobs);
      for (const [index, chunk] of chunks.entries()) {
        const list = results[index] as unknown as readonly Answer[];
        for (const [offset, place] of chunk.entries()) answers[place] = list[offset] as Answer;
      }
    }),
  );
  return answers;
}

async function writeConfig(
  folder: string,
  index: number,
  cast: Cast,
  deployment: Deployment,
  chain: LocalChain,
  redis: string | null,
  prefix: string,
  { listen, dial }: Pick<Config, "listen" | "dial">,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const keys = join(folder, "keys");
  const gasKey = join(folder, "gas-key");
  const own = cast.actors.filter(({ keeper }) => keeper === index);
  await writeFile(keys, own.map(({ key }) => `${toHex(key)}\n`).join(""), { mode: 0o600 });
  await writeFile(gasKey, `${toHex(developmentKey(index + 1))}\n`, { mode: 0o600 });
  const config: Config = {
    name: `keeper-${index}`,
    data: join(folder, "data"),
    keys,
    gasKey,
    listen,
    dial,
    chain: {
      rpc: [chain.url],
      chainId: chain.chainId,
      depository: deployment.depository,
      entityProvider: deployment.entityProvider,
      deployedAt: deployment.deployedAt,
      finalityDepth: 2,
      inclusionMargin: INCLUSION_MARGIN,
      responseTime: RESPONSE_TIME,
      pollMs: 100,
    },
    redis,
    prefix,
    health: { host: "127.0.0.1", port: 0 },
    record: join(folder, "signatures.jsonl"),
    checkpointTicks: 200,
  };
  const file = join(folder, "config.json");
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
  return file;
}

/** A keeper as a process of its own. */
function child(config: Config, configFile: string): KeeperHandle {
  const logFile = join(config.data, "..", "log.jsonl");
  let running: Running | null = null;
  let tell: (words: string) => void = () => {};
  return {
    config,
    configFile,
    process: () => running,
    onDeath: (listener) => {
      tell = listener;
    },
    start: async (environment = {}) => {
      const words = ["keeper", "--config", configFile, "--log", logFile];
      const started = await startProgram("keeper/cli/main.ts", words, environment);
      running = started;
      void started.ended.then(async (how) => {
        if (running === started) tell(`${config.name} ${how}\n${await tailOf(logFile)}`.trim());
      });
    },
    stop: async (signal) => {
      const stopped = running;
      running = null;
      await stopped?.stop(signal);
    },
    finalHeight: async () => {
      const { child: process, first } = running as Running;
      const { health } = first as { health: number };
      try {
        const answer = await fetch(`http://127.0.0.1:${health}/health`);
        const { chainFinal } = (await answer.json()) as { chainFinal: number | null };
        return chainFinal ?? -1;
      } catch (error) {
        // One that was killed has seen nothing; it may be started again.
        if (process.exitCode !== null) throw error;
        return -1;
      }
    },
  };
}

/** The last lines of a log, for a person. */
async function tailOf(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

/** Without Redis the keepers share this process, each with its own log, keys and queues. */
function insideKeeper(
  config: Config,
  configFile: string,
  queues: (Queue | null)[],
  index: number,
): KeeperHandle {
  let keeper: Awaited<ReturnType<typeof startKeeper>> | null = null;
  let tell: (words: string) => void = () => {};
  return {
    config,
    configFile,
    process: () => null,
    onDeath: (listener) => {
      tell = listener;
    },
    start: async () => {
      const sink = fileSink({ path: join(config.data, "..", "log.jsonl") });
      const log = createLog({ level: "info", sink });
      keeper = await startKeeper(config, {
        log,
        halt: (reason) => tell(`${config.name} halted: ${reason.message}`),
      });
      queues[index] = keeper.queue;
    },
    stop: async () => {
      await keeper?.stop();
      keeper = null;
    },
    finalHeight: async () => keeper?.health().chainFinal ?? -1,
  };
}
