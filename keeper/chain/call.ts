/** Signed work as calls of the Depository, and what a call that fails says (CHN-1, CHN-3). */
import {
  BaseError,
  decodeErrorResult,
  ExecutionRevertedError,
  encodeFunctionData,
  type Hex,
  isHex,
  type Log,
  parseEventLogs,
} from "viem";
import { IDepositoryEvents__factory } from "../../typechain-types/factories/interface/IDepositoryEvents__factory.ts";
import { toHex } from "../base/bytes.ts";
import {
  depositoryAbi,
  toContractBatch,
  toContractPlan,
  toContractSettlements,
} from "../jurisdiction/contract.ts";
import { MAX_DIFFS, MAX_TABLE_TOKENS } from "../jurisdiction/limit.ts";
import type { TokenId } from "../jurisdiction/types.ts";
import type { Client } from "./client.ts";
import type { Submission } from "./types.ts";

/** Settlements of one call. */
export const SETTLEMENTS_A_CALL = 32;
/** Bytes of the signatures of one call: beyond 128 KiB nodes pass no transaction on. */
export const SIGNATURES_A_CALL_BYTES = 96_000;

export type Call = { readonly data: Hex; readonly work: readonly Submission[] };

type SettlementPiece = Submission & { kind: "settlement" };

/** One call a batch or plan, and one for each 32 settlements, in the order of the work. */
export function callsOf(work: readonly Submission[]): Call[] {
  const calls: Call[] = [];
  const settlements: SettlementPiece[] = [];
  for (const piece of work) {
    if (piece.kind === "settlement") settlements.push(piece);
    else calls.push({ data: aloneData(piece), work: [piece] });
  }
  for (const part of partsOf(settlements)) calls.push({ data: settlementsData(part), work: part });
  return calls;
}

/**
 * As many settlements a call as there may be. Those of many tokens, or with the signatures of large
 * boards, go in fewer: one call's tables and bytes are bounded, whatever peers have signed.
 */
function partsOf(settlements: readonly SettlementPiece[]): readonly SettlementPiece[][] {
  const parts: SettlementPiece[][] = [];
  let tokens = new Set<TokenId>();
  let diffs = 0;
  let bytes = 0;
  for (const piece of settlements) {
    const { settlement, leftSignature, rightSignature } = piece;
    const listed = settlement.diffs.map(({ token }) => token);
    const size = leftSignature.length + rightSignature.length;
    const part = parts.at(-1);
    const fits =
      part !== undefined &&
      part.length < SETTLEMENTS_A_CALL &&
      diffs + listed.length <= MAX_DIFFS &&
      new Set([...tokens, ...listed]).size <= MAX_TABLE_TOKENS &&
      bytes + size <= SIGNATURES_A_CALL_BYTES;
    if (fits) part.push(piece);
    else {
      parts.push([piece]);
      [tokens, diffs, bytes] = [new Set(), 0, 0];
    }
    for (const token of listed) tokens.add(token);
    diffs += listed.length;
    bytes += size;
  }
  return parts;
}

function aloneData(piece: Submission & { kind: "batch" | "plan" }): Hex {
  const abi = depositoryAbi;
  if (piece.kind === "plan") {
    const args = toContractPlan(piece.commit);
    return encodeFunctionData({ abi, functionName: "commitPlan", args });
  }
  const args = [toContractBatch(piece.batch), toHex(piece.signature)] as const;
  return encodeFunctionData({ abi, functionName: "processBatch", args });
}

/** Each must be solvent in its turn; one that fails is skipped and reported, the others land. */
function settlementsData(part: readonly SettlementPiece[]): Hex {
  return encodeFunctionData({
    abi: depositoryAbi,
    functionName: "settleDiffs",
    args: [toContractSettlements(part, false)],
  });
}

/** The two calls that hold the first and the second half of a call's settlements. */
export function halvesOf({ work }: Call): Call[] {
  const middle = Math.ceil(work.length / 2);
  return [work.slice(0, middle), work.slice(middle)].flatMap(callsOf);
}

/** Unix seconds after which it cannot land. */
export function deadlineOf(piece: Submission): number {
  switch (piece.kind) {
    case "batch":
      return piece.batch.deadline;
    case "settlement":
      return piece.settlement.deadline;
    case "plan":
      return piece.commit.commitBy;
  }
}

/** True when the chain has the work, or has gone past it: it can never land again. */
export async function isDone(
  client: Client,
  address: Hex,
  piece: Submission,
  blockNumber?: bigint,
): Promise<boolean> {
  const at = blockNumber === undefined ? {} : { blockNumber };
  const contract = { abi: depositoryAbi, address, ...at } as const;
  if (piece.kind === "batch") {
    const { entity, nonce } = piece.batch;
    const args = [toHex(entity)] as const;
    return (await client.readContract({ ...contract, functionName: "nonceOf", args })) > nonce;
  }
  if (piece.kind === "plan") {
    const args = [toHex(piece.commit.plan)] as const;
    return (await client.readContract({ ...contract, functionName: "planCommittedAt", args })) > 0n;
  }
  const { left, right, epoch, number } = piece.settlement;
  const args = [toHex(left), toHex(right)] as const;
  const row = await client.readContract({ ...contract, functionName: "accountOf", args });
  return row[0] > epoch || (row[0] === BigInt(epoch) && row[1] >= number);
}

/** Settlements that a transaction passed over, with the contract's own errors. */
export function skipsOf(
  logs: readonly Log[],
): { readonly what: string; readonly reason: string }[] {
  const events = parseEventLogs({
    abi: IDepositoryEvents__factory.abi,
    eventName: "SettlementSkipped",
    logs: [...logs],
  });
  return events.map(({ args: { left, right, epoch, number, reason } }) => ({
    what: `settlement ${left} ${right} ${epoch} ${number}`,
    reason: errorText(reason),
  }));
}

/** A name for a piece of work: the same piece has the same name, whatever its signature. */
export function nameOf(piece: Submission): string {
  if (piece.kind === "batch")
    return `batch ${toHex(piece.batch.entity)} ${piece.batch.nonce} ${piece.batch.deadline}`;
  if (piece.kind === "plan") return `plan ${toHex(piece.commit.plan)}`;
  const { left, right, epoch, number } = piece.settlement;
  return `settlement ${toHex(left)} ${toHex(right)} ${epoch} ${number}`;
}

/** True when the contract refused the call; else the node could not be asked. */
export function isRevert(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  if (revertData(error) !== null) return true;
  return error.walk((inner) => inner instanceof ExecutionRevertedError) !== null;
}

/** The contract's own error with its values, or the node's words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error);
  const data = revertData(error);
  return data === null ? error.shortMessage : errorText(data);
}

/** An error of the contract with its values. */
function errorText(data: Hex): string {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: depositoryAbi, data });
    return `${errorName}(${args.map(String).join(", ")})`;
  } catch (unknown) {
    if (!(unknown instanceof BaseError)) throw unknown;
    return `an unknown error ${data}`;
  }
}

/** Nodes put what a call reverted with into `data` of the RPC error, plain or one level deeper. */
function revertData(error: BaseError): Hex | null {
  let found: Hex | null = null;
  error.walk((inner) => {
    const { data } = inner as { data?: unknown };
    const nested =
      typeof data === "object" && data !== null ? (data as { data?: unknown }).data : data;
    if (isHex(nested) && nested.length >= 10) found = nested;
    return found !== null;
  });
  return found;
}
