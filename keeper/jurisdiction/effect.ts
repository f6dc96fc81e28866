/** What the chain view tells the machines. */
import type { Block } from "./types.ts";

export type JurisdictionEffect =
  /** A block became final: entities and accounts may act on its events, in order. */
  | { readonly kind: "final"; readonly block: Block }
  /** Blocks were taken back; nothing that is final changed. Watchers of the head act on it. */
  | { readonly kind: "reorg"; readonly removed: readonly Block[] };
