import { type Refusal, refuse } from "../../base/result.ts";
import {
  conditionAt,
  type Draft,
  findHold,
  removeCondition,
  reservedAt,
  rowAt,
  rowIndex,
  setReserved,
  setRow,
} from "../draft.ts";
import { MAX_CERTIFICATE_BYTES } from "../limit.ts";
import { releaseMove } from "../rcpan.ts";
import type { Transaction } from "../transaction.ts";
import type { Context } from "../types.ts";

/**
 * Applies a plan's held legs (NET-5), by the certificate or, where it is empty, because the final
 * chain has the commit. What a hold has reserved can always be applied. Refuses
 * `certificateTooLong`, `planNotHeld`, `planNotCertified`, in this order.
 */
export function applyPlanCommit(
  draft: Draft,
  { plan, certificate }: Transaction & { kind: "planCommit" },
  context: Context,
): Refusal | null {
  if (certificate.length > MAX_CERTIFICATE_BYTES) {
    const details = { length: `${certificate.length}` };
    return refuse("certificateTooLong", "a certificate has bounded length", details).refusal;
  }
  const slot = findHold(draft, plan);
  if (slot < 0) return refuse("planNotHeld", "the account holds no leg of this plan").refusal;
  if (!context.plan(plan).acceptsCertificate(certificate)) {
    const message = 'every signer\'s valid "prepared" is needed in time, or the commit on chain';
    return refuse("planNotCertified", message).refusal;
  }
  for (const { token, amount } of conditionAt(draft, slot).moves) {
    const index = rowIndex(draft, token);
    const row = rowAt(draft, index);
    setReserved(draft, index, releaseMove(reservedAt(draft, index), amount));
    setRow(draft, index, { ...row, offdelta: row.offdelta + amount });
  }
  removeCondition(draft, slot);
  return null;
}
