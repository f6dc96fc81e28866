/** What keepers stand on: a local chain with the contracts on it, and a Redis. */
import { join } from "node:path";
import { createPublicClient, http } from "viem";
import { findRedis, type RedisServer, startRedis } from "../../queue/redis-server.ts";
import { Failure } from "../failure.ts";
import { note } from "../output.ts";
import type { Deployment } from "./deployment.ts";
import { type Running, runProgram, startProgram } from "./process.ts";

export type LocalChain = {
  readonly url: string;
  readonly chainId: number;
  readonly running: Running;
};

/** Chain id of the local node. */
const CHAIN_ID = 31_337;
export const BLOCK_MS = 250;

/** A Hardhat node on loopback. An interval of 0 mines each transaction at once. */
export async function startNode(options: {
  readonly chainId: number;
  readonly interval: number;
  readonly fork?: string;
}): Promise<LocalChain> {
  const { chainId } = options;
  const words = ["--chain-id", `${chainId}`, "--interval", `${options.interval}`];
  if (options.fork !== undefined) words.push("--fork", options.fork);
  const running = await startProgram("scripts/local/node.ts", words);
  return { url: (running.first as { url: string }).url, chainId, running };
}

/** A node to be forked. */
export type Origin = { readonly url: string; readonly chainId: number };

/** The chain of the demonstration: an empty one, or a copy of another node's. */
export function startChain(origin: Origin | null): Promise<LocalChain> {
  if (origin === null) return startNode({ chainId: CHAIN_ID, interval: BLOCK_MS });
  const chainId = forkChainId(origin.chainId);
  return startNode({ chainId, interval: BLOCK_MS, fork: origin.url });
}

/** A fork gets an id of its own, so that what is signed for it is void on the chain itself. */
export function forkChainId(origin: number): number {
  return origin < CHAIN_ID ? CHAIN_ID : origin + 1;
}

/** @throws Failure when nobody answers there as a node would */
export async function originAt(url: string): Promise<Origin> {
  try {
    const client = createPublicClient({ transport: http(url, { retryCount: 0 }) });
    return { url, chainId: await client.getChainId() };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    const message = `--fork ${shown(url)}: no node answers there: ${reason}`;
    throw new Failure("fork-unreachable", message, "start the node, or correct the URL");
  }
}

/** Without what may be a key to the node. */
function shown(url: string): string {
  return new URL(url).origin;
}

/** Deploys by Ignition, with a worthless token for each name. */
export async function deploy(
  url: string,
  tokens: readonly string[],
  onto?: Deployment,
): Promise<Deployment> {
  const words = ["--url", url, ...tokens.map((name) => `--token=${name}`)];
  if (onto !== undefined) words.push("--depository", onto.depository);
  const deployed = (await runProgram("scripts/local/deploy.ts", words)) as Deployment;
  if (onto === undefined) return deployed;
  return { ...onto, tokens: [...onto.tokens, ...deployed.tokens] };
}

/** A Redis that is at hand; its process is null where it is not ours. */
export type QueueServer = {
  readonly url: string;
  readonly process: () => RedisServer["process"] | null;
  readonly stop: () => Promise<void>;
};

/** Where a Redis may be found; `null` tools and an empty path find none. */
export type RedisSearch = { readonly tools: string; readonly path: string };

/** The Redis of `REDIS_URL`, one of our own, or null where none can be had. */
export async function startQueueServer(
  search: RedisSearch,
  data: string,
): Promise<QueueServer | null> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== "") {
    return { url: given, process: () => null, stop: async () => undefined };
  }
  const binary = await findRedis(join(search.tools, "redis"), search.path, note);
  if (binary === null) return null;
  const folder = join(data, "redis");
  const port = (server: RedisServer) => Number(new URL(server.url).port);
  let server = await startRedis(binary, folder);
  let stopping = false;
  /** One that dies is started again, on the same port and data. */
  function watch(): void {
    server.process.once("exit", (code, signal) => {
      // One that was asked to end is not wanted.
      if (stopping || code === 0) return;
      note(`redis-server ended (${signal ?? `exit ${code}`}); starting it again`);
      startRedis(binary as NonNullable<typeof binary>, folder, port(server)).then(
        (next) => {
          server = next;
          if (stopping) void server.stop();
          else watch();
        },
        (error: unknown) => note(`Redis did not come back: ${String(error)}`),
      );
    });
  }
  watch();
  return {
    url: server.url,
    process: () => server.process,
    stop: async () => {
      stopping = true;
      await server.stop();
    },
  };
}
