import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { asFailure, exit, failureDocument, failureText } from "../../../keeper/cli/failure.ts";
import { registerNet } from "../../../keeper/cli/net.ts";

/** A row of the table: what the file holds, the options, and the error document to expect. */
export type BadInput = {
  readonly what: string;
  readonly input: {
    readonly text?: string;
    readonly hex?: string;
    /** After `text`, so often; then `then`. */
    readonly append?: { readonly text: string; readonly times: number };
    readonly then?: string;
    readonly missing?: boolean;
    readonly folder?: boolean;
  };
  readonly options?: readonly string[];
};

export type BadOutcome = {
  readonly code: number;
  readonly document: object | undefined;
  readonly words: string;
};

/**
 * Runs `net ledger.csv` with a row's file and options through the command itself; the folder of
 * the file is left out of what it says.
 */
export async function badInputOf({ input, options = [] }: BadInput): Promise<BadOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "xln-bad-input-"));
  const file = join(folder, "ledger.csv");
  try {
    if (input.folder === true) mkdirSync(file);
    else if (input.missing !== true) writeFileSync(file, bytesOf(input));
    const program = new Command("xln");
    program.exitOverride();
    program.configureOutput({ writeErr: () => undefined });
    registerNet(program);
    await program.parseAsync(["net", file, "--json", ...options], { from: "user" });
    return { code: exit.done, document: undefined, words: "" };
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure === undefined) throw thrown;
    const bare = (text: string) => text.replaceAll(`${folder}/`, "");
    return {
      code: exit.badInput,
      document: JSON.parse(bare(JSON.stringify(failureDocument(failure)))) as object,
      words: bare(failureText(failure)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function bytesOf({ text = "", hex, append, then = "" }: BadInput["input"]): Uint8Array {
  if (hex !== undefined) return Buffer.from(hex, "hex");
  return Buffer.from(text + (append?.text.repeat(append.times) ?? "") + then);
}
