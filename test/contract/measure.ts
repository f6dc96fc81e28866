import { TIMES, WINDOWS } from "../../ignition/modules/Jurisdiction.ts";
import { deployJurisdiction } from "./jurisdiction.ts";
import { gasOf, STORIES } from "./story.ts";
import { DISPUTE_STORIES } from "./story-dispute.ts";

/** What one story cost. `gas` is for each item where there are several, rounded up. */
export type StoryCost = {
  readonly work: string;
  readonly gas: number;
  readonly goal: number | null;
};

/** Runs every story, each on a fresh in-process chain. */
export async function measureStories(): Promise<readonly StoryCost[]> {
  const costs: StoryCost[] = [];
  for (const { work, items, goal, run } of [...STORIES, ...DISPUTE_STORIES]) {
    const gas = await run(await deployJurisdiction());
    costs.push({ work, gas: Math.ceil(Number(gas) / items), goal });
  }
  return [...costs, { work: "deploy", gas: await deployCost(), goal: 8_000_000 }];
}

/** What deploying everything takes. */
async function deployCost(): Promise<number> {
  const at = await deployJurisdiction();
  const times = [TIMES.delay, TIMES.grace];
  const provider = await at.ethers.deployContract("EntityProvider", times);
  const args = [await provider.getAddress(), WINDOWS.min, WINDOWS.max];
  const module = await at.ethers.deployContract("Enforcement", args);
  const depository = await at.ethers.deployContract("Depository", [args[0], module]);
  let sum = 0n;
  for (const contract of [provider, module, depository]) {
    const sent = contract.deploymentTransaction();
    if (sent === null) throw new Error("a deployment left no transaction");
    sum += await gasOf(Promise.resolve(sent));
  }
  return Number(sum);
}
