/**
 * The words of one account: the agreed state, its frames, and one side's replica of it.
 * Amounts are bigint below 2^127 (RCP-5); numbers, epochs, times and slots are safe integers.
 */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import type {
  BlockReference,
  EntityId,
  Jurisdiction,
  Settlement,
  Side,
  TokenId,
} from "../jurisdiction/types.ts";
import type { Transaction } from "./transaction.ts";

/** Everything agreed about one token (section 3 of the design). */
export type TokenRow = {
  readonly token: TokenId;
  readonly collateral: bigint;
  readonly ondelta: bigint;
  readonly offdelta: bigint;
  /** `Ll`: what left may owe; given by right. */
  readonly leftLimit: bigint;
  /** `Lr`: what right may owe; given by left. */
  readonly rightLimit: bigint;
  /** Left's wish: right's exposure above which left wants settlement. */
  readonly leftSoftLimit: bigint;
  /** Right's wish about left's exposure. */
  readonly rightSoftLimit: bigint;
};

/** A pending change of delta that a later fact decides; the chain enforces it as it stands. */
export type Condition = {
  readonly kind: "planLock";
  readonly plan: Bytes32;
  /** `commitBy` of the plan, Unix seconds. */
  readonly deadline: number;
  /** Signed change of delta if the plan commits; strictly ascending by token. */
  readonly moves: readonly { readonly token: TokenId; readonly amount: bigint }[];
};

/** Slots in pages of 16; a freed slot is reused last out, first in (SPEED 9). */
export type Conditions = {
  readonly slots: readonly (Condition | null)[];
  /** Freed slots, the next to be reused last. */
  readonly free: readonly number[];
  /** Hash of each page; `conditionsRoot` is over these. */
  readonly pages: readonly Bytes32[];
};

/** The one settlement that may be open (ACC-9). */
export type OpenSettlement = {
  readonly proposer: Side;
  /** Number 0 while it is only proposed; the sign transaction gives it one. */
  readonly settlement: Settlement;
};

/** What both sides agree on; its canonical bytes give the frame's `stateRoot`. */
export type AccountState = {
  readonly left: EntityId;
  readonly right: EntityId;
  /** `keccak256(left ‖ right)`. */
  readonly key: Bytes32;
  readonly epoch: number;
  /** Number of the newest frame signed by both; 0 before the first. */
  readonly number: number;
  /** Hash of that frame; zero before the first. */
  readonly head: Bytes32;
  /** Seconds; of that frame. */
  readonly timestamp: number;
  readonly leftResponse: number;
  readonly rightResponse: number;
  /** Strictly ascending by token. */
  readonly rows: readonly TokenRow[];
  readonly conditions: Conditions;
  readonly settlement: OpenSettlement | null;
  /** Newest chain event that both sides have observed (ACC-8). */
  readonly observed: { readonly height: number; readonly hash: Bytes32 };
};

/** A batch of transactions agreed on as one (ACC-1). Left's numbers are odd, right's even. */
export type Frame = {
  readonly epoch: number;
  readonly number: number;
  readonly previousHash: Bytes32;
  readonly timestamp: number;
  readonly transactions: readonly Transaction[];
  readonly stateRoot: Bytes32;
};

/** A frame that this side proposed and the other has not answered, with the state it leads to. */
export type InFlight = {
  readonly frame: Frame;
  readonly bytes: Bytes;
  readonly hash: Bytes32;
  readonly state: AccountState;
  readonly proofDigest: Bytes32;
  /** True when the frame also acknowledged the peer's frame, under its one signature (ACC-3). */
  readonly acknowledges: boolean;
};

/** The peer's signature under the proof of the head: what this side would enforce on chain. */
export type HeadProof = {
  readonly number: number;
  readonly digest: Bytes32;
  readonly signature: Bytes;
};

/** A final block that touched this account and is not yet agreed in a frame. */
export type ObservedBlock = BlockReference & {
  readonly epoch: number;
  readonly number: number;
  readonly rows: readonly {
    readonly token: TokenId;
    readonly collateral: bigint;
    readonly ondelta: bigint;
  }[];
};

/** A peer's frame that waits until this side's own watcher has the block that it names (ACC-8). */
export type HeldFrame = {
  readonly bytes: Bytes;
  readonly digest: Bytes32;
  readonly signature: Bytes;
  readonly waitsFor: number;
};

/** Messages count only after the exchange of ACC-6 on the connection they came by (ACC-5). */
export type Link =
  | { readonly phase: "down" }
  /** We said hello and wait for the peer's. */
  | { readonly phase: "exchanging"; readonly connection: number }
  | { readonly phase: "ready"; readonly connection: number }
  /** The peer is behind: it gets the frames between and proposes nothing before it has them. */
  | { readonly phase: "catchingUp"; readonly connection: number };

/** One side's replica of an account. */
export type Account = {
  readonly me: Side;
  readonly state: AccountState;
  readonly headProof: HeadProof | null;
  /** Newest frames signed by both, oldest first, bounded: what a peer that lags can be sent. */
  readonly recent: readonly SignedFrame[];
  readonly inFlight: InFlight | null;
  readonly mempool: readonly Transaction[];
  /** Highest number that this side has signed in the epoch: frames, answers, settlements. */
  readonly highestSigned: number;
  /** Highest number seen from the peer. */
  readonly highestSeen: number;
  /**
   * Highest number of an own frame that was burned. While it is above the head's, the peer could
   * still enforce that frame: a further one is due, an empty one if nothing waits (ACC-4).
   */
  readonly retryAbove: number;
  /** Highest number of a peer's frame that this side refused: a repeat of it is never signed. */
  readonly refusedThrough: number;
  /** Seconds; no proposal earlier, since the last one was refused and would be again. */
  readonly notBefore: number;
  /** Dropped, and not told before both have signed above `retryAbove`: it could be enforced. */
  readonly withheld: readonly DroppedTransaction[];
  /** The peer waits for an answer to the frame that is the head; `flush` gives it. */
  readonly acknowledgeDue: boolean;
  /** `flush` gives out this side's signature under the open settlement, again after an exchange. */
  readonly settlementDue: boolean;
  readonly link: Link;
  readonly held: HeldFrame | null;
  /** Final blocks that touched this account, not yet agreed, oldest first. */
  readonly pending: readonly ObservedBlock[];
  /** The peer's signature under the open settlement, once given out (ACC-9). */
  readonly settlementSignature: Bytes | null;
  /** Set when the sides' heads have no common line: nothing is signed any more (ACC-6). */
  readonly frozen: string | null;
};

/** An own transaction that was refused by its content, and why. */
export type DroppedTransaction = {
  readonly transaction: Transaction;
  readonly refusal: Refusal;
};

export type SignedFrame = {
  readonly bytes: Bytes;
  readonly proposer: Side;
  readonly hash: Bytes32;
  readonly number: number;
  /** Of the state that it leads to. */
  readonly stateRoot: Bytes32;
  /**
   * The other side's signature under the proof of this frame; no bytes where it acknowledged the
   * frame by building on it, for then its signature is under the next one (ACC-3).
   */
  readonly digest: Bytes32;
  readonly signature: Bytes;
};

/** Facts that a step may read besides the account; all of them are inputs of the tick. */
export type Context = {
  readonly jurisdiction: Jurisdiction;
  readonly final: BlockReference | null;
  /** The highest token that a final block has registered; 0 while none is known to have been. */
  readonly tokens: TokenId;
  /** The tick's time, Unix seconds: a frame's timestamp lies near it. */
  readonly now: number;
  /** What this entity's plan machine says: may a plan's legs be held, committed, let go here? */
  readonly plan: (plan: Bytes32) => PlanVerdict;
};

export type PlanVerdict = {
  /**
   * This side accepted the plan, and these moves are all that it means for the account of `left`
   * and `right`, no leg missing: whoever then counts the account as held counts it whole.
   */
  readonly acceptsHold: (
    moves: readonly PlanMove[],
    deadline: number,
    left: EntityId,
    right: EntityId,
  ) => boolean;
  /**
   * Every signer's valid "prepared" is known here or in this certificate, in time to go by it; or
   * the final chain has the commit, whatever the certificate (NET-5).
   */
  readonly acceptsCertificate: (certificate: Bytes) => boolean;
  /** This side never signed "prepared", or the final chain shows that the plan did not commit. */
  readonly mayAbort: boolean;
};

export type PlanMove = { readonly token: TokenId; readonly amount: bigint };
