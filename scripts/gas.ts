import { readFile, writeFile } from "node:fs/promises";

import hre from "hardhat";

import { gasTable, withTable } from "../test/contract/gas-table.ts";
import { measureStories, textOf } from "../test/contract/measure.ts";

// The gas rows of `./xln bench gas`: one JSON array on standard output. With `--update` the
// committed snapshot, and the table of contracts/GAS.md, are written anew from them.
const costs = await measureStories();
const rows = costs.map((cost) => ({
  work: cost.work,
  value: cost.gas,
  unit: "gas",
  limit: null,
  goal: cost.goal,
  better: "lower",
  note: textOf(cost),
}));
process.stdout.write(`${JSON.stringify(rows)}\n`);

if (process.argv.includes("--update")) {
  const size: Record<string, number> = {};
  for (const name of ["Depository", "Enforcement", "EntityProvider"]) {
    const { deployedBytecode } = await hre.artifacts.readArtifact(name);
    size[name] = (deployedBytecode.length - 2) / 2;
  }
  const gas = Object.fromEntries(costs.map((cost) => [cost.work, cost.gas]));
  const path = new URL("../test/contract/snapshot.json", import.meta.url);
  await writeFile(path, `${JSON.stringify({ gas, size }, null, 2)}\n`);
  const document = new URL("../contracts/GAS.md", import.meta.url);
  await writeFile(document, withTable(await readFile(document, "utf8"), gasTable(costs)));
}
