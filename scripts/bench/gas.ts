/** Gas of user stories: run by Hardhat's own process, since it compiles and simulates. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchRow } from "./types.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../gas.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

export async function benchGas(progress: (line: string) => void): Promise<readonly BenchRow[]> {
  progress("compiling, if sources changed, and running the stories");
  const { stdout } = await run(process.execPath, [program], { cwd: root, maxBuffer: 2 ** 24 });
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return JSON.parse(last) as readonly BenchRow[];
}
