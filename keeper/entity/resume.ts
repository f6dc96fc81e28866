/**
 * After a restart: signed work that is not final yet goes to the submitter again (CHN-3), and what
 * plans and requests for rows said to entities of this same process, this one included, is said
 * again (NET-1, NET-5).
 */
import type { Account } from "../account/types.ts";
import { equalBytes } from "../base/bytes.ts";
import { settlementDigest } from "../jurisdiction/digest.ts";
import { peersOf } from "../plan/book.ts";
import { batchSlot } from "./command/batch.ts";
import { reconnectPlans, resumePlans } from "./plan.ts";
import { resumeRows } from "./rows.ts";
import type { Session } from "./session.ts";

/** Asking twice is harmless: the nonce and the settlement's number let each land once. */
export function resume(session: Session): void {
  const { entity, context, effects } = session;
  const { domain } = context.jurisdiction;
  if (entity.pendingBatch !== null) {
    const { batch, digest } = entity.pendingBatch;
    const slot = batchSlot(session, batch, context.final?.timestamp ?? 0);
    effects.push({ kind: "submitBatch", batch, sign: { slot, digest } });
  }
  for (const index of entity.waiting.keys()) {
    const account = entity.accounts.get(index) as Account;
    const open = account.state.settlement;
    const peerSignature = account.settlementSignature;
    if (open === null || peerSignature === null || open.proposer !== account.me) continue;
    const { settlement } = open;
    const { epoch, number } = settlement;
    const slot = { kind: "settlement", epoch, number, account: account.state.key, domain } as const;
    const digest = settlementDigest(domain, settlement);
    effects.push({ kind: "submitSettlement", settlement, peerSignature, sign: { slot, digest } });
  }
  resumeRows(session);
  resumePlans(session);
  for (const peer of peersOf(entity.plans)) {
    const reachable = equalBytes(peer, entity.id) || context.connectionOf(peer) !== null;
    if (reachable) reconnectPlans(session, peer);
  }
}
