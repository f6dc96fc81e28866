/** The stages of the demonstration: each is commands to keepers, and waits for their results. */

import type { Transaction } from "../../account/transaction.ts";
import { toHex } from "../../base/bytes.ts";
import type { Command } from "../../entity/types.ts";
import { rowsResult } from "../../ingress.ts";
import { MAX_FUNDINGS } from "../../jurisdiction/limit.ts";
import type { TokenId } from "../../jurisdiction/types.ts";
import type { Objective } from "../../netting/types.ts";
import { nettingFlow } from "../../netting-flow.ts";
import { type Actor, accountsOf, type Cast, type CastRow } from "./cast.ts";
import { type ChainState, pairKey } from "./chain-state.ts";
import type { Deployment } from "./deployment.ts";
import type { Answer, Fleet } from "./fleet.ts";
import type { Due, RowState } from "./settle.ts";

/** Every account's position is paid up in so many payments. */
const PAYMENTS = 4n;
/** Seconds until which batches and settlements may land: the run is over long before. */
const DEADLINE_SECONDS = 3_600;
/** Seconds until which plans may commit: within what the jurisdiction of a run allows (CND-2). */
export const COMMIT_SECONDS = 5_400;

export type Stage = {
  readonly cast: Cast;
  readonly deployment: Deployment;
  readonly fleet: Fleet;
};

type Asked = { readonly actor: Actor; readonly id: string; readonly command: Command };

/** Runs commands and demands that all succeed. */
async function commandAll({ fleet }: Stage, asked: readonly Asked[]): Promise<readonly Answer[]> {
  const answers = await fleet.command(
    asked.map(({ actor, id, command }) => ({
      keeper: actor.keeper,
      entity: actor.id,
      id,
      command,
    })),
  );
  for (const [index, answer] of answers.entries()) {
    if (answer.ok) continue;
    const { actor, id } = asked[index] as Asked;
    const { code, message } = answer.refusal;
    throw new Error(`${actor.name} was refused ${id}: ${code}, ${message}`);
  }
  return answers;
}

function pairOf(actor: Actor, other: Actor): string {
  return `${actor.index}/${other.index}`;
}

function tokenOf({ deployment }: Stage, row: CastRow): TokenId {
  return (deployment.tokens[row.market] as Deployment["tokens"][number]).token;
}

function credit(token: TokenId, limit: bigint, softLimit: bigint): Transaction {
  return { kind: "setCredit", token, limit, softLimit };
}

/** Opens every account from its left side and lists its tokens: no account is funded before. */
export async function openAccounts(stage: Stage): Promise<void> {
  const asked = accountsOf(stage.cast).flatMap((rows): Asked[] => {
    const [{ left, right }] = rows as [CastRow, ...CastRow[]];
    const transactions = rows.map((row) => credit(tokenOf(stage, row), 0n, 0n));
    const peer = right.id;
    const pair = pairOf(left, right);
    return [
      { actor: left, id: `open/${pair}`, command: { kind: "openAccount", peer } },
      {
        actor: left,
        id: `list/${pair}`,
        command: { kind: "transact", peer, transactions },
      },
    ];
  });
  await commandAll(stage, asked);
}

/**
 * Collateral by batches of each entity: right pays in, for itself, what the account lacks.
 * @param before what is on the chain already; null for nothing
 */
export async function fundCollateral(
  stage: Stage,
  before: ChainState | null,
  now: number,
): Promise<void> {
  const lacking = stage.cast.rows.flatMap((row) => {
    const token = tokenOf(stage, row);
    const amount = row.collateral - (before?.money.get(token)?.get(pairKey(row))?.collateral ?? 0n);
    return amount === 0n ? [] : [{ row, token, amount }];
  });
  const deadline = now + DEADLINE_SECONDS;
  const asked = [...Map.groupBy(lacking, ({ row }) => row.right)].flatMap(([actor, all]) => {
    const batches: Asked[] = [];
    for (let at = 0; at < all.length; at += MAX_FUNDINGS) {
      const reserveToCollateral = all
        .slice(at, at + MAX_FUNDINGS)
        .map(({ row, token, amount }) => ({
          payee: actor.id,
          counterparty: row.left.id,
          token,
          amount,
        }));
      const operations = { ...NO_OPERATIONS, reserveToCollateral };
      const id = `collateral/${actor.index}/${at}`;
      batches.push({ actor, id, command: { kind: "batch", deadline, operations } });
    }
    return batches;
  });
  await commandAll(stage, asked);
}

const NO_OPERATIONS = {
  reserveToReserve: [],
  settlements: [],
  reserveToCollateral: [],
  withdrawals: [],
} as const;

/** Each side says how far the other may owe it, and from where on it wants settlement. */
export async function setCredits(stage: Stage): Promise<void> {
  const asked = accountsOf(stage.cast).flatMap((rows): Asked[] => {
    const [{ left, right }] = rows as [CastRow, ...CastRow[]];
    const given = (isLeft: boolean) =>
      rows.map((row) =>
        isLeft
          ? credit(tokenOf(stage, row), row.rightLimit, row.leftSoftLimit)
          : credit(tokenOf(stage, row), row.leftLimit, row.rightSoftLimit),
      );
    const ask = (actor: Actor, other: Actor, isLeft: boolean): Asked => ({
      actor,
      id: `credit/${pairOf(actor, other)}`,
      command: { kind: "transact", peer: other.id, transactions: given(isLeft) },
    });
    return [ask(left, right, true), ask(right, left, false)];
  });
  await commandAll(stage, asked);
}

/**
 * Several payments an account, until every delta is the file's. Returns how many there were.
 * @param states what each account stands at before
 */
export async function payAll(stage: Stage, states: readonly RowState[]): Promise<number> {
  let count = 0;
  for (let round = 0n; round < PAYMENTS; round++) {
    const asked = states.flatMap(({ row, delta }): Asked[] => {
      const missing = row.delta - delta;
      const amount = partOf(missing, round);
      if (amount === 0n) return [];
      // Left's claim grows by what right pays.
      const [actor, other] = missing > 0n ? [row.right, row.left] : [row.left, row.right];
      const token = tokenOf(stage, row);
      const transactions = [{ kind: "pay", token, amount } as const];
      return [
        {
          actor,
          id: `pay/${round}/${pairOf(actor, other)}/${token}`,
          command: { kind: "transact", peer: other.id, transactions },
        },
      ];
    });
    count += asked.length;
    await commandAll(stage, asked);
  }
  return count;
}

/** Parts of a position that add up to it: the last one takes what the division leaves. */
function partOf(delta: bigint, round: bigint): bigint {
  const size = delta < 0n ? -delta : delta;
  const part = size / PAYMENTS;
  return round === PAYMENTS - 1n ? size - part * (PAYMENTS - 1n) : part;
}

/**
 * Every account's state as both of its sides hand it in; a row that they tell differently is a
 * failed check.
 */
export async function collectStates(stage: Stage, name: string): Promise<readonly RowState[]> {
  const { cast } = stage;
  const [answer] = await commandAll(stage, [collecting(cast, `rows/${name}`)]);
  if (!answer?.ok) throw new Error("rows were not handed in");
  const { rows, disagreed } = rowsResult.parse(answer.value);
  if (disagreed > 0) throw new Error(`${disagreed} rows are told differently by their sides`);
  if (rows.length > cast.rows.length) {
    throw new Error(`${rows.length - cast.rows.length} accounts are open that the ledger lacks`);
  }
  const byKey = new Map(
    rows.map((row) => [`${toHex(row.left)}${toHex(row.right)}${row.token}`, row.delta]),
  );
  return cast.rows.map((row) => {
    const key = `${toHex(row.left.id)}${toHex(row.right.id)}${tokenOf(stage, row)}`;
    const delta = byKey.get(key);
    if (delta === undefined) {
      throw new Error(`nobody handed in ${row.left.name} with ${row.right.name}`);
    }
    return { row, delta };
  });
}

function collecting(cast: Cast, id: string): Asked {
  const from = cast.actors.map((actor) => actor.id);
  return { actor: coordinatorOf(cast), id, command: { kind: "collectRows", from } };
}

/** The entity that proposes plans: the first one of the third keeper, which has no hub. */
export function coordinatorOf(cast: Cast): Actor {
  return cast.actors.find(({ keeper }) => keeper === 2) ?? (cast.actors[0] as Actor);
}

export type PlanOutcome = {
  readonly token: TokenId;
  readonly committed: boolean;
  readonly legs: readonly { left: string; right: string; amount: string }[];
  readonly refusals: readonly { by: string | null; code: string }[];
};

export type NettingOutcome = {
  readonly tokens: readonly { token: TokenId; optimum: string; proved: boolean }[];
  readonly plans: readonly PlanOutcome[];
};

/** What a round of netting is called: its commands are named after it. */
const roundName = (round: number) => `round/${round}`;
/** Rounds at most: plans have at most 32 signers, and what one leaves the next one takes up. */
const ROUNDS_MAX = 8;

/**
 * Takes back these entities' consent after the round has heard their rows: its plans then reach
 * them, and they refuse.
 */
export async function refuseAfterRows(stage: Stage, refusing: readonly Actor[]): Promise<void> {
  if (refusing.length === 0) return;
  await commandAll(stage, [collecting(stage.cast, `${roundName(1)}/rows`)]);
  await commandAll(
    stage,
    refusing.map((actor) => ({
      actor,
      id: `consent/${actor.index}`,
      command: { kind: "setConsent", netting: false },
    })),
  );
}

/**
 * Rounds of netting until nothing is left that could go, or somebody refused: with who refuses
 * the rest is another network, and that is the participants' to decide.
 */
export async function netAll(
  stage: Stage,
  objective: Objective,
  now: number,
): Promise<NettingOutcome> {
  const first = await net(stage, objective, now, 1);
  const plans = [...first.plans];
  let last = first;
  for (let round = 2; round <= ROUNDS_MAX; round++) {
    if (last.plans.length === 0 || last.plans.some(({ committed }) => !committed)) break;
    last = await net(stage, objective, now, round);
    plans.push(...last.plans);
  }
  return { tokens: first.tokens, plans };
}

/** One round, as a flow of the coordinator's keeper. */
async function net(
  { cast, fleet }: Stage,
  objective: Objective,
  now: number,
  round: number,
): Promise<NettingOutcome> {
  const coordinator = coordinatorOf(cast);
  const flow = nettingFlow(roundName(round), {
    coordinator: coordinator.id,
    participants: cast.actors.map(({ id }) => id),
    objective,
    commitBy: now + COMMIT_SECONDS,
    // What is left is counted first, and settled by a stage of the demonstration.
    settleBy: null,
    chains: false,
  });
  const [result] = await fleet.runFlows(coordinator.keeper, "netting", [flow]);
  const outcome = result as unknown as NettingOutcome & { ok: boolean; message?: string };
  if (!outcome.ok) throw new Error(`netting failed: ${outcome.message}`);
  return outcome;
}

/** Settles on the chain itself: the side that is owed asks, the other agrees, one call for 32. */
export async function settleOnChain(stage: Stage, due: readonly Due[], now: number): Promise<void> {
  const deadline = now + DEADLINE_SECONDS;
  const answers = await commandAll(
    stage,
    due.map(({ left, right, owed, tokens }) => {
      const other = owed === left ? right : left;
      const command: Command = { kind: "settle", peer: other.id, tokens, deadline };
      return { actor: owed, id: `settle/${pairOf(owed, other)}`, command };
    }),
  );
  const lost = answers.filter((answer) => answer.ok && answer.value.landed !== true).length;
  if (lost > 0) throw new Error(`${lost} settlements did not land`);
}
