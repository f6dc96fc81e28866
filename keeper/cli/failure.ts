import { CommanderError } from "commander";
import { SignerError } from "../signer/fault.ts";
import { StoreError } from "../store/fault.ts";

/** Where in a user's file the fault lies. Lines and columns count from 1. */
export type Place = {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
};

/** What `--json` prints when a command cannot run. */
export type FailureDocument = {
  readonly schema: 1;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly file: string | null;
    readonly line: number | null;
    readonly column: number | null;
    readonly fix: string | null;
  };
};

/** Exit codes that scripts rely on. */
export const exit = { done: 0, checkFailed: 1, badInput: 2 } as const;

/**
 * A user's fault: a bad file, key or option. Every command throws this one, `main` prints it (as a
 * document with `--json`, in words on standard error always) and exits with 2, without a stack.
 */
export class Failure extends Error {
  /** Stable, in kebab case: scripts match on it. */
  readonly code: string;
  /** What to do about it. */
  readonly fix: string | undefined;
  readonly place: Place;

  constructor(code: string, message: string, fix?: string, place: Place = {}) {
    super(message);
    this.name = "Failure";
    this.code = code;
    this.fix = fix;
    this.place = place;
  }
}

/**
 * Reads a thrown value as a user's fault, if it is one: a Failure, what the command line parser
 * refused, keys or a data folder that will not do, or a file that is missing, unreadable or of the
 * wrong kind. Anything else is our bug.
 */
export function asFailure(thrown: unknown): Failure | undefined {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof CommanderError) {
    const message = thrown.message.replace(/^error: /, "").replaceAll("\n", " ");
    return new Failure(kebab(thrown.code), message, "./xln --help lists commands and options");
  }
  if (thrown instanceof SignerError || thrown instanceof StoreError) {
    const { code, fix, message } = thrown;
    const [kind, file] =
      thrown instanceof StoreError ? ["store", thrown.place.file] : ["signer", undefined];
    const words = message.endsWith(`; ${fix}`) ? message.slice(0, -fix.length - 2) : message;
    return new Failure(`${kind}-${kebab(code)}`, words, fix, file === undefined ? {} : { file });
  }
  if (!(thrown instanceof Error) || !("code" in thrown) || !("path" in thrown)) return undefined;
  const words = fileWords.get(String(thrown.code));
  if (words === undefined) return undefined;
  const file = String(thrown.path);
  return new Failure(words.code, `${words.message}: ${file}`, words.fix, { file });
}

/** The document of a failure, null where a field does not apply. */
export function failureDocument(failure: Failure): FailureDocument {
  const { file, line, column } = failure.place;
  return {
    schema: 1,
    error: {
      code: failure.code,
      message: failure.message,
      file: file ?? null,
      line: line ?? null,
      column: column ?? null,
      fix: failure.fix ?? null,
    },
  };
}

/** The same in words, `file:line:column: message` first, so that editors can jump to it. */
export function failureText(failure: Failure): string {
  const { file, line, column } = failure.place;
  const named = file !== undefined && !failure.message.includes(file);
  const place = [named || line !== undefined ? file : undefined, line, column];
  const where = place.filter((part) => part !== undefined).join(":");
  const head = `xln: ${where === "" ? "" : `${where}: `}${failure.message}`;
  return failure.fix === undefined ? head : `${head}\n  fix: ${failure.fix}`;
}

const fileWords: ReadonlyMap<string, { code: string; message: string; fix: string }> = new Map([
  ["ENOENT", { code: "file-missing", message: "no such file", fix: "check the path" }],
  ["EISDIR", { code: "file-is-folder", message: "a folder, not a file", fix: "name a file" }],
  ["ENOTDIR", { code: "path-broken", message: "a file, not a folder", fix: "check the path" }],
  ["EACCES", { code: "file-denied", message: "may not be read", fix: "check its permissions" }],
  ["EPERM", { code: "file-denied", message: "may not be used", fix: "check its permissions" }],
]);

/** `commander.unknownCommand` → `unknown-command`. */
function kebab(code: string): string {
  const name = code.slice(code.indexOf(".") + 1);
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
