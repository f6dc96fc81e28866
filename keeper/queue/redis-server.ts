/**
 * Where no Redis is to be had, one is started (QUE-3): `redis-server` on PATH, else Debian's
 * packages unpacked into the project's own folder. Nothing is installed on the machine.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
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
  const binary = join("usr", "bin", "redis-check-rdb");
  if (!(await exists(join(root, binary)))) return null;
  // Debian's redis-server is a link to it, by an absolute path; it does as it is named.
  const link = join(root, "redis-server");
  if (!(await exists(link))) {
    await symlink(binary, link).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await exists(link))) throw error;
    });
  }
  const names = await readdir(join(root, "usr", "lib"));
  const libraries = names.map((name) => join(root, "usr", "lib", name)).join(delimiter);
  return { path: link, libraries };
}

/**
 * What is unpacked appears under its name at once and whole: another process may look for it, and
 * this one may be ended in the middle.
 */
async function fetchPackages(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, "fetch-"));
  try {
    const [archives, lists, cache] = ["archives", "lists", "cache"].map((name) => join(work, name));
    const places = [archives, join(lists as string, "partial"), join(cache as string, "archives")];
    for (const place of places) await mkdir(place as string, { recursive: true });
    const state = ["-o", `Dir::State::Lists=${lists}`, "-o", `Dir::Cache=${cache}`];
    await run("apt-get", [...state, "-o", "Debug::NoLocking=1", "update"]);
    await run("apt-get", [...state, "download", ...PACKAGES], { cwd: archives });
    for (const name of await readdir(archives as string)) {
      await run("dpkg", ["-x", join(archives as string, name), join(work, "root")]);
    }
    await rename(join(work, "root"), join(folder, "root")).catch(async (error: unknown) => {
      // Another process was faster.
      if ((await unpackedIn(folder)) === null) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * The server in the place of the shell that starts it, and beside it a guard that ends it when this
 * process is gone, however that came: the guard's input is then closed. A line of input tells the
 * guard that there is nothing left to end.
 */
const GUARDED = `
exec 3<&0
{ read -r over <&3 || kill -TERM $$; } </dev/null >/dev/null 2>&1 &
exec 3<&- </dev/null
exec "$0" "$@"
`;

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
  const child = spawn("/bin/sh", ["-c", GUARDED, binary.path, ...settings], {
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => child.stdin.destroy());
  child.once("exit", () => child.stdin.end("over\n"));
  let printed = "";
  const collect = (chunk: Buffer) => {
    if (printed.length < 4_000) printed += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  let failed = false;
  child.once("error", (error) => {
    failed = true;
    collect(Buffer.from(error.message));
  });
  for (let tries = 0; !(await answers(chosen, child.pid ?? -1)); tries++) {
    if (failed || child.exitCode !== null || child.signalCode !== null || tries > 400) {
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

/**
 * A port of loopback that nobody listened on a moment ago. It is below those that systems hand out
 * themselves, so that no connection of another process takes it before it is used.
 * @throws Error when a hundred random ports are all taken
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error("no free port on loopback");
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** True when the server with this process id answers: another may have the port. */
function answers(port: number, pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    let reply = "";
    const over = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => over(false));
    socket.once("error", () => over(false));
    socket.once("close", () => over(false));
    socket.on("data", (chunk) => {
      reply += chunk.toString();
      const found = /\r\nprocess_id:(\d+)\r\n/.exec(reply);
      if (found !== null) over(Number(found[1]) === pid);
      else if (reply.startsWith("-")) over(false);
    });
    socket.once("connect", () => socket.write("INFO server\r\n"));
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
