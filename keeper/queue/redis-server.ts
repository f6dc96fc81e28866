/**
 * Where no Redis is to be had, one is started (QUE-3): `redis-server` on PATH, else Debian's
 * packages unpacked into the project's own folder. Nothing is installed on the machine.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { access, mkdir, readdir } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What the server needs beyond what every Debian system has. */
const PACKAGES = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1", "libatomic1"];

export type RedisBinary = { readonly path: string; readonly libraries: string | null };

export type RedisServer = {
  readonly url: string;
  readonly process: ChildProcess;
  readonly stop: () => Promise<void>;
};

/**
 * The server's binary, or null where there is none and Debian's packages cannot be had.
 * @param folder where packages are unpacked, and found again the next time
 * @param tell is told what is done, since a download takes seconds
 */
export async function findRedis(
  folder: string,
  path: string,
  tell: (line: string) => void,
): Promise<RedisBinary | null> {
  for (const place of path.split(delimiter)) {
    const candidate = join(place, "redis-server");
    if (place !== "" && (await exists(candidate))) return { path: candidate, libraries: null };
  }
  const unpacked = await unpackedIn(folder);
  if (unpacked !== null) return unpacked;
  tell("no redis-server on PATH: fetching Debian's packages into the project's own folder");
  try {
    await fetchPackages(folder);
  } catch (error) {
    tell(`Debian's packages cannot be had: ${firstLine(error)}`);
    return null;
  }
  return unpackedIn(folder);
}

async function unpackedIn(folder: string): Promise<RedisBinary | null> {
  const root = join(folder, "root");
  // Debian's redis-server is a link to redis-check-rdb, by an absolute path.
  const binary = join(root, "usr", "bin", "redis-check-rdb");
  if (!(await exists(binary))) return null;
  const names = await readdir(join(root, "usr", "lib"));
  const libraries = names.map((name) => join(root, "usr", "lib", name)).join(delimiter);
  return { path: binary, libraries };
}

async function fetchPackages(folder: string): Promise<void> {
  const archives = join(folder, "archives");
  const lists = join(folder, "lists");
  const options = ["-o", `Dir::State::Lists=${lists}`, "-o", `Dir::Cache=${join(folder, "cache")}`];
  for (const place of [archives, join(lists, "partial"), join(folder, "cache", "archives")]) {
    await mkdir(place, { recursive: true });
  }
  await run("apt-get", [...options, "-o", "Debug::NoLocking=1", "update"]);
  await run("apt-get", [...options, "download", ...PACKAGES], { cwd: archives });
  for (const name of await readdir(archives)) {
    await run("dpkg", ["-x", join(archives, name), join(folder, "root")]);
  }
}

/**
 * Starts a server on loopback, with an append-only file in `data`, and waits until it answers.
 * @throws Error when it ends before it answers, with what it printed
 */
export async function startRedis(
  binary: RedisBinary,
  data: string,
  port?: number,
): Promise<RedisServer> {
  await mkdir(data, { recursive: true });
  const chosen = port ?? (await freePort());
  const environment = { ...process.env };
  if (binary.libraries !== null) environment.LD_LIBRARY_PATH = binary.libraries;
  const settings = [
    ["--port", `${chosen}`],
    ["--bind", "127.0.0.1"],
    ["--dir", data],
    ["--appendonly", "yes"],
    ["--maxmemory-policy", "noeviction"],
    ["--save", ""],
  ].flat();
  const child = spawn(binary.path, settings, {
    argv0: "redis-server",
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const collect = (chunk: Buffer) => {
    if (printed.length < 4_000) printed += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  for (let tries = 0; !(await answers(chosen)); tries++) {
    if (child.exitCode !== null || tries > 200) {
      child.kill("SIGKILL");
      throw new Error(`redis-server did not start on port ${chosen}: ${printed.trim()}`);
    }
    await delay(25);
  }
  return { url: `redis://127.0.0.1:${chosen}`, process: child, stop: () => end(child) };
}

/** Ends the process and resolves when it is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}

/** A port of loopback that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("not a TCP address");
  return address.port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("error", () => resolve(false));
    socket.once("data", (reply) => {
      socket.destroy();
      resolve(reply.toString().startsWith("+PONG"));
    });
    socket.once("connect", () => socket.write("PING\r\n"));
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n").slice(0, 2).join(" ");
}
