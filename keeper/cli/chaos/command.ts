/** `xln chaos` as people and scripts see it. */
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { ChaosWords } from "../chaos.ts";
import { exit, Failure } from "../failure.ts";
import { clearProgress, note, print, printDocument, printTable } from "../output.ts";
import { type ChaosReport, runChaos } from "./run.ts";

const SAMPLE = fileURLToPath(new URL("../../../ledger/sample.csv", import.meta.url));
const SEED_MAX = 2 ** 32 - 1;
const KILLS_MAX = 200;
const LIMIT_MAX = 86_400;

/** Exit 0 when the run ended and every check is true, 1 when not. */
export async function runChaosCommand(words: ChaosWords): Promise<void> {
  const seed = wholeNumber("seed", words.seed, 0, SEED_MAX) ?? randomInt(SEED_MAX);
  const kills = wholeNumber("kills", words.kills, 0, KILLS_MAX) ?? 20;
  const limit = wholeNumber("limit", words.limit, 1, LIMIT_MAX) ?? 180 + 20 * kills;
  note(`seed ${seed}: ./xln chaos --seed ${seed} --kills ${kills}`);
  const file = words.ledger ?? SAMPLE;
  const kept = words.data === undefined ? {} : { data: words.data };
  const report = await runChaos({ file, seed, kills, limit, ...kept });
  clearProgress();
  for (const fault of report.faults.slice(0, 20)) note(`check failed: ${fault}`);
  if (words.json === true) printDocument(report);
  else printReport(report);
  process.exitCode = isWell(report) ? exit.done : exit.checkFailed;
}

/** Everything ended as if nobody had been killed. */
export function isWell({ up, faults, doubleSignatures }: ChaosReport): boolean {
  return (
    up?.conserved === true &&
    up.replayRootsEqual &&
    Object.values(up.netting.tokens).every(({ gap, refused }) => gap === 0n && !refused.length) &&
    faults.length === 0 &&
    doubleSignatures.length === 0
  );
}

/** Undefined when it was not given. */
function wholeNumber(
  name: string,
  text: string | undefined,
  low: number,
  high: number,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^[0-9]{1,10}$/.test(text) && number >= low && number <= high) return number;
  const found = JSON.stringify(text);
  const message = `--${name}: expected a whole number of ${low} to ${high}, found ${found}`;
  throw new Failure(`${name}-range`, message, `write --${name} ${Math.max(low, 1)}`);
}

function printReport(report: ChaosReport): void {
  const { kills, up, doubleSignatures, signatures, seconds, repeat } = report;
  printTable(
    ["keeper", "killed", "in", "at s", "back at s"],
    kills.map(({ keeper, moment, stage, at, back }) => [keeper, moment, stage, at, back ?? "–"]),
  );
  print();
  print(
    `conserved: ${up?.conserved ?? false}, replayed roots equal: ${up?.replayRootsEqual ?? false}`,
  );
  const { heard, recorded } = signatures;
  print(`${heard} signatures heard, ${recorded} on record, ${doubleSignatures.length} given twice`);
  print(`${seconds} s; again: ${repeat}`);
}
