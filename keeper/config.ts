/**
 * The one validated schema of a keeper's configuration: a JSON file, overridden by the environment
 * (`REDIS_URL`, `XLN_…`). A wrong value names the key, the value and the fix (section 12).
 */
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { Failure } from "./cli/failure.ts";
import { issueWords, parseJson } from "./cli/issue.ts";

const port = z.number().int().min(0).max(65_535);
const address = z.strictObject({ host: z.string().min(1), port });
const seconds = z.number().int().min(0).max(31_536_000);
const ethereumAddress = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "expected 0x and 40 hex digits");
const url = (protocols: RegExp, words: string) =>
  z.url({ protocol: protocols, error: `expected a URL that begins with ${words}` });

const schema = z.strictObject({
  /** Shown in logs and in the queue's names. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, "expected 1 to 40 of a-z, 0-9 and -"),
  /** Folder of this keeper's state; the same folder resumes. */
  data: z.string().min(1),
  /** File with one private key a line, readable by its owner only: the entities of this keeper. */
  keys: z.string().min(1),
  /** File with the private key that pays gas. */
  gasKey: z.string().min(1),
  listen: address,
  /** Keepers that this one dials; the others dial it. */
  dial: z.array(address).max(1_000),
  chain: z.strictObject({
    rpc: z
      .array(url(/^https?$/, "http:// or https://"))
      .min(1)
      .max(10),
    chainId: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    depository: ethereumAddress,
    entityProvider: ethereumAddress,
    deployedAt: z.number().int().min(0),
    finalityDepth: z.number().int().min(0).max(10_000),
    inclusionMargin: seconds,
    responseTime: seconds,
    pollMs: z.number().int().min(10).max(60_000),
  }),
  /** Null runs the queue inside the process. */
  redis: url(/^rediss?$/, "redis:// or rediss://").nullable(),
  /** Prefix of the queues' names: keepers of different networks may share a Redis. */
  prefix: z.string().regex(/^[a-z0-9-]{1,40}$/, "expected 1 to 40 of a-z, 0-9 and -"),
  health: address,
  /** Where an audit of every signature is appended as JSON lines, or null. */
  record: z.string().min(1).nullable(),
  /** Ticks between checkpoints, at least; at most twice as many. */
  checkpointTicks: z.number().int().min(1).max(10_000_000),
});

export type Config = z.infer<typeof schema>;

/** Environment variables and the keys that they override. */
const OVERRIDES = [
  ["REDIS_URL", "redis"],
  ["XLN_DATA", "data"],
  ["XLN_NAME", "name"],
  ["XLN_KEYS", "keys"],
  ["XLN_GAS_KEY", "gasKey"],
] as const;

/**
 * Reads and checks a configuration file.
 * @throws Failure naming the first key that is wrong, its value, and what is expected.
 */
export function readConfig(file: string, environment: NodeJS.ProcessEnv): Config {
  const text = readText(file);
  const json = parseJson(text, file, "config-not-json", "the file is one JSON object");
  return parseConfig(json, environment, file);
}

/** The same for a value that is at hand; `file` is only for the error. */
export function parseConfig(json: unknown, environment: NodeJS.ProcessEnv, file: string): Config {
  const overridden = override(json, environment);
  const result = schema.safeParse(overridden);
  if (result.success) return result.data;
  const { key, expected } = issueWords(result.error);
  const path = result.error.issues[0]?.path ?? [];
  const found = JSON.stringify(valueAt(overridden, path)) ?? "nothing";
  const isPart = path.length > 0 && found.length <= MAX_SHOWN && key === path.join(".");
  const shown = isSecret(key) ? ", found another (not shown)" : isPart ? `, found ${found}` : "";
  const message =
    expected === "no such key" ? `${key}: no such key` : `${key}: expected ${expected}${shown}`;
  const fix = `correct ${key}; keeper/config.ts describes every key`;
  throw new Failure("config-value", message, fix, { file });
}

/** Characters of a wrong value that are shown. */
const MAX_SHOWN = 80;

function readText(file: string): string {
  if (statSync(file).isDirectory()) {
    throw new Failure("file-is-folder", `a folder, not a file: ${file}`, "name a file", { file });
  }
  return readFileSync(file, "utf8");
}

function override(json: unknown, environment: NodeJS.ProcessEnv): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const merged: Record<string, unknown> = { ...json };
  for (const [variable, key] of OVERRIDES) {
    const value = environment[variable];
    if (value !== undefined && value !== "") merged[key] = value;
  }
  return merged;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** URLs may carry a password or a key; a key file's path may not, but it is nobody's business. */
function isSecret(key: string): boolean {
  return key === "redis" || key.startsWith("chain.rpc.") || key === "keys" || key === "gasKey";
}
