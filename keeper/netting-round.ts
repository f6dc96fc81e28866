/** The stages of a round of netting that only look: which rows there are, what they allow. */
import { z } from "zod";
import type { Awaiting } from "./awaiting.ts";
import type { Bytes32 } from "./base/bytes.ts";
import { toHex } from "./base/bytes.ts";
import { createInterner, type Interner } from "./base/intern.ts";
import type { CommandResult, CommandValue, HandedRow } from "./entity/types.ts";
import type { CommandInput } from "./ingress.ts";
import type { EntityId, TokenId } from "./jurisdiction/types.ts";
import { chainsOf, type DebtChain } from "./netting/chain.ts";
import { decompose } from "./netting/decompose.ts";
import { detect } from "./netting/detect.ts";
import { solve } from "./netting/solve.ts";
import { totals } from "./netting/total.ts";
import type { Network, Objective, PlanPart } from "./netting/types.ts";
import type { Json } from "./queue/types.ts";
import type { Runtime } from "./runtime/types.ts";

/** One round; its commands are named after it. */
export type Round = {
  readonly id: string;
  readonly coordinator: EntityId;
  readonly participants: readonly EntityId[];
  readonly objective: Objective;
  readonly commitBy: number;
  readonly settleBy: number | null;
  readonly chains: boolean;
};

export type NettingParts = {
  readonly command: (input: CommandInput) => Promise<CommandResult>;
  /** The EIP-712 domain of the Depository. */
  readonly domain: Bytes32;
  readonly runtime: () => Runtime;
  readonly until: Awaiting["until"];
  readonly tell: (event: string, fields: Readonly<Record<string, number | string>>) => void;
};

/** The change of one account's delta that a solution wants; left the lower id. */
export const legSchema = z.object({ left: z.string(), right: z.string(), amount: z.string() });

/** What one end of a chain of debts pays the other on chain, with the commit (NET-6). */
const paySchema = z.object({ from: z.string(), to: z.string(), amount: z.string() });

/** What the stage `solve` leaves for those after it, besides what is only told. */
export const solvedSchema = z.looseObject({
  plans: z.array(
    z.looseObject({ token: z.number(), legs: z.array(legSchema), pays: paySchema.optional() }),
  ),
});

type Collected =
  | { readonly ok: true; readonly rows: readonly HandedRow[]; readonly disagreed: number }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Asks everybody for their rows; a second run gets the rows of the first. */
async function collectRows(round: Round, parts: NettingParts): Promise<Collected> {
  const { id, coordinator, participants } = round;
  const result = await parts.command({
    kind: "command",
    entity: coordinator,
    id: `${id}/rows`,
    command: { kind: "collectRows", from: participants },
  });
  if (!result.ok) return { ok: false, code: result.refusal.code, message: result.refusal.message };
  const { rows, disagreed } = result.value as CommandValue & { kind: "rows" };
  return { ok: true, rows, disagreed };
}

/** Stage *detect* (NET-1): what each token's network offers. */
export async function detectIn(round: Round, parts: NettingParts): Promise<Json> {
  const collected = await collectRows(round, parts);
  if (!collected.ok) return collected;
  const { rows, disagreed } = collected;
  const tokens = marketsOf(rows).map(({ token, network }) => {
    const { overLimit, payers, receivers, onCycles, onChains } = detect(network);
    return {
      token,
      overLimit: overLimit.length,
      payers: payers.length,
      receivers: receivers.length,
      onCycles: onCycles.value.toString(),
      onChains: onChains.value.toString(),
    };
  });
  parts.tell("detected", { rows: rows.length, disagreed });
  return { ok: true, rows: rows.length, disagreed, tokens };
}

/** Stage *solve* (NET-2): the optimum of each token, cut into parts that can be plans. */
export async function solveFor(round: Round, parts: NettingParts): Promise<Json> {
  const collected = await collectRows(round, parts);
  if (!collected.ok) return collected;
  const { rows, disagreed } = collected;
  const tokens: Json[] = [];
  const plans: Json[] = [];
  for (const { token, ids, rows: own, network } of marketsOf(rows)) {
    const solution = solve(network, round.objective);
    const parted = decompose(network, round.objective, solution.flows).parts;
    // A chain is the dearer way: it waits until nothing circulates any more.
    const chained = round.chains && parted.length === 0;
    const planned: readonly Planned[] = chained ? chainsOf(network) : parted;
    parts.tell("solved", { token, plans: planned.length });
    tokens.push({
      token,
      optimum: solution.cleared.toString(),
      proved: solution.proved,
      overLimit: totals(network).overLimit,
    });
    for (const { legs, pays } of planned) {
      const shown = legs.map(({ position, amount }) => {
        const { left, right } = own[position] as HandedRow;
        return { left: toHex(left), right: toHex(right), amount: amount.toString() };
      });
      plans.push({ token, legs: shown, ...payOf(ids, pays) });
    }
  }
  return { ok: true, rows: rows.length, disagreed, tokens, plans };
}

/** A part of a solution, with what is paid on chain where it is a chain. */
type Planned = PlanPart & Partial<Pick<DebtChain, "pays">>;

function payOf(ids: Interner, pays: DebtChain["pays"] | undefined) {
  if (pays === undefined) return {};
  const [from, to] = [ids.bytesOf(pays.from), ids.bytesOf(pays.to)].map(toHex);
  return { pays: { from: from ?? "", to: to ?? "", amount: pays.amount.toString() } };
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

/** Works off a list, so many at a time, in its order; the results are in the list's order. */
export async function inPool<T, R>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const waiting = items.entries();
  async function one(): Promise<void> {
    for (const [index, item] of waiting) results[index] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, one));
  return results;
}
