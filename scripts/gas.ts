import { measureStories } from "../test/contract/story.ts";

// The gas rows of `./xln bench gas`: one JSON array on standard output.
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
