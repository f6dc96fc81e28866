/** The transactions of an account (ACC-7). The proposer of the frame is the one who acts. */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { SettlementDiff, TokenId } from "../jurisdiction/types.ts";

export type Transaction =
  /**
   * Sets how far the other side may owe the proposer, and the exposure above which the proposer
   * wants settlement; lists the token if it is new (RCP-3).
   */
  | {
      readonly kind: "setCredit";
      readonly token: TokenId;
      readonly limit: bigint;
      readonly softLimit: bigint;
    }
  /** Moves `amount > 0` of claim from the proposer to the other side (RCP-4). */
  | { readonly kind: "pay"; readonly token: TokenId; readonly amount: bigint }
  /** Holds a plan's legs in this account until it commits or is dropped (NET-5). */
  | {
      readonly kind: "planHold";
      readonly plan: Bytes32;
      readonly deadline: number;
      readonly moves: readonly { readonly token: TokenId; readonly amount: bigint }[];
    }
  /**
   * Applies the held legs; carries the certificate, which the receiver verifies once a plan, or no
   * bytes where the chain is the proof.
   */
  | { readonly kind: "planCommit"; readonly plan: Bytes32; readonly certificate: Bytes }
  | { readonly kind: "planAbort"; readonly plan: Bytes32 }
  /** Offers a settlement; it has no number and binds nobody until the other side signs. */
  | {
      readonly kind: "proposeSettlement";
      readonly deadline: number;
      readonly diffs: readonly SettlementDiff[];
    }
  /**
   * The other side agrees and gives the settlement its number: above the head, below this frame's.
   * Signatures under the settlement are given out only when both have signed this frame (ACC-9).
   */
  | { readonly kind: "signSettlement"; readonly number: number }
  /** A final block that touched a listed token, or that passed an open settlement's deadline. */
  | {
      readonly kind: "chainEvent";
      readonly height: number;
      readonly blockHash: Bytes32;
      readonly timestamp: number;
      readonly epoch: number;
      readonly number: number;
      readonly rows: readonly {
        readonly token: TokenId;
        readonly collateral: bigint;
        readonly ondelta: bigint;
      }[];
    };

export type TransactionKind = Transaction["kind"];
