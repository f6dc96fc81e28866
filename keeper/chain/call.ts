/** Signed work as calls of the Depository, and what a call that fails says (CHN-1, CHN-3). */
import {
  AbiErrorSignatureNotFoundError,
  BaseError,
  decodeErrorResult,
  encodeFunctionData,
  type Hex,
  isHex,
} from "viem";
import { toHex } from "../base/bytes.ts";
import { depositoryAbi, toContractBatch, toContractSettlements } from "../jurisdiction/contract.ts";
import type { Submission } from "./types.ts";

/** Settlements of one call. */
export const SETTLEMENTS_A_CALL = 32;

export type Call = { readonly data: Hex; readonly work: readonly Submission[] };

/** One call a batch, and one for each 32 settlements, in the order of the work. */
export function callsOf(work: readonly Submission[]): Call[] {
  const calls: Call[] = [];
  const settlements: (Submission & { kind: "settlement" })[] = [];
  for (const piece of work) {
    if (piece.kind === "settlement") settlements.push(piece);
    else calls.push({ data: batchData(piece), work: [piece] });
  }
  for (let at = 0; at < settlements.length; at += SETTLEMENTS_A_CALL) {
    const part = settlements.slice(at, at + SETTLEMENTS_A_CALL);
    calls.push({ data: settlementsData(part), work: part });
  }
  return calls;
}

function batchData({ batch, signature }: Submission & { kind: "batch" }): Hex {
  return encodeFunctionData({
    abi: depositoryAbi,
    functionName: "processBatch",
    args: [toContractBatch(batch), toHex(signature)],
  });
}

/** Each must be solvent in its turn; one that fails is skipped and reported, the others land. */
function settlementsData(part: readonly (Submission & { kind: "settlement" })[]): Hex {
  return encodeFunctionData({
    abi: depositoryAbi,
    functionName: "settleDiffs",
    args: [toContractSettlements(part, false)],
  });
}

/** A name for a piece of work: the same piece has the same name, whatever its signature. */
export function nameOf(piece: Submission): string {
  if (piece.kind === "batch") return `batch ${toHex(piece.batch.entity)} ${piece.batch.nonce}`;
  const { left, right, epoch, number } = piece.settlement;
  return `settlement ${toHex(left)} ${toHex(right)} ${epoch} ${number}`;
}

/** The contract's own error with its values, or the node's words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error);
  const data = revertData(error);
  if (data === null) return error.shortMessage;
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: depositoryAbi, data });
    return `${errorName}(${args.map(String).join(", ")})`;
  } catch (unknown) {
    if (unknown instanceof AbiErrorSignatureNotFoundError) return `an unknown error ${data}`;
    throw unknown;
  }
}

/** Nodes put what a call reverted with into `data` of the RPC error, plain or one level deeper. */
function revertData(error: BaseError): Hex | null {
  let found: Hex | null = null;
  error.walk((inner) => {
    const { data } = inner as { data?: unknown };
    const nested = typeof data === "object" && data !== null ? (data as { data?: unknown }).data : data;
    if (isHex(nested) && nested.length >= 10) found = nested;
    return found !== null;
  });
  return found;
}
