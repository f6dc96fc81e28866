/** Processes that a run starts: each is ended by its id, and ends by itself if the run is gone. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LIFELINE } from "../lifeline.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export type Running = {
  readonly child: ChildProcess;
  /** The first line that it printed, JSON. */
  readonly first: unknown;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
  /** Resolves with how it ended and the last of what it printed as errors. */
  readonly ended: Promise<string>;
};

/**
 * Starts a program of this project under the same Node and waits for its first line.
 * @throws Error with what it printed, when it ends before
 */
export async function startProgram(
  file: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = spawn(process.execPath, [file, ...words], {
    cwd: root,
    env: { ...process.env, ...LIFELINE, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-8_000);
  });
  const gone = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, "line").then(([text]) => String(text)),
    gone.then(() => null),
  ]);
  if (line === null) throw new Error(`${file} ended before it was ready:\n${errors.trim()}`);
  child.stdout.resume();
  const how = () => `ended (${child.signalCode ?? `exit ${child.exitCode}`})\n${errors.trim()}`;
  const ended = gone.then(how);
  return {
    child,
    first: JSON.parse(line),
    stop: (signal = "SIGTERM") => end(child, signal),
    ended,
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  // One that does not answer is not waited for for ever.
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(timer);
}

/** Runs a program to its end and returns what it printed, as JSON. */
export async function runProgram(file: string, words: readonly string[]): Promise<unknown> {
  const running = await startProgram(file, words);
  if (running.child.exitCode === null) await once(running.child, "exit");
  return running.first;
}
