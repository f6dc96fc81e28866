import { id, keccak256 } from "ethers";

import { WINDOWS } from "../../ignition/modules/Jurisdiction.ts";
import type {
  DisputeCounterStruct,
  EnforcementStruct,
  FinalisationStruct,
} from "../../typechain-types/Depository.ts";
import {
  counterOf,
  enforcementOf,
  finalisationOf,
  lock,
  type Piece,
  type Proof,
  type Row,
  readDisputes,
  startOf,
} from "./dispute.ts";
import type { Key } from "./entity.ts";
import { fill, type Jurisdiction, submit } from "./jurisdiction.ts";
import { change, FAR, layOut, signAllBut } from "./operation.ts";
import { AMOUNT, gasOf, HUB, PLENTY, pairOf, SPOKES, type Story } from "./story.ts";

// The stories of disputes and debts (DESIGN 4.4). Accounts have a number, collateral and money of
// both sides; all reserves exist; nobody's board is anything but a key.

const COLLATERAL = AMOUNT * 10n;
const SPOKE = SPOKES[0] as Key;
const LOCKS = 32;

/** What the hub holds in an account beyond what is on chain; negative where it owes. */
type Claim = { readonly hub: bigint; readonly limit?: bigint; readonly slots?: readonly string[] };

/** A proof of an account of the hub's, in which the hub has so much of the collateral. */
function proofOf(spoke: Key, number: bigint, { hub, limit = AMOUNT, slots }: Claim): Proof {
  const { left, right, hubIsLeft } = pairOf(spoke);
  // On chain all of the collateral is the hub's: it paid it in.
  const offdelta = hubIsLeft ? hub - COLLATERAL : -hub;
  const row: Row = {
    token: 1n,
    offdelta: hubIsLeft ? offdelta : COLLATERAL + offdelta,
    leftLimit: limit,
    rightLimit: limit,
  };
  const times = { leftResponse: 86_400n, rightResponse: 86_400n, frameHash: id("frame") };
  return { left, right, number, rows: [row], ...times, ...(slots === undefined ? {} : { slots }) };
}

/** Reserves of all, collateral of the hub's in the accounts, and a first number in each. */
async function open(at: Jurisdiction, spokes: readonly Key[]): Promise<void> {
  await fill(at, [HUB, ...spokes], PLENTY);
  const fundings = spokes.map((spoke) => ({
    beneficiary: HUB.id,
    counterparty: spoke.id,
    amount: COLLATERAL + 1n,
  }));
  await submit(at, HUB, { reserveToCollateral: [{ token: 1, fundings }] });
  const settlements = spokes.map((spoke) => {
    const { left, right, hubIsLeft } = pairOf(spoke);
    const diff = hubIsLeft ? change(1n, -1n, 0n) : change(1n, 0n, -1n);
    return { left, right, number: 1n, diffs: [diff] };
  });
  await submit(at, HUB, { settlements: [layOut(at.domain, settlements, true, signAllBut(HUB))] });
}

async function enforce(at: Jurisdiction, pieces: readonly Piece[]): Promise<bigint> {
  return gasOf(at.depository.enforce(enforcementOf(pieces)));
}

/** Anyone brings one newer proof, with both sides' signatures. */
async function counter(at: Jurisdiction, piece: Piece): Promise<bigint> {
  const { counters = [], rows = [], conditions = "0x", signatures = "0x" } = piece;
  const [head] = counters as [DisputeCounterStruct];
  return gasOf(at.depository.counter(head, rows, conditions, signatures));
}

/** Anyone ends one dispute. */
async function finalise(at: Jurisdiction, piece: Piece): Promise<bigint> {
  const { finalisations = [], rows = [], conditions = "0x", tokens = [] } = piece;
  const [head] = finalisations as [FinalisationStruct];
  return gasOf(at.depository.finalise(head, rows, conditions, tokens));
}

/** The hub's batch with one enforcement. */
async function carry(at: Jurisdiction, by: Key, pieces: readonly Piece[]): Promise<bigint> {
  const enforcement: EnforcementStruct = enforcementOf(pieces);
  return gasOf(submit(at, by, { enforcements: [enforcement] }));
}

/** The hub starts a dispute in each account; in the same order. */
async function start(at: Jurisdiction, proofs: readonly Proof[]): Promise<bigint> {
  return carry(
    at,
    HUB,
    proofs.map((proof) => startOf(at.domain, HUB, proof)),
  );
}

/** Each account's dispute with the proof that won it. */
async function finalisations(at: Jurisdiction, proofs: readonly Proof[]): Promise<Piece[]> {
  const disputes = await readDisputes(at, 0);
  return proofs.map((proof) => {
    const live = disputes.get(proof.left.id + proof.right.id);
    if (live === undefined) throw new Error("the account has no dispute");
    return finalisationOf(live, proof);
  });
}

async function passWindow(at: Jurisdiction): Promise<void> {
  const block = await at.ethers.provider.getBlock("latest");
  await at.time.increaseTo((block?.timestamp ?? 0) + WINDOWS.max + 1);
}

/** A dispute is started, its window passes, and it ends. */
async function close(at: Jurisdiction, proof: Proof): Promise<bigint> {
  await start(at, [proof]);
  await passWindow(at);
  const [piece] = (await finalisations(at, [proof])) as [Piece];
  return finalise(at, piece);
}

/** The same for many: all are started in one call, and finalised in another. */
async function closeAll(at: Jurisdiction, proofs: readonly Proof[]): Promise<bigint> {
  const started = await start(at, proofs);
  await passWindow(at);
  return started + (await enforce(at, await finalisations(at, proofs)));
}

const preimages = Array.from({ length: LOCKS }, (_, i) => id(`preimage ${i}`));

/** 32 hash locks, by each of which the hub gains. */
function locks(spoke: Key): readonly string[] {
  const amount = pairOf(spoke).hubIsLeft ? AMOUNT / 100n : -AMOUNT / 100n;
  return preimages.map((preimage) => lock(1, keccak256(preimage), FAR, [{ token: 1n, amount }]));
}

const debtors = SPOKES.slice(0, 32);

/** What the hub owes each of the 32, and cannot pay. */
async function indebt(at: Jurisdiction): Promise<void> {
  await open(at, debtors);
  const rest = await at.depository.reserveOf(HUB.id, 1);
  await submit(at, HUB, {
    withdrawals: [{ token: 1, items: [{ to: HUB.address, amount: rest }] }],
  });
  const proofs = debtors.map((spoke) => proofOf(spoke, 2n, { hub: -AMOUNT }));
  for (let first = 0; first < proofs.length; first += 8) {
    await closeAll(at, proofs.slice(first, first + 8));
  }
}

export const DISPUTE_STORIES: readonly Story[] = [
  {
    work: "dispute-start",
    items: 1,
    goal: 75_000,
    run: async (at) => {
      await open(at, [SPOKE]);
      return start(at, [proofOf(SPOKE, 2n, { hub: AMOUNT * 3n })]);
    },
  },
  {
    work: "counter",
    items: 1,
    goal: 50_000,
    run: async (at) => {
      await open(at, [SPOKE]);
      const started = proofOf(SPOKE, 2n, { hub: AMOUNT * 3n });
      await start(at, [started]);
      const live = (await readDisputes(at, 0)).get(started.left.id + started.right.id);
      if (live === undefined) throw new Error("the account has no dispute");
      return counter(at, counterOf(at.domain, live, proofOf(SPOKE, 3n, { hub: AMOUNT * 4n })));
    },
  },
  {
    work: "finalise",
    items: 1,
    goal: 57_000,
    run: async (at) => {
      await open(at, [SPOKE]);
      return close(at, proofOf(SPOKE, 2n, { hub: AMOUNT * 3n }));
    },
  },
  {
    work: "dispute-10",
    items: 1,
    goal: 650_000,
    run: async (at) => {
      const spokes = SPOKES.slice(0, 10);
      await open(at, spokes);
      return closeAll(
        at,
        spokes.map((spoke) => proofOf(spoke, 2n, { hub: AMOUNT * 3n })),
      );
    },
  },
  {
    work: "finalise-locks-32",
    items: 1,
    goal: 165_000,
    run: async (at) => {
      await open(at, [SPOKE]);
      await enforce(at, [{ preimages }]);
      return close(at, proofOf(SPOKE, 2n, { hub: AMOUNT * 3n, slots: locks(SPOKE) }));
    },
  },
  {
    work: "debt",
    items: 1,
    goal: 100_000,
    run: async (at) => {
      await open(at, [SPOKE]);
      const rest = (await at.depository.reserveOf(SPOKE.id, 1)) - AMOUNT;
      await submit(at, SPOKE, {
        withdrawals: [{ token: 1, items: [{ to: SPOKE.address, amount: rest }] }],
      });
      return close(at, proofOf(SPOKE, 2n, { hub: COLLATERAL + AMOUNT * 3n, limit: PLENTY }));
    },
  },
  {
    work: "enforce-32",
    items: 32,
    goal: 13_500,
    run: async (at) => {
      await indebt(at);
      await fill(at, [HUB], AMOUNT * 32n);
      const sweep = { debtor: HUB.id, token: 1, creditors: debtors.length };
      const creditors = debtors.map((spoke) => spoke.id);
      return gasOf(at.depository.enforceDebts([sweep], creditors));
    },
  },
];
