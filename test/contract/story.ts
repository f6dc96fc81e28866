import { concat, id } from "ethers";

import type { SettlementsStruct } from "../../typechain-types/Depository.ts";
import { type Key, keyOf, keysOf, signDigest } from "./entity.ts";
import { fill, type Jurisdiction, signedBatches, submit } from "./jurisdiction.ts";
import {
  type Change,
  change,
  FAR,
  layOut,
  type Settlement,
  settlementDigest,
  signAllBut,
} from "./operation.ts";
import { layOutPlan } from "./plan.ts";

// The stories of DESIGN 4.4 that are built. In each, accounts, numbers and reserves exist unless
// it says otherwise; entities are single keys; amounts have 7 or 8 significant bytes.

/** One story; its gas is for each item. */
export type Story = {
  readonly work: string;
  readonly items: number;
  readonly goal: number | null;
  readonly run: (at: Jurisdiction) => Promise<bigint>;
};

export const AMOUNT = 0x12_3456_789a_bcden;
export const PLENTY = AMOUNT * 1000n;
export const HUB = keyOf("hub");
export const SPOKES = keysOf("spoke", 50);

/** What a transaction used. */
export async function gasOf(sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) {
  const receipt = await (await sent).wait();
  if (receipt === null) throw new Error("the transaction was not mined");
  return receipt.gasUsed;
}

/** Hub and spoke in the order of their ids, and whether the hub is left. */
export function pairOf(spoke: Key): { left: Key; right: Key; hubIsLeft: boolean } {
  const hubIsLeft = HUB.id < spoke.id;
  return hubIsLeft
    ? { left: HUB, right: spoke, hubIsLeft }
    : { left: spoke, right: HUB, hubIsLeft };
}

/** The hub takes collateral into its reserve. */
function takeOut(spoke: Key, number: bigint): Settlement {
  const { left, right, hubIsLeft } = pairOf(spoke);
  return { left, right, number, diffs: [change(1n, ...sides(hubIsLeft, -AMOUNT, 0n))] };
}

/** The spoke pays what it owes from its reserve to the hub's. */
function payHub(spoke: Key, number: bigint): Settlement {
  const { left, right, hubIsLeft } = pairOf(spoke);
  return { left, right, number, diffs: [change(1n, ...sides(hubIsLeft, -AMOUNT, AMOUNT))] };
}

function sides(hubIsLeft: boolean, hub: bigint, spoke: bigint): [bigint, bigint] {
  return hubIsLeft ? [hub, spoke] : [spoke, hub];
}

/** Reserves of all, and collateral on the hub's side of every account. */
async function warm(at: Jurisdiction): Promise<void> {
  await fill(at, [HUB, ...SPOKES], PLENTY);
  const fundings = SPOKES.map((spoke) => ({
    beneficiary: HUB.id,
    counterparty: spoke.id,
    amount: AMOUNT * 10n,
  }));
  await submit(at, HUB, { reserveToCollateral: [{ token: 1, fundings }] });
}

async function settleInBatch(at: Jurisdiction, list: readonly Settlement[]): Promise<bigint> {
  return gasOf(submit(at, HUB, { settlements: [layOut(at.domain, list, true, signAllBut(HUB))] }));
}

async function settleOpenly(at: Jurisdiction, list: readonly Settlement[]): Promise<bigint> {
  const settlements: SettlementsStruct = layOut(at.domain, list, true);
  return gasOf(at.depository.settleDiffs(settlements));
}

async function release(at: Jurisdiction, number: bigint): Promise<bigint> {
  const items = SPOKES.map((spoke) => {
    const settlement = takeOut(spoke, number);
    const signature = signDigest(spoke, settlementDigest(at.domain, settlement));
    const terms = { counterparty: spoke.id, epoch: 0, number, deadline: FAR, amount: AMOUNT };
    return { release: { ...terms, signatureLength: 65 }, signature };
  });
  const group = {
    token: 1,
    releases: items.map((item) => item.release),
    signatures: concat(items.map((item) => item.signature)),
  };
  return gasOf(submit(at, HUB, { collateralToReserve: [group] }));
}

/** Everyone in a circle pays the next one; nobody has a reserve. */
function ringOf(number: bigint): readonly Settlement[] {
  return SPOKES.map((debtor, i) => {
    const creditor = SPOKES[(i + 1) % SPOKES.length] as Key;
    const forward = debtor.id < creditor.id;
    const diff: Change = change(1n, forward ? AMOUNT : -AMOUNT, forward ? -AMOUNT : AMOUNT);
    return {
      left: forward ? debtor : creditor,
      right: forward ? creditor : debtor,
      number,
      diffs: [diff],
    };
  });
}

/** A plan without settlements is committed. */
function planOf(signers: number): Story {
  return {
    work: `plan-${signers}`,
    items: 1,
    goal: PLAN_GOALS[signers] ?? null,
    run: async (at) => {
      const plan = { signers: keysOf("signer", signers), legsHash: id("legs"), salt: id("salt") };
      return gasOf(at.depository.commitPlan(...layOutPlan(at.domain, plan)));
    },
  };
}

const PLAN_GOALS: Readonly<Record<number, number>> = { 3: 68_000, 30: 210_000, 200: 1_100_000 };

const few = SPOKES.slice(0, 32);

export const STORIES: readonly Story[] = [
  {
    work: "empty-batch",
    items: 1,
    goal: 41_000,
    run: async (at) => {
      await submit(at, HUB, {});
      return gasOf(submit(at, HUB, {}));
    },
  },
  {
    work: "batches-32",
    items: 32,
    goal: 19_000,
    run: async (at) => {
      await at.depository.processBatches(await signedBatches(at, few));
      return gasOf(at.depository.processBatches(await signedBatches(at, few)));
    },
  },
  {
    work: "settle-32",
    items: 32,
    goal: 23_000,
    run: async (at) => {
      await warm(at);
      await settleInBatch(
        at,
        few.map((spoke) => takeOut(spoke, 1n)),
      );
      return settleInBatch(
        at,
        few.map((spoke) => takeOut(spoke, 2n)),
      );
    },
  },
  {
    work: "settle-32-first",
    items: 32,
    goal: 41_000,
    run: async (at) => {
      await warm(at);
      await submit(at, HUB, {});
      return settleInBatch(
        at,
        few.map((spoke) => takeOut(spoke, 1n)),
      );
    },
  },
  {
    work: "settle-32-reserves",
    items: 32,
    goal: null,
    run: async (at) => {
      await warm(at);
      await settleInBatch(
        at,
        few.map((spoke) => payHub(spoke, 1n)),
      );
      return settleInBatch(
        at,
        few.map((spoke) => payHub(spoke, 2n)),
      );
    },
  },
  {
    work: "settle-diffs-32",
    items: 32,
    goal: null,
    run: async (at) => {
      await warm(at);
      await settleOpenly(
        at,
        few.map((spoke) => payHub(spoke, 1n)),
      );
      return settleOpenly(
        at,
        few.map((spoke) => payHub(spoke, 2n)),
      );
    },
  },
  {
    work: "reserve-to-reserve-50",
    items: 50,
    goal: 9_200,
    run: async (at) => {
      await fill(at, [HUB, ...SPOKES], PLENTY);
      await submit(at, HUB, {});
      const transfers = SPOKES.map((spoke) => ({ to: spoke.id, amount: AMOUNT }));
      return gasOf(submit(at, HUB, { reserveToReserve: [{ token: 1, transfers }] }));
    },
  },
  {
    work: "reserve-to-collateral-50",
    items: 50,
    goal: 28_000,
    run: async (at) => {
      await fill(at, [HUB], PLENTY);
      await submit(at, HUB, {});
      const fundings = SPOKES.map((spoke) => ({
        beneficiary: HUB.id,
        counterparty: spoke.id,
        amount: AMOUNT,
      }));
      return gasOf(submit(at, HUB, { reserveToCollateral: [{ token: 1, fundings }] }));
    },
  },
  {
    work: "collateral-to-reserve-50",
    items: 50,
    goal: 23_000,
    run: async (at) => {
      await warm(at);
      await release(at, 1n);
      return release(at, 2n);
    },
  },
  {
    work: "ring-50",
    items: 50,
    goal: 29_000,
    run: async (at) => {
      await settleOpenly(at, ringOf(1n));
      return settleOpenly(at, ringOf(2n));
    },
  },
  {
    work: "plan-ring-50",
    items: 50,
    goal: 22_500,
    run: async (at) => {
      await settleOpenly(at, ringOf(1n));
      const plan = {
        signers: SPOKES,
        legsHash: id("legs"),
        salt: id("salt"),
        settlements: ringOf(0n),
      };
      return gasOf(at.depository.commitPlan(...layOutPlan(at.domain, plan)));
    },
  },
  planOf(3),
  planOf(30),
  planOf(200),
];
