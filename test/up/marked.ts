/** Finds the processes that a test's run has started, whoever their parent is by now. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export type Marked = { readonly pid: number; readonly name: string };

/**
 * All that live, with their command lines, and have `folder` as XLN_TEST_MARK in the environment.
 * A Redis writes its title over its environment: it is known by its working folder, which is below.
 */
export async function marked(folder: string): Promise<readonly Marked[]> {
  const entry = `XLN_TEST_MARK=${folder}`;
  if (!existsSync("/proc/self/environ")) return markedByPs(entry);
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      // One that is another's, or has just ended, cannot be read.
      const environment = await readFile(`/proc/${id}/environ`, "utf8").catch(() => "");
      const place = await readlink(`/proc/${id}/cwd`).catch(() => "");
      const isMarked = environment.split("\0").includes(entry);
      if (!isMarked && !place.startsWith(join(folder, "/"))) return [];
      const words = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      return [{ pid: Number(id), name: words.replaceAll("\0", " ").trim() }];
    }),
  );
  return found.flat();
}

/** Where there is no `/proc`: the environment stands behind the command. */
async function markedByPs(entry: string): Promise<readonly Marked[]> {
  const { stdout } = await promisify(execFile)("ps", ["axeww", "-o", "pid=,command="]);
  return stdout
    .split("\n")
    .filter((line) => line.includes(entry))
    .map((line) => ({ pid: Number.parseInt(line, 10), name: line.trim() }));
}
