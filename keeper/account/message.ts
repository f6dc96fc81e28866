/**
 * What the two sides of an account send each other. Left, right and account are known from the
 * envelope (SPEED 7). Where a message carries a signature, the envelope carries the digest that it
 * claims and the signature; the shell has checked the one against the other before the machine
 * sees it (SPEED 4), and the machine compares the digest with the one it computed.
 */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { SignedFrame } from "./types.ts";

export type AccountMessage =
  /** The exchange of ACC-6, the first message of each connection in both directions. */
  | {
      readonly kind: "hello";
      readonly epoch: number;
      readonly number: number;
      readonly head: Bytes32;
      /** Zero when nothing is in flight. */
      readonly inFlight: Bytes32;
      readonly highestSigned: number;
    }
  /**
   * A frame. When it is built on the receiver's frame in flight it acknowledges that frame, and its
   * one signature, under the proof of the resulting state, stands for both (ACC-3).
   */
  | { readonly kind: "frame"; readonly frame: Bytes }
  /** Acknowledges a frame when there is nothing to propose; signed under that frame's proof. */
  | { readonly kind: "acknowledge"; readonly frame: Bytes32 }
  /** The frame was refused and is burned; names the sender's highest number (ACC-4). */
  | {
      readonly kind: "refuse";
      readonly frame: Bytes32;
      readonly highest: number;
      readonly code: string;
      /** Index of the first transaction refused by content, or -1. */
      readonly transaction: number;
      /** What the sender computed where the roots differ, else zero. */
      readonly stateRoot: Bytes32;
      /** How it came to that root, transaction by transaction; else no bytes (`trailOf`). */
      readonly trail: Bytes;
    }
  /** Frames signed by both that the receiver lacks, oldest first (ACC-6). */
  | { readonly kind: "history"; readonly frames: readonly SignedFrame[] }
  /** This side's signature under the open settlement, given out as ACC-9 allows. */
  | { readonly kind: "settlement"; readonly number: number };

/** A digest that the envelope claims and a signature that the shell found valid under it. */
export type Claim = { readonly digest: Bytes32; readonly signature: Bytes };
