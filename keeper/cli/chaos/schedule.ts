/** Which keeper dies when: drawn from the seed alone, so that a run can be repeated. */
import { createRandom, type Random } from "../../base/random.ts";
import { type Moment, moments } from "../../loop.ts";
import { KEEPERS } from "../up/fleet.ts";
import type { StageName } from "../up/run.ts";

/** From the first frame to the last settlement. */
export const deadlyStages = [
  "open",
  "collateral",
  "credit",
  "pay",
  "net",
  "settle",
] as const satisfies readonly StageName[];

export type DeadlyStage = (typeof deadlyStages)[number];

/** One death that is to come: from within at a moment of the loop, or from outside by its id. */
export type PlannedKill =
  | {
      readonly kind: "moment";
      readonly moment: Moment;
      /** The keepers that wait for it; it is over when one of them has died. */
      readonly keepers: readonly number[];
      readonly stage: DeadlyStage;
      /** It comes for the so-manieth time, counted from when the keeper is told. */
      readonly count: number;
    }
  | {
      readonly kind: "outside";
      readonly keepers: readonly [number];
      readonly stage: DeadlyStage;
      /** So many messages between keepers after the one before it is over: not while all rests. */
      readonly messages: number;
      /** It dies once more on its way back, in its first tick. */
      readonly twice: boolean;
    };

/** Messages at most before a keeper is killed from outside; every stage but one has hundreds. */
const MESSAGES_MAX = 150;
/** So many ticks that sign at most before a death at a moment that each of them has. */
const COUNT_MAX = 3;

/**
 * The first kills are at the five moments, in an order drawn from the seed, the others come from
 * outside; all are in the order of the stages.
 */
export function scheduleOf(seed: number, kills: number): readonly PlannedKill[] {
  const random = createRandom(`chaos ${seed}`);
  const chosen = random.shuffle(moments).slice(0, kills);
  const planned: PlannedKill[] = chosen.map((moment) => atMoment(random, moment));
  for (let index = planned.length; index < kills; index++) {
    // One stage after the other, so that few kills are spread as well as many.
    const stage = deadlyStages[index % deadlyStages.length] as DeadlyStage;
    const messages = random.between(1, MESSAGES_MAX);
    const twice = random.chance(1, 5);
    planned.push({ kind: "outside", keepers: [random.below(KEEPERS)], stage, messages, twice });
  }
  return deadlyStages.flatMap((stage) =>
    random
      .shuffle(planned.filter((plan) => plan.stage === stage))
      .toSorted((a, b) => Number(isRare(b)) - Number(isRare(a))),
  );
}

/** What a keeper submits, it submits once: that moment cannot wait for other deaths. */
function isRare(plan: PlannedKill): boolean {
  return plan.kind === "moment" && plan.moment === "afterSubmit";
}

function atMoment(random: Random, moment: Moment): PlannedKill {
  const keeper = random.below(KEEPERS);
  const kind = "moment";
  switch (moment) {
    case "beforeSync":
    case "afterSync": {
      const stage = random.pick(deadlyStages);
      return { kind, moment, keepers: [keeper], stage, count: random.between(1, COUNT_MAX) };
    }
    case "afterSigning": {
      const stage = random.pick(["open", "credit", "pay", "net"] as const);
      return { kind, moment, keepers: [keeper], stage, count: random.between(1, COUNT_MAX) };
    }
    case "afterSubmit":
      // Batches by every keeper; of the settlements nobody knows beforehand who brings them.
      if (random.chance(1, 2)) {
        return {
          kind,
          moment,
          keepers: [keeper],
          stage: "collateral",
          count: random.between(1, 5),
        };
      }
      return { kind, moment, keepers: everybody(), stage: "settle", count: 1 };
    case "afterCertificate":
      // Certificates come to all at about the same time: at times all of them die together.
      if (random.chance(1, 2)) return { kind, moment, keepers: [keeper], stage: "net", count: 1 };
      return { kind, moment, keepers: everybody(), stage: "net", count: random.between(1, 3) };
  }
}

function everybody(): readonly number[] {
  return Array.from({ length: KEEPERS }, (_, index) => index);
}
