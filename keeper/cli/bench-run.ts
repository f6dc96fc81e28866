import { cpus } from "node:os";
import type { Bench, BenchRow } from "../../scripts/bench/types.ts";
import { clearProgress, print, printDocument, printTable, progress } from "./output.ts";

/** Runs a bench and prints its rows. A goal that is missed is a figure, not a failure. */
export async function runBench(bench: Bench, json: boolean): Promise<void> {
  const results = await bench.run(progress);
  clearProgress();
  const machine = machineText();
  if (json) {
    printDocument({ name: bench.name, machine, results });
    return;
  }
  print(`${bench.name}: ${bench.title}`);
  print(machine);
  print();
  const columns = [
    "work",
    { title: "value", right: true },
    "unit",
    { title: "limit", right: true },
    { title: "goal", right: true },
    "",
    "",
  ];
  printTable(columns, results.map(cells));
}

function cells({ work, value, unit, limit, goal, better, note }: BenchRow): (string | number)[] {
  const sign = better === "higher" ? "≥" : "≤";
  const met = goal === null || (better === "higher" ? value >= goal : value <= goal);
  return [
    work,
    value,
    unit,
    limit ?? "–",
    goal === null ? "–" : `${sign} ${goal}`,
    met ? "" : "missed",
    note ?? "",
  ];
}

function machineText(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown processor";
  return `${cores.length} × ${model}, ${process.platform}, Node ${process.versions.node}`;
}
