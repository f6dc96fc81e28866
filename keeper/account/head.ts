/** How the head moves, and when both sides count as having signed it. */
import { assert } from "../base/assert.ts";
import { type Bytes, type Bytes32, EMPTY_BYTES, ZERO_BYTES32 } from "../base/bytes.ts";
import type { Side } from "../jurisdiction/types.ts";
import { decodeFrame } from "./codec.ts";
import { MAX_RECENT_FRAMES } from "./limit.ts";
import type { Claim } from "./message.ts";
import { withoutEvents } from "./pending.ts";
import { type Turn, tellDropped, update } from "./turn.ts";
import type { Account, AccountState, Frame, SignedFrame } from "./types.ts";

/** A frame that has been executed, with what it led to. */
export type Executed = {
  readonly frame: Frame;
  readonly bytes: Bytes;
  readonly hash: Bytes32;
  readonly proposer: Side;
  /** Its head is `hash`. */
  readonly state: AccountState;
  readonly digest: Bytes32;
};

/**
 * Makes an agreed frame the head.
 * @param claim the peer's signature under its proof; null when the peer acknowledged it by
 * building on it: it then counts as signed by both when the frame above, or another, is proved
 */
export function moveHead(turn: Turn, executed: Executed, claim: Claim | null): void {
  const { account } = turn;
  const { frame, bytes, hash, proposer, state, digest } = executed;
  const signed: SignedFrame = {
    bytes: bytes.slice(), // Views would keep whole received messages alive.
    proposer,
    hash,
    number: frame.number,
    stateRoot: frame.stateRoot,
    digest,
    signature: claim?.signature.slice() ?? EMPTY_BYTES,
  };
  const recent = [...account.recent.slice(1 - MAX_RECENT_FRAMES), signed];
  const settlementSignature = state.settlement === null ? null : account.settlementSignature;
  const pending = withoutEvents(account.pending, frame.transactions);
  update(turn, { state, recent, pending, settlementSignature });
  tellSettlementClosed(turn, account.state, frame);
  if (claim !== null) prove(turn, digest, signed.signature, frame);
}

/** The peer's signature is under the head: everything up to it is signed by both. */
function prove(turn: Turn, digest: Bytes32, signature: Bytes, newest: Frame): void {
  const { account } = turn;
  const { number } = account.state;
  const former = account.headProof?.number ?? 0;
  update(turn, { headProof: { number, digest, signature } });
  for (const [index, signed] of account.recent.entries()) {
    if (signed.number <= former) continue;
    const frame = signed.number === number ? newest : frameAt(account, index);
    const { hash, proposer, stateRoot } = signed;
    turn.effects.push({ kind: "committed", frame, hash, proposer, stateRoot });
    if (frame.transactions.some(({ kind }) => kind === "signSettlement")) {
      update(turn, { settlementDue: true });
    }
  }
  tellDropped(turn);
}

/** A frame that waited for its proof, from the bytes that were kept of it. */
function frameAt({ recent }: Account, index: number): Frame {
  const { bytes } = recent[index] as SignedFrame;
  const decoded = decodeFrame(bytes, [recent[index - 1]?.hash ?? ZERO_BYTES32]);
  assert(decoded.ok, "a frame of our own line does not decode");
  return decoded.value;
}

function tellSettlementClosed(turn: Turn, before: AccountState, frame: Frame): void {
  const number = before.settlement?.settlement.number ?? 0;
  const after = turn.account.state.settlement;
  if (number === 0 || after?.settlement.number === number) return;
  const landed = frame.transactions.some(
    (event) => event.kind === "chainEvent" && event.number >= number,
  );
  turn.effects.push({ kind: "settlementClosed", number, landed });
}
