/** The stages of the demonstration in their order (DESIGN.md, "The demonstration"). */
import { createPublicClient, http } from "viem";
import type { Objective } from "../../netting/types.ts";
import { Failure } from "../failure.ts";
import { type ChainState, pairKey, readChain } from "./chain-state.ts";
import { auditAll, checkSums } from "./check.ts";
import type { Fleet } from "./fleet.ts";
import { depositAll, depositsOf } from "./fund.ts";
import type { LocalChain } from "./ground.ts";
import { type Figures, figuresOf, nettedStates, settledState } from "./outcome.ts";
import type { StageName, System } from "./run.ts";
import {
  type Cost,
  dueSettlements,
  type RowState,
  type Settling,
  settlementsOnChain,
  settleOnFork,
} from "./settle.ts";
import {
  collectStates,
  fundCollateral,
  type NettingOutcome,
  netAll,
  openAccounts,
  payAll,
  refuseAfterRows,
  setCredits,
  settleOnChain,
} from "./stage.ts";
import type { Stopwatch } from "./stopwatch.ts";

export type PlayOptions = {
  readonly objective: Objective;
  readonly refuse: readonly string[];
  /** False leaves out the settlements: what is over a limit after netting stays there. */
  readonly settles: boolean;
  /** True when the chain has been used before. */
  readonly carriesOn: boolean;
  readonly stopwatch: Stopwatch;
  readonly before: (stage: StageName) => Promise<void>;
};

export type Played = Figures & {
  readonly payments: number;
  readonly netting: NettingOutcome;
  readonly before: Cost;
  readonly after: Cost;
  readonly conservation: readonly string[];
  readonly replay: readonly string[];
};

const NOTHING: Cost = { landed: 0, gas: 0 };

export async function play(system: System, options: PlayOptions): Promise<Played> {
  const { cast, deployment, chain } = system;
  const enter = async (name: StageName, words: string) => {
    options.stopwatch.begin(words);
    await options.before(name);
  };
  const found = options.carriesOn ? await readChain(cast, deployment, chain.url) : null;
  if (found !== null) checkCarriesOn(system, found);
  const deposits = depositsOf(cast);
  await enter(
    "open",
    `depositing ${deposits.length} reserves, opening ${cast.ledger.accounts} accounts`,
  );
  const [deposited] = await Promise.all([
    depositAll(deposits, deployment, chain),
    openAccounts(system),
  ]);
  await settledBy(system.fleet, deposited, options.stopwatch);
  await enter("collateral", "funding collateral by batches");
  await fundCollateral(system, found, await chainTime(chain));
  await settledBy(system.fleet, await chainHeight(chain), options.stopwatch);
  const paid = await moveMoney(system, options, enter);
  await enter("baseline", "forking the chain, to settle everything over its limit there");
  const baseline = options.settles
    ? await settleOnFork(cast, paid.states, deployment, chain)
    : null;
  try {
    await enter("net", "netting: detect, solve, hold, prepare, certify, commit");
    const refusing = cast.actors.filter(({ name }) => options.refuse.includes(name));
    await refuseAfterRows(system, refusing);
    const netting = await netAll(system, options.objective, await chainTime(chain));
    const netted = await collectStates(system, "netted");
    const after = await settle(system, options, netted, enter);
    const settled = options.settles ? await collectStates(system, "settled") : netted;
    const before = await costOf(baseline, options.stopwatch);
    const expected = nettedStates(paid.states, netting, deployment);
    const due = options.settles ? expected.map(settledState) : expected;
    await enter("check", "waiting for the last blocks to be final");
    await settledBy(system.fleet, await chainHeight(chain), options.stopwatch);
    await enter("replay", "replaying each log in a new process, comparing all with the chain");
    const { audits, faults } = await auditAll(system.fleet);
    const ends = { before: found, after: await readChain(cast, deployment, chain.url) };
    return {
      ...figuresOf(cast, options.objective, paid.states, netted, netting, deployment),
      payments: paid.payments,
      netting,
      before,
      after,
      conservation: checkSums(system, deposits, ends, audits, due, settled),
      replay: faults,
    };
  } finally {
    await baseline?.stop();
  }
}

type Enter = (name: StageName, words: string) => Promise<void>;

/** Credit by frames, then payments, until both sides of every account say what the file says. */
async function moveMoney(
  system: System,
  options: PlayOptions,
  enter: Enter,
): Promise<{ readonly states: readonly RowState[]; readonly payments: number }> {
  await enter("credit", "setting credit and soft limits by frames");
  await setCredits(system);
  await enter("pay", "paying until every delta is the file's");
  const fresh = system.cast.rows.map((row): RowState => ({ row, delta: 0n }));
  const begun = options.carriesOn ? await collectStates(system, "begun") : fresh;
  const payments = await payAll(system, begun);
  const states = await collectStates(system, "paid");
  const wrong = states.find(({ row, delta }) => delta !== row.delta);
  if (wrong === undefined) return { states, payments };
  const { left, right } = wrong.row;
  throw new Error(`${left.name} with ${right.name}: paid up to ${wrong.delta}, not to the file's`);
}

async function settle(
  system: System,
  { settles }: PlayOptions,
  netted: readonly RowState[],
  enter: Enter,
): Promise<Cost> {
  if (!settles) return NOTHING;
  const { deployment, chain } = system;
  const due = dueSettlements(netted, deployment);
  await enter("settle", `settling the ${due.length} accounts that are still over a limit`);
  const from = (await chainHeight(chain)) + 1;
  await settleOnChain(system, due, await chainTime(chain));
  return settlementsOnChain(deployment, chain.url, from);
}

async function costOf(baseline: Settling | null, { begin }: Stopwatch): Promise<Cost> {
  if (baseline === null) return NOTHING;
  begin("waiting for the settlements on the fork");
  return baseline.cost;
}

/**
 * What a chain that was used before may hold of these accounts: a part of their collateral, and
 * no more claims than that covers; the other half of a claim would be in logs that are not here.
 */
function checkCarriesOn({ cast, deployment }: System, found: ChainState): void {
  for (const row of cast.rows) {
    const token = deployment.tokens[row.market]?.token ?? 0;
    const { ondelta, collateral } = found.money.get(token)?.get(pairKey(row)) ?? NO_MONEY;
    if (collateral <= row.collateral && ondelta >= 0n && ondelta <= collateral) continue;
    const names = `${row.left.name} with ${row.right.name}`;
    const state = `collateral ${collateral}, ondelta ${ondelta}`;
    throw new Failure(
      "account-moved",
      `${names} has moved on that chain (${state}): what this began from is in its keepers' logs`,
      "leave out --deployment: the contracts are then deployed anew on the fork",
    );
  }
}

const NO_MONEY = { ondelta: 0n, collateral: 0n };

/** How often a keeper is asked how far it has followed the chain, in milliseconds. */
const LOOK_MS = 25;

/** Waits until every keeper has seen this block as final. */
async function settledBy(fleet: Fleet, height: number, { tell }: Stopwatch): Promise<void> {
  let told = performance.now();
  for (const keeper of fleet.keepers) {
    for (;;) {
      const seen = await keeper.finalHeight();
      if (seen >= height) break;
      if (performance.now() - told > 2_000) {
        told = performance.now();
        tell(`${keeper.config.name} has followed the chain to block ${seen} of ${height}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

async function chainHeight({ url }: LocalChain): Promise<number> {
  return Number(await createPublicClient({ transport: http(url) }).getBlockNumber());
}

async function chainTime({ url }: LocalChain): Promise<number> {
  const { timestamp } = await createPublicClient({ transport: http(url) }).getBlock();
  return Number(timestamp);
}
