/** What one side's replica of an account asks for. Nothing here is executed by the floor. */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type { Settlement, Side } from "../jurisdiction/types.ts";
import type { AccountMessage } from "./message.ts";
import type { Transaction } from "./transaction.ts";
import type { Frame } from "./types.ts";

/** One digest per slot, ever (the signer's guard). */
export type SignatureSlot =
  | { readonly kind: "proof"; readonly epoch: number; readonly number: number }
  | { readonly kind: "settlement"; readonly epoch: number; readonly number: number };

export type AccountEffect =
  /** Send, signed when `sign` is given: the envelope then claims that digest. */
  | {
      readonly kind: "send";
      readonly message: AccountMessage;
      readonly sign: { readonly slot: SignatureSlot; readonly digest: Bytes32 } | null;
    }
  /** Both sides have signed this frame. */
  | {
      readonly kind: "committed";
      readonly frame: Frame;
      readonly hash: Bytes32;
      readonly proposer: Side;
      readonly stateRoot: Bytes32;
    }
  /** An own transaction was dropped by content; it will not be tried again. */
  | { readonly kind: "dropped"; readonly transaction: Transaction; readonly refusal: Refusal }
  /** The peer signed the open settlement and this side proposed it: sign and submit it. */
  | {
      readonly kind: "settle";
      readonly settlement: Settlement;
      readonly peerSignature: Bytes;
      readonly sign: { readonly slot: SignatureSlot; readonly digest: Bytes32 };
    }
  /** The open settlement ended: landed or expired by a final block. */
  | { readonly kind: "settlementClosed"; readonly number: number; readonly landed: boolean }
  /**
   * The peer broke the protocol, or the two sides compute different states; nothing changed.
   * Shown to people, never acted on by itself.
   */
  | { readonly kind: "misbehaved"; readonly refusal: Refusal }
  /**
   * The account froze: only a dispute ends it. `older` when the exchange of heads told so: this
   * side may have signed what it does not know.
   */
  | { readonly kind: "frozen"; readonly reason: string; readonly older: boolean };
