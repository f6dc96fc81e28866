import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** Another process that takes a job of `ingress` and never ends it. */
export function startHolder(url: string, prefix: string): ChildProcess {
  const script = join(import.meta.dirname, "holder.ts");
  return spawn(process.execPath, [script, url, prefix], { stdio: ["ignore", "pipe", "inherit"] });
}
