import { writeFile } from "node:fs/promises";

import hre from "hardhat";

import { measureStories } from "../test/contract/measure.ts";

// The gas rows of `./xln bench gas`: one JSON array on standard output. With `--update` the
// committed snapshot is written anew from them.
const costs = await measureStories();
const rows = costs.map(({ work, gas, goal }) => ({
  work,
  value: gas,
  unit: "gas",
  limit: null,
  goal,
  better: "lower",
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
}
