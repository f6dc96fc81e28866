/** Signatures under the open settlement: when they are given out, and taken (ACC-9). */
import { type Bytes32, equalBytes } from "../base/bytes.ts";
import { settlementDigest } from "../jurisdiction/digest.ts";
import type { Settlement } from "../jurisdiction/types.ts";
import type { SignatureSlot } from "./effect.ts";
import type { Claim } from "./message.ts";
import { isHeadProved, misbehave, sendSigned, type Turn, update } from "./turn.ts";

/**
 * Gives out this side's signature once the frame that agreed the settlement is signed by both,
 * so that a proof above its number is in hand whether it lands or not.
 */
export function sendSettlementSignature(turn: Turn): void {
  const { state, settlementDue } = turn.account;
  if (!settlementDue || !isHeadProved(turn.account)) return;
  update(turn, { settlementDue: false });
  const settlement = state.settlement?.settlement;
  if (settlement === undefined || settlement.number === 0) return;
  const { number } = settlement;
  const digest = digestOf(turn, settlement);
  sendSigned(turn, { kind: "settlement", number }, slotOf(settlement), digest);
}

/** The peer's signature; the side that proposed the settlement brings both to the chain. */
export function receiveSettlement(turn: Turn, number: number, claim: Claim | null): void {
  const { state, settlementSignature, me } = turn.account;
  if (claim === null) {
    const message = "a settlement's signature is missing";
    return misbehave(turn, { code: "claimMissing", message });
  }
  const open = state.settlement;
  if (open === null || open.settlement.number !== number || number === 0) return;
  if (settlementSignature !== null) return;
  const { settlement, proposer } = open;
  const digest = digestOf(turn, settlement);
  if (!equalBytes(digest, claim.digest)) {
    const message = "the signature is under another settlement";
    return misbehave(turn, { code: "digestDiffers", message });
  }
  const peerSignature = claim.signature.slice(); // A view would keep the whole message alive.
  update(turn, { settlementSignature: peerSignature });
  if (proposer !== me) return;
  const sign = { slot: slotOf(settlement), digest };
  turn.effects.push({ kind: "settle", settlement, peerSignature, sign });
}

function slotOf({ epoch, number }: Settlement): SignatureSlot {
  return { kind: "settlement", epoch, number };
}

function digestOf(turn: Turn, settlement: Settlement): Bytes32 {
  return settlementDigest(turn.context.jurisdiction.domain, settlement);
}
