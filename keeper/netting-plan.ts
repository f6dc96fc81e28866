/** The stages of a round of netting in which plans are agreed on (NET-5). */
import type { z } from "zod";
import { type Bytes32, fromHex, toHex } from "./base/bytes.ts";
import { keccakText } from "./codec/keccak.ts";
import type { CommandResult, CommandValue, Entity } from "./entity/types.ts";
import type { TokenId } from "./jurisdiction/types.ts";
import { inPool, type NettingParts, type Round, solvedSchema } from "./netting-round.ts";
import { type PartPayment, planFromPart } from "./plan/build.ts";
import { planHash } from "./plan/digest.ts";
import type { Plan } from "./plan/types.ts";
import type { Json } from "./queue/types.ts";
import type { Runtime } from "./runtime/types.ts";

/** Plans that are under way at once: their frames share ticks, syncs and signatures. */
const PLANS_AT_ONCE = 64;

type SolvedPlan = z.infer<typeof solvedSchema>["plans"][number];

type Planned = {
  readonly token: TokenId;
  readonly legs: SolvedPlan["legs"];
  readonly pays: SolvedPlan["pays"];
  readonly plan: Plan;
  readonly hash: Bytes32;
};

/**
 * Stage *prepare*: proposes all plans, and ends when of each all legs are held and everybody is
 * asked to sign, or it is given up.
 */
export async function preparePlans(round: Round, before: Json, parts: NettingParts): Promise<Json> {
  const solved = solvedSchema.parse(before);
  const planned = planAll(round, solved.plans, parts);
  const ready = planned.map(() => Promise.withResolvers<boolean>());
  // The next ones begin when those before have ended, which this stage need not see.
  const all = inPool([...planned.entries()], PLANS_AT_ONCE, async ([index, one]) => {
    const over = new AbortController();
    const prepared = parts.until((runtime) => isPrepared(runtime, round, one.hash), over.signal);
    const { resolve } = ready[index] as (typeof ready)[number];
    prepared.then(() => resolve(!over.signal.aborted)).catch(() => null);
    await coordinate(round, one.plan, one.hash, parts);
    over.abort();
  });
  all.catch((error: unknown) => {
    for (const { reject } of ready) reject(error);
  });
  const held = await Promise.all(ready.map(({ promise }) => promise));
  parts.tell("prepared", { plans: planned.length, held: held.filter((is) => is).length });
  const plans = planned.map(({ token, legs, pays, hash }) => ({
    token,
    plan: toHex(hash),
    legs,
    ...(pays === undefined ? {} : { pays }),
  }));
  return { ...solved, plans } as Json;
}

/** Stage *commit*: ends when every plan has ended for all of its signers, and says how. */
export async function commitPlans(round: Round, before: Json, parts: NettingParts): Promise<Json> {
  const prepared = solvedSchema.parse(before);
  const planned = planAll(round, prepared.plans, parts);
  const plans = await inPool(planned, PLANS_AT_ONCE, async ({ token, legs, pays, plan, hash }) => {
    const result = await coordinate(round, plan, hash, parts);
    const paid = pays === undefined ? {} : { pays };
    return { token, plan: toHex(hash), legs, ...paid, ...outcomeOf(result) };
  });
  const committed = plans.filter((plan) => plan.committed).length;
  parts.tell("committed", { plans: plans.length, committed });
  return { ...prepared, plans } as Json;
}

function outcomeOf(result: CommandResult) {
  if (!result.ok) {
    return { committed: false, refusals: [{ by: null, code: result.refusal.code }] };
  }
  const { committed, refusals } = result.value as CommandValue & { kind: "plan" };
  return { committed, refusals: refusals.map(({ by, code }) => ({ by: toHex(by), code })) };
}

/** Named by the plan itself: another plan would be another command. */
function coordinate(
  { id, coordinator }: Round,
  plan: Plan,
  hash: Bytes32,
  parts: NettingParts,
): Promise<CommandResult> {
  return parts.command({
    kind: "command",
    entity: coordinator,
    id: `${id}/plan/${toHex(hash)}`,
    command: { kind: "coordinate", plan },
  });
}

/** The same plans whenever they are made of the same legs. */
function planAll(
  { id, commitBy }: Round,
  solved: z.infer<typeof solvedSchema>["plans"],
  { domain }: NettingParts,
): readonly Planned[] {
  return solved.map(({ token, legs, pays }, index) => {
    const salt = keccakText(`${id}/plan/${token}/${index}`);
    const moves = legs.map(({ left, right, amount }) => ({
      left: fromHex(left as `0x${string}`) as Bytes32,
      right: fromHex(right as `0x${string}`) as Bytes32,
      token,
      amount: BigInt(amount),
    }));
    const plan = planFromPart(moves, { domain, salt, commitBy }, paymentsOf(token, pays));
    if (!plan.ok) throw new Error(`the solver's part is no plan: ${plan.refusal.message}`);
    return { token, legs, pays, plan: plan.value, hash: planHash(plan.value) };
  });
}

/** The account of the two ends has never been closed, or its sides refuse the plan. */
function paymentsOf(token: TokenId, pays: SolvedPlan["pays"]): readonly PartPayment[] {
  if (pays === undefined) return [];
  const from = fromHex(pays.from as `0x${string}`) as Bytes32;
  const to = fromHex(pays.to as `0x${string}`) as Bytes32;
  return [{ from, to, token, amount: BigInt(pays.amount), epoch: 0 }];
}

/** All legs are held: from here on the machines go on by themselves. */
function isPrepared(runtime: Runtime, { coordinator }: Round, hash: Bytes32): boolean {
  const index = runtime.interner.find(coordinator);
  const entity = runtime.entities.get(index) as Entity | undefined;
  const stage = entity?.plans.coordinations.get(toHex(hash))?.stage;
  return stage === "preparing";
}
