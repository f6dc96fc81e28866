import { TIMES, WINDOWS } from "../../ignition/modules/Jurisdiction.ts";
import { breakDown, PARTS, type Parts } from "./breakdown.ts";
import { deployJurisdiction } from "./jurisdiction.ts";
import { gasOf, STORIES } from "./story.ts";
import { DISPUTE_STORIES } from "./story-dispute.ts";

/** What one story cost. `gas` is for each item where there are several, rounded up. */
export type StoryCost = {
  readonly work: string;
  readonly gas: number;
  readonly goal: number | null;
  readonly items: number;
  /** Of all items together. */
  readonly whole: number;
  /** What the whole went for. */
  readonly parts: Parts;
};

/** Runs every story, each on a fresh in-process chain. */
export async function measureStories(): Promise<readonly StoryCost[]> {
  const costs: StoryCost[] = [];
  for (const { work, items, goal, run } of [...STORIES, ...DISPUTE_STORIES]) {
    const at = await deployJurisdiction();
    const whole = Number(await run(at));
    const parts = await breakDown(at.ethers, whole);
    costs.push({ work, gas: Math.ceil(whole / items), goal, items, whole, parts });
  }
  return [...costs, await deployCost()];
}

/** Each part for each item, rounded, by its name; parts that are nothing left out. */
export function textOf({ items, parts }: StoryCost): string {
  return PARTS.filter((part) => parts[part] !== 0)
    .map((part) => `${part} ${Math.round(parts[part] / items)}`)
    .join(", ");
}

/** What deploying everything takes. */
async function deployCost(): Promise<StoryCost> {
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
  const whole = Number(sum);
  const parts = await breakDown(at.ethers, whole);
  return { work: "deploy", gas: whole, goal: 8_000_000, items: 1, whole, parts };
}
