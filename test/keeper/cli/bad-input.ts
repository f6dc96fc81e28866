import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { commands } from "../../../keeper/cli/commands.ts";
import { asFailure, exit, failureDocument, failureText } from "../../../keeper/cli/failure.ts";

/** What a file holds; a number of rows is so many accounts of a ledger. */
type Content = {
  readonly text?: string;
  readonly hex?: string;
  /** After `text`, so often; then `then`. */
  readonly append?: { readonly text: string; readonly times: number };
  readonly then?: string;
  readonly rows?: number;
  readonly missing?: boolean;
  readonly folder?: boolean;
  readonly mode?: string;
};

/** A row of the table: files, a command with its options, and the error document to expect. */
export type BadInput = {
  readonly what: string;
  /** `ledger.csv`, which the command is given when it is none of its own. */
  readonly input?: Content;
  readonly options?: readonly string[];
  /** Other files by name. */
  readonly files?: Readonly<Record<string, Content>>;
  /** `config.json`: what is otherwise in a good configuration, by path; null leaves a key out. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Instead of `net ledger.csv --json`; `{folder}` is where the files are. */
  readonly command?: readonly string[];
};

export type BadOutcome = {
  readonly code: number;
  readonly document: object | undefined;
  readonly words: string;
};

/** Key 1 of the tests; worthless. */
const KEY = `0x${"1".padStart(64, "0")}`;

/**
 * Runs a row's command through the command line itself; the folder of its files is left out of
 * what it says.
 */
export async function badInputOf(row: BadInput): Promise<BadOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "xln-bad-input-"));
  const before = { ...process.env };
  try {
    writeFiles(row, folder);
    Object.assign(process.env, row.environment);
    const program = new Command("xln");
    program.exitOverride();
    program.configureOutput({ writeErr: () => undefined });
    for (const register of commands) register(program);
    const given = row.command ?? ["net", "{folder}/ledger.csv", "--json", ...(row.options ?? [])];
    const words = given.map((word) => word.replaceAll("{folder}", folder));
    await program.parseAsync(words, { from: "user" });
    return { code: exit.done, document: undefined, words: "" };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure === undefined) throw thrown;
    const bare = (text: string) => text.replaceAll(`${folder}/`, "").replaceAll(folder, ".");
    return {
      code: exit.badInput,
      document: JSON.parse(bare(JSON.stringify(failureDocument(failure)))) as object,
      words: bare(failureText(failure)),
    };
  } finally {
    for (const name of Object.keys(row.environment ?? {})) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    rmSync(folder, { recursive: true });
  }
}

function writeFiles({ input, files = {}, config }: BadInput, folder: string): void {
  const all = { ...(input === undefined ? {} : { "ledger.csv": input }), ...files };
  if (config !== undefined) {
    const plain = { keys: { text: KEY, mode: "600" }, "gas-key": { text: KEY, mode: "600" } };
    writeFiles({ what: "", files: plain }, folder);
    writeFileSync(join(folder, "config.json"), JSON.stringify(configOf(folder, config)));
  }
  for (const [name, content] of Object.entries(all)) {
    const file = join(folder, name);
    if (content.folder === true) mkdirSync(file);
    else if (content.missing !== true) writeFileSync(file, bytesOf(content));
    if (content.mode !== undefined) chmodSync(file, Number.parseInt(content.mode, 8));
  }
}

function bytesOf({ text = "", hex, append, then = "", rows }: Content): Uint8Array {
  if (hex !== undefined) return Buffer.from(hex, "hex");
  if (rows !== undefined) {
    const lines = Array.from({ length: rows }, (_, row) => `d${row},c${row},1`);
    return Buffer.from(`debtor,creditor,amount\n${lines.join("\n")}\n`);
  }
  return Buffer.from(text + (append?.text.repeat(append.times) ?? "") + then);
}

/** A good configuration but for these keys, named by their paths. */
function configOf(folder: string, changes: Readonly<Record<string, unknown>>): object {
  const address = { host: "127.0.0.1", port: 0 };
  const config: Record<string, unknown> = {
    name: "keeper",
    data: join(folder, "data"),
    keys: join(folder, "keys"),
    gasKey: join(folder, "gas-key"),
    listen: address,
    dial: [],
    chain: {
      rpc: ["http://127.0.0.1:1"],
      chainId: 1,
      depository: `0x${"11".repeat(20)}`,
      entityProvider: `0x${"22".repeat(20)}`,
      deployedAt: 0,
      finalityDepth: 2,
      inclusionMargin: 2,
      responseTime: 60,
      pollMs: 100,
    },
    redis: null,
    prefix: "test",
    health: address,
    record: null,
    checkpointTicks: 1_000,
  };
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop() as string;
    let inner = config;
    for (const key of keys) {
      inner[key] = { ...(inner[key] as object) };
      inner = inner[key] as Record<string, unknown>;
    }
    if (value === null) delete inner[last];
    else inner[last] = typeof value === "string" ? value.replaceAll("{folder}", folder) : value;
  }
  return config;
}
