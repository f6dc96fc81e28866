/**
 * One round of netting as a flow of the queue `netting` (QUE-1): detect, solve, prepare, commit,
 * settle. Every command has an id derived from the round's, so a stage that runs twice picks up
 * what its first run has done; the jobs themselves hold nothing that cannot be had again.
 */
import { z } from "zod";
import { type Bytes32, fromHex, toHex } from "./base/bytes.ts";
import type { EntityId } from "./jurisdiction/types.ts";
import type { Objective } from "./netting/types.ts";
import { commitPlans, preparePlans } from "./netting-plan.ts";
import { detectIn, type NettingParts, type Round, solveFor } from "./netting-round.ts";
import { settleRest } from "./netting-settle.ts";
import type { Flow, Json, Work } from "./queue/types.ts";

export const nettingStages = ["detect", "solve", "prepare", "commit", "settle"] as const;

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => fromHex(text as `0x${string}`) as Bytes32);
const seconds = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The data of every stage; fixed by whoever asks, so that a second run is the same. */
const dataSchema = z.strictObject({
  coordinator: bytes32,
  participants: z.array(bytes32).min(2).max(10_000),
  objective: z.enum(["excess", "value"]),
  /** Unix seconds, the chain's time. */
  commitBy: seconds,
  /** Deadline of the settlements of what is left over a limit; null settles nothing. */
  settleBy: seconds.nullable(),
  /** True: where nothing circulates, debts over their limits are paid at the ends of chains. */
  chains: z.boolean().default(false),
});

export type NettingJob = {
  readonly coordinator: EntityId;
  readonly participants: readonly EntityId[];
  readonly objective: Objective;
  readonly commitBy: number;
  readonly settleBy: number | null;
  readonly chains: boolean;
};

/** The round called `id` as a flow for the coordinator's keeper. */
export function nettingFlow(id: string, job: NettingJob): Flow {
  const { coordinator, participants, objective, commitBy, settleBy, chains } = job;
  const data = {
    coordinator: toHex(coordinator),
    participants: participants.map(toHex),
    objective,
    commitBy,
    settleBy,
    chains,
  };
  return { id, data, stages: nettingStages };
}

/**
 * Runs one stage; what it returns is the next one's `before`, and the last one's is the round's
 * result: `{ok: true, rows, disagreed, tokens, plans, settlements}`, or `{ok: false, code,
 * message}`, which no further stage changes.
 * @throws Error for a stage that is given nothing of the one before it: Redis has lost it
 */
export async function runNettingStage(work: Work, parts: NettingParts): Promise<Json> {
  const { id, data, stage, before } = work;
  const parsed = dataSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, code: "badJob", message: `${issue?.path.join(".")}: ${issue?.message}` };
  }
  if (failed.safeParse(before).success) return before;
  const round: Round = { id, ...parsed.data };
  switch (stage) {
    case "detect":
      return detectIn(round, parts);
    case "solve":
      return solveFor(round, parts);
    case "prepare":
      return preparePlans(round, before, parts);
    case "commit":
      return commitPlans(round, before, parts);
    case "settle":
      return settleRest(round, before, parts);
    default:
      return { ok: false, code: "badJob", message: `netting has no stage ${stage}` };
  }
}

const failed = z.looseObject({ ok: z.literal(false) });
