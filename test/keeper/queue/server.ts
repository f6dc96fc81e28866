/** A real Redis for tests, which they may kill and start again. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  findRedis,
  freePort,
  type RedisBinary,
  type RedisServer,
  startRedis,
} from "../../../keeper/queue/redis-server.ts";

const folder = join(import.meta.dirname, "../../../.xln/redis");

export type TestServer = {
  readonly url: string;
  /** Starts it on its port, with the data that it had or with none. */
  readonly start: (data: "kept" | "empty") => Promise<void>;
  /** As if the power had failed. */
  readonly kill: () => Promise<void>;
  /** Ends it and removes what it wrote. */
  readonly remove: () => Promise<void>;
};

/** Not started yet. @throws Error when there is no Redis and none can be had: tests need one. */
export async function redisServer(): Promise<TestServer> {
  const binary = await redisBinary();
  const port = await freePort();
  const root = await mkdtemp(join(tmpdir(), "xln-redis-"));
  let data = await mkdtemp(join(root, "data-"));
  let server: RedisServer | null = null;

  async function kill(): Promise<void> {
    if (server === null) return;
    const { process: child } = server;
    server = null;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    start: async (kind) => {
      if (kind === "empty") data = await mkdtemp(join(root, "data-"));
      server = await startRedis(binary, data, port);
    },
    kill,
    remove: async () => {
      await kill();
      await rm(root, { recursive: true });
    },
  };
}

async function redisBinary(): Promise<RedisBinary> {
  const told: string[] = [];
  const binary = await findRedis(folder, process.env.PATH ?? "", (line) => told.push(line));
  if (binary === null) {
    throw new Error(`these tests need Redis: put redis-server on PATH; ${told.join("; ")}`);
  }
  return binary;
}
