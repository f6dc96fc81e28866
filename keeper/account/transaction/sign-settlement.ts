import { type Refusal, refuse } from "../../base/result.ts";
import { type Draft, setSettlement } from "../draft.ts";
import { sideOfNumber } from "../number.ts";
import type { Transaction } from "../transaction.ts";
import type { FrameFacts } from "./facts.ts";
import { checkLanding } from "./propose-settlement.ts";

/**
 * Agrees to the settlement that the other side proposed and gives it its number (ACC-9). Refuses
 * `noSettlement`, `settlementSigned`, `ownSettlement`, `deadlinePassed`, `settlementNumber`, then
 * what `checkLanding` does, in this order.
 */
export function applySignSettlement(
  draft: Draft,
  { number }: Transaction & { kind: "signSettlement" },
  frame: FrameFacts,
): Refusal | null {
  const open = draft.settlement;
  if (open === null) return refuse("noSettlement", "none is proposed").refusal;
  const { settlement, proposer } = open;
  if (settlement.number !== 0) {
    return refuse("settlementSigned", "it has its number").refusal;
  }
  if (proposer === frame.proposer) {
    return refuse("ownSettlement", "the other side gives it its number").refusal;
  }
  if (settlement.deadline <= frame.timestamp) {
    const details = { deadline: `${settlement.deadline}` };
    return refuse("deadlinePassed", "the settlement could not land", details).refusal;
  }
  const between = number > draft.base.number && number < frame.number;
  if (!between || sideOfNumber(number) !== frame.proposer) {
    return refuse("settlementNumber", "a number of the signer, above the head, below the frame", {
      number: `${number}`,
      frame: `${frame.number}`,
    }).refusal;
  }
  const landing = checkLanding(draft, settlement.diffs);
  if (landing !== null) return landing;
  setSettlement(draft, { proposer, settlement: { ...settlement, number } });
  return null;
}
