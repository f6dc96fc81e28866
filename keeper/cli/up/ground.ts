/** What keepers stand on: a local chain with the contracts on it, and a Redis. */
import { join } from "node:path";
import { findRedis, type RedisServer, startRedis } from "../../queue/redis-server.ts";
import { note } from "../output.ts";
import { runProgram, type Running, startProgram } from "./process.ts";

export type Deployment = {
  readonly depository: string;
  readonly entityProvider: string;
  readonly deployedAt: number;
  readonly tokens: readonly {
    readonly name: string;
    readonly token: number;
    readonly address: string;
  }[];
};

export type LocalChain = { readonly url: string; readonly running: Running };

/** Chain id of the local node; a fork gets another, so that signatures for it are void here. */
export const CHAIN_ID = 31_337;
export const FORK_CHAIN_ID = 31_338;
export const BLOCK_MS = 250;

/** A Hardhat node on loopback. An interval of 0 mines each transaction at once. */
export async function startNode(options: {
  readonly chainId: number;
  readonly interval: number;
  readonly fork?: string;
}): Promise<LocalChain> {
  const words = ["--chain-id", `${options.chainId}`, "--interval", `${options.interval}`];
  if (options.fork !== undefined) words.push("--fork", options.fork);
  const running = await startProgram("scripts/local/node.ts", words);
  return { url: (running.first as { url: string }).url, running };
}

/** Deploys by Ignition, with a worthless token for each name. */
export async function deploy(url: string, tokens: readonly string[]): Promise<Deployment> {
  const words = ["--url", url, ...tokens.flatMap((name) => ["--token", name])];
  return (await runProgram("scripts/local/deploy.ts", words)) as Deployment;
}

/** The Redis of `REDIS_URL`, one of our own, or null where none can be had. */
export async function startQueueServer(
  tools: string,
  data: string,
): Promise<{ readonly url: string; readonly server: RedisServer | null } | null> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== "") return { url: given, server: null };
  const binary = await findRedis(join(tools, "redis"), process.env.PATH ?? "", note);
  if (binary === null) return null;
  const server = await startRedis(binary, join(data, "redis"));
  return { url: server.url, server };
}
