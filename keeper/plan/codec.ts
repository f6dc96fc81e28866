/**
 * Canonical RLP of plans, of what signers and coordinator send each other, and of an entity's book.
 * `…Item` gives what is embedded in a larger encoding, `read…` takes it out of one.
 */
import { unreachable } from "../base/assert.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Result } from "../base/result.ts";
import {
  decodeRlp,
  fail,
  type RlpReader,
  readBoolean,
  readBytes32,
  readDelta,
  readItems,
  readList,
  readNumber,
  readText,
} from "../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue, zigzag } from "../codec/rlp/encode.ts";
import { readEntity, readSettlement, readToken, settlementItem } from "../jurisdiction/codec.ts";
import { MAX_CODE_LENGTH, MAX_LEGS, MAX_SETTLEMENTS, MAX_SIGNERS } from "./limit.ts";
import type { PlanMessage } from "./message.ts";
import type { Plan, PlanLeg } from "./types.ts";

/** Codes are printable ASCII without spaces. */
const CODE = /^[!-~]*$/;

export function planItem(plan: Plan): RlpValue {
  const { domain, signers, legs, settlements, salt, commitBy } = plan;
  return [domain, signers, legs.map(legItem), settlements.map(settlementItem), salt, commitBy];
}

/** Ranges alone; whether the plan is well formed is for `checkPlan`. */
export function readPlan(reader: RlpReader): Plan {
  return readList(reader, () => ({
    domain: readBytes32(reader),
    signers: readItems(reader, MAX_SIGNERS, readEntity),
    legs: readItems(reader, MAX_LEGS, readLeg),
    settlements: readItems(reader, MAX_SETTLEMENTS, readSettlement),
    salt: readBytes32(reader),
    commitBy: readNumber(reader),
  }));
}

function legItem({ left, right, token, amount }: PlanLeg): RlpValue {
  return [left, right, token, zigzag(amount)];
}

function readLeg(reader: RlpReader): PlanLeg {
  return readList(reader, () => ({
    left: readNumber(reader, MAX_SIGNERS - 1),
    right: readNumber(reader, MAX_SIGNERS - 1),
    token: readToken(reader),
    amount: readDelta(reader),
  }));
}

export function encodePlan(plan: Plan): Bytes {
  return encodeRlp(planItem(plan));
}

export function decodePlan(bytes: Bytes): Result<Plan> {
  return decodeRlp(bytes, readPlan);
}

export function planMessageItem(message: PlanMessage): RlpValue {
  switch (message.kind) {
    case "propose":
      return [0, planItem(message.plan)];
    case "accept":
      return [1, message.plan];
    case "refuse":
      return [2, message.plan, message.code];
    case "begin":
      return [3, message.plan];
    case "held":
      return [4, message.plan];
    case "prepare":
      return [5, message.plan];
    case "prepared":
      return [6, message.plan];
    case "drop":
      return [7, message.plan, message.code];
    case "done":
      return [8, message.plan, message.committed];
    default:
      return unreachable(message);
  }
}

const PLAIN_KINDS = { 1: "accept", 3: "begin", 4: "held", 5: "prepare", 6: "prepared" } as const;

export function readPlanMessage(reader: RlpReader): PlanMessage {
  return readList(reader, (): PlanMessage => {
    const kind = readNumber(reader);
    if (kind === 0) return { kind: "propose", plan: readPlan(reader) };
    const plan: Bytes32 = readBytes32(reader);
    switch (kind) {
      case 1:
      case 3:
      case 4:
      case 5:
      case 6:
        return { kind: PLAIN_KINDS[kind], plan };
      case 2:
        return { kind: "refuse", plan, code: readCode(reader) };
      case 7:
        return { kind: "drop", plan, code: readCode(reader) };
      case 8:
        return { kind: "done", plan, committed: readBoolean(reader) };
      default:
        return fail(`no plan message of kind ${kind}`);
    }
  });
}

/** The code of a refusal as a peer sends it. */
export function readCode(reader: RlpReader): string {
  const code = readText(reader, MAX_CODE_LENGTH);
  if (!CODE.test(code)) fail("a code is printable ASCII");
  return code;
}

export function encodePlanMessage(message: PlanMessage): Bytes {
  return encodeRlp(planMessageItem(message));
}

export function decodePlanMessage(bytes: Bytes): Result<PlanMessage> {
  return decodeRlp(bytes, readPlanMessage);
}
