/**
 * One round of netting as a coordinator runs it (QUE-1): detect, solve, prepare, commit. Every
 * step is a command under an id derived from the round's, so a second run of the job picks up what
 * the first has done; the job itself holds nothing.
 */
import { z } from "zod";
import { type Bytes32, fromHex, toHex } from "./base/bytes.ts";
import { createInterner, type Interner } from "./base/intern.ts";
import { keccakText } from "./codec/keccak.ts";
import type { CommandResult, CommandValue, HandedRow } from "./entity/types.ts";
import type { CommandInput } from "./ingress.ts";
import type { EntityId, TokenId } from "./jurisdiction/types.ts";
import { chainsOf, type DebtChain } from "./netting/chain.ts";
import { decompose } from "./netting/decompose.ts";
import { solve } from "./netting/solve.ts";
import { totals } from "./netting/total.ts";
import type { Network, Objective, PlanPart } from "./netting/types.ts";
import { type PartPayment, planFromPart } from "./plan/build.ts";
import { planHash } from "./plan/digest.ts";
import type { Json } from "./queue/types.ts";

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => fromHex(text as `0x${string}`) as Bytes32);

/** The data of a job of the queue `netting`. */
const jobSchema = z.strictObject({
  coordinator: bytes32,
  participants: z.array(bytes32).min(2).max(10_000),
  objective: z.enum(["excess", "value"]),
  /** Unix seconds, the chain's time; fixed by whoever asks, so that a second run is the same. */
  commitBy: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** True: debts over their limits that no circulation clears are settled at the ends of chains. */
  settle: z.boolean().default(false),
});

export type NettingJob = {
  readonly coordinator: EntityId;
  readonly participants: readonly EntityId[];
  readonly objective: Objective;
  readonly commitBy: number;
  readonly settle: boolean;
};

export function nettingJson(job: NettingJob): Json {
  const { coordinator, participants, objective, commitBy, settle } = job;
  return {
    coordinator: toHex(coordinator),
    participants: participants.map(toHex),
    objective,
    commitBy,
    settle,
  };
}

export type NettingParts = {
  readonly command: (input: CommandInput) => Promise<CommandResult>;
  /** The EIP-712 domain of the Depository. */
  readonly domain: Bytes32;
  readonly tell: (event: string, fields: Readonly<Record<string, number | string>>) => void;
};

/** Plans that are under way at once: their frames share ticks, syncs and signatures. */
const PLANS_AT_ONCE = 64;

/** Runs the round called `id`. What it returns is the job's result. */
export async function runNetting(id: string, data: Json, parts: NettingParts): Promise<Json> {
  const parsed = jobSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, code: "badJob", message: `${issue?.path.join(".")}: ${issue?.message}` };
  }
  const job: NettingJob = parsed.data;
  const detected = await collect(id, job, parts);
  if (!detected.ok) return { ok: false, code: detected.code, message: detected.message };
  const { rows, disagreed } = detected;
  const markets = marketsOf(rows);
  const tokens: Json[] = [];
  const plans: Json[] = [];
  for (const market of markets) {
    const solution = solve(market.network, job.objective);
    const planned = decompose(market.network, job.objective, solution.flows).parts;
    parts.tell("solved", { token: market.token, plans: planned.length });
    tokens.push({
      token: market.token,
      optimum: solution.cleared.toString(),
      proved: solution.proved,
      overLimit: totals(market.network).overLimit,
    });
    plans.push(...(await executeAll(id, job, market, planned, parts)));
  }
  if (job.settle) {
    const chains = await settleChains(`${id}/chains`, job, parts);
    if (!Array.isArray(chains)) return chains;
    plans.push(...chains);
  }
  return { ok: true, rows: rows.length, disagreed, tokens, plans };
}

/**
 * What is still over its limit, seen anew, in chains: the legs cancel along each, and the first
 * entity pays the last one on chain with the commit (NET-6).
 */
async function settleChains(id: string, job: NettingJob, parts: NettingParts): Promise<Json> {
  const left = await collect(id, job, parts);
  if (!left.ok) return { ok: false, code: left.code, message: left.message };
  const plans: Json[] = [];
  for (const market of marketsOf(left.rows)) {
    const chains = chainsOf(market.network);
    parts.tell("chained", { token: market.token, plans: chains.length });
    plans.push(...(await executeAll(id, job, market, chains, parts)));
  }
  return plans;
}

type Collected =
  | { ok: true; rows: readonly HandedRow[]; disagreed: number }
  | { ok: false; code: string; message: string };

async function collect(id: string, job: NettingJob, parts: NettingParts): Promise<Collected> {
  const result = await parts.command({
    kind: "command",
    entity: job.coordinator,
    id: `${id}/rows`,
    command: { kind: "collectRows", from: job.participants },
  });
  if (!result.ok) return { ok: false, ...result.refusal };
  const value = result.value as CommandValue & { kind: "rows" };
  parts.tell("detected", { rows: value.rows.length, disagreed: value.disagreed });
  return { ok: true, rows: value.rows, disagreed: value.disagreed };
}

/** The rows of one token as a network; entities are numbered as they come. */
type Market = {
  readonly token: TokenId;
  readonly ids: Interner;
  readonly rows: readonly HandedRow[];
  readonly network: Network;
};

function marketsOf(rows: readonly HandedRow[]): readonly Market[] {
  const byToken = Map.groupBy(rows, ({ token }) => token);
  const tokens = [...byToken.keys()].sort((a, b) => a - b);
  return tokens.map((token) => marketOf(token, byToken.get(token) ?? []));
}

function marketOf(token: TokenId, rows: readonly HandedRow[]): Market {
  const ids = createInterner();
  const positions = rows.map(({ left, right, ...money }) => ({
    ...money,
    left: ids.intern(left),
    right: ids.intern(right),
  }));
  return { token, ids, rows, network: { entities: ids.size, positions } };
}

/** A part of a solution, with what is paid on chain where it is a chain. */
type Planned = PlanPart & Partial<Pick<DebtChain, "pays">>;

/** Plans are independent of each other: so many are under way at once, in a fixed order. */
async function executeAll(
  id: string,
  job: NettingJob,
  market: Market,
  planned: readonly Planned[],
  parts: NettingParts,
): Promise<Json[]> {
  const results = new Array<Json>(planned.length).fill(null);
  let next = 0;
  async function worker(): Promise<void> {
    while (next < planned.length) {
      const index = next++;
      const name = `${id}/plan/${market.token}/${index}`;
      results[index] = await execute(name, job, market, planned[index] as Planned, parts);
    }
  }
  await Promise.all(Array.from({ length: PLANS_AT_ONCE }, worker));
  return results;
}

async function execute(
  name: string,
  job: NettingJob,
  market: Market,
  part: Planned,
  parts: NettingParts,
): Promise<Json> {
  const { token } = market;
  const legs = part.legs.map(({ position, amount }) => {
    const { left, right } = market.rows[position] as HandedRow;
    return { left, right, token, amount };
  });
  const terms = { domain: parts.domain, salt: keccakText(name), commitBy: job.commitBy };
  const pays = part.pays === undefined ? [] : [paymentOf(market, part.pays)];
  const plan = planFromPart(legs, terms, pays);
  if (!plan.ok) throw new Error(`the solver's part is no plan: ${plan.refusal.message}`);
  const result = await parts.command({
    kind: "command",
    entity: job.coordinator,
    id: name,
    command: { kind: "coordinate", plan: plan.value },
  });
  const hash = toHex(planHash(plan.value));
  const shown = {
    token,
    plan: hash,
    legs: legs.map(({ left, right, amount }) => ({
      left: toHex(left),
      right: toHex(right),
      amount: amount.toString(),
    })),
    pays: pays.map(({ from, to, amount }) => ({
      from: toHex(from),
      to: toHex(to),
      amount: amount.toString(),
    })),
  };
  if (!result.ok) {
    const { code } = result.refusal;
    return { ...shown, committed: false, refusals: [{ by: null, code }] };
  }
  const { committed, refusals } = result.value as CommandValue & { kind: "plan" };
  const told = refusals.map(({ by, code }) => ({ by: toHex(by), code }));
  return { ...shown, committed, refusals: told };
}

/** The account of the two ends has never been closed, or its sides refuse the plan. */
function paymentOf({ token, ids }: Market, pays: DebtChain["pays"]): PartPayment {
  const { from, to, amount } = pays;
  return { from: ids.bytesOf(from), to: ids.bytesOf(to), token, amount, epoch: 0 };
}
