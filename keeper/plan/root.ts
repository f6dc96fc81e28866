import type { Bytes32 } from "../base/bytes.ts";
import { keccak256 } from "../codec/keccak.ts";
import { encodePlanBook } from "./book-codec.ts";
import type { PlanBook } from "./types.ts";

const roots = new WeakMap<PlanBook, Bytes32>();

/** Hash over all that an entity knows of plans, kept beside the book, which never changes. */
export function bookRoot(book: PlanBook): Bytes32 {
  let root = roots.get(book);
  if (root === undefined) {
    root = keccak256(encodePlanBook(book));
    roots.set(book, root);
  }
  return root;
}
