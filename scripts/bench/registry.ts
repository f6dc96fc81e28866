import type { Bench } from "./types.ts";

/** Every bench, by name. A bench's module is imported only when it runs. */
export const benches: readonly Bench[] = [
  {
    name: "account",
    title: "two replicas of one account in one process, every message encoded, signed and checked",
    run: async (progress) => (await import("./account.ts")).benchAccount(progress),
  },
  {
    name: "gas",
    title: "gas of user stories on the in-process Hardhat network, per item",
    run: async (progress) => (await import("./gas.ts")).benchGas(progress),
  },
  {
    name: "netting",
    title: "the solver and the cut into plans, 120-bit amounts, median of 5 warm runs",
    run: async (progress) => (await import("./netting.ts")).benchNetting(progress),
  },
];
