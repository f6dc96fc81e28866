/** What the chain view can be told. */
import type { Bytes32 } from "../base/bytes.ts";
import type { Block } from "./types.ts";

export type JurisdictionInput =
  /** The next block on the head; a repeated one changes nothing. */
  | { readonly kind: "block"; readonly block: Block }
  /** The head is no longer canonical: go back to this ancestor, which is not below `final`. */
  | { readonly kind: "reorg"; readonly height: number; readonly hash: Bytes32 };
