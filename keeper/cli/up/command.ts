/** `xln up` as people and scripts see it. */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { exit, Failure, failureDocument } from "../failure.ts";
import { clearProgress, note, print, printDocument } from "../output.ts";
import type { UpWords } from "../up.ts";
import { DEPLOYMENT_FILE } from "./deployment.ts";
import { catchInterrupt, type Interrupt } from "./interrupt.ts";
import { runUp, type Up, type UpOptions } from "./run.ts";
import { upText } from "./text.ts";

const SAMPLE = fileURLToPath(new URL("../../../ledger/sample.csv", import.meta.url));

/** Faults of a failed check that are shown. */
const SHOWN = 20;

/** Exit 0 when all checks are true, 1 when one is not or a leg was refused. */
export async function runUpCommand(words: UpWords): Promise<void> {
  const interrupt = catchInterrupt();
  try {
    const up = await runOrTell(optionsOf(words, interrupt.signal), words.json);
    if (up === null) return;
    tellFaults(up);
    if (words.json === true) printDocument(up.report);
    else print(upText(up, words.details === true));
    process.exitCode = exitCodeOf(up);
    if (words.once !== true) await linger(up, words, interrupt);
    await up.stop();
  } finally {
    interrupt.release();
  }
}

function optionsOf(words: UpWords, signal: AbortSignal): UpOptions {
  return {
    file: words.ledger ?? relative(process.cwd(), SAMPLE),
    signal,
    ...(words.data === undefined ? {} : { data: words.data }),
    ...(words.refuse === undefined ? {} : { refuse: words.refuse }),
    ...(words.fork === undefined ? {} : { fork: checkUrl(words.fork) }),
    ...(words.deployment === undefined ? {} : { deployment: words.deployment }),
  };
}

/** A run, or null and exit 1 when a stage of it failed; a user's fault is thrown on. */
export async function runOrTell(options: UpOptions, json = false): Promise<Up | null> {
  try {
    const up = await runUp(options);
    clearProgress();
    return up;
  } catch (thrown) {
    clearProgress();
    if (thrown instanceof Failure || isFileError(thrown)) throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const reason = options.signal?.aborted === true ? "interrupted" : message;
    if (json) printDocument(failureDocument(new Failure("run-failed", reason)));
    note(`xln: the run ended early: ${reason}`);
    note("  everything that it had started is stopped");
    process.exitCode = exit.checkFailed;
    return null;
  }
}

function isFileError(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && "path" in thrown;
}

export function tellFaults({ faults, report, plans }: Up): void {
  const hasGap = Object.values(report.netting.tokens).some(({ gap }) => gap !== 0n);
  if (hasGap && plans.every(({ committed }) => committed)) {
    note("a gap stays, though all agreed: plans of at most 32 signers could not clear it");
  }
  for (const fault of faults.slice(0, SHOWN)) note(`check failed: ${fault}`);
  if (faults.length > SHOWN) note(`check failed: ${faults.length - SHOWN} more`);
}

/** Done when every check holds, and the proved optimum was cleared. */
export function exitCodeOf({ report, proved }: Up): number {
  const { conserved, replayRootsEqual, netting } = report;
  const whole = Object.values(netting.tokens).every(
    ({ gap, refused }) => gap === 0n && refused.length === 0,
  );
  return conserved && replayRootsEqual && whole && proved ? exit.done : exit.checkFailed;
}

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  const message = `--fork: expected the URL of a node, found ${JSON.stringify(url)}`;
  throw new Failure("fork-url", message, "write --fork http://127.0.0.1:8545");
}

/** Leaves the system running until it is told to stop. */
async function linger({ system }: Up, words: UpWords, interrupt: Interrupt): Promise<void> {
  const { chain, fleet, redis, data } = system;
  const [first] = fleet.keepers;
  note("");
  note("The system is running; Ctrl-C stops it.");
  note(`  chain      ${chain.url} (chain id ${chain.chainId})`);
  note(`  queue      ${redis?.url ?? "in this process"}`);
  note(`  state      ${data}${words.data === undefined ? " (removed at the end)" : ""}`);
  if (first !== undefined) {
    note("look at it:");
    note(`  ./xln inspect --data ${first.config.data}`);
    note(`  ./xln replay --config ${first.configFile} --data COPY`);
  }
  note("carry on from this chain in another terminal:");
  note(`  ./xln up --once --fork ${chain.url} --deployment ${join(data, DEPLOYMENT_FILE)}`);
  await interrupt.wanted;
  note("stopping");
}
