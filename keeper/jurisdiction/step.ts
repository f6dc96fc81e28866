/**
 * Folds the blocks of one chain into what machines may see (CHN-2): the head is followed by parent
 * hash, and a block is final when `finalityDepth` blocks stand on top of it.
 */
import { unreachable } from "../base/assert.ts";
import { equalBytes } from "../base/bytes.ts";
import { ok, type Result, refuse } from "../base/result.ts";
import type { JurisdictionEffect } from "./effect.ts";
import type { JurisdictionInput } from "./input.ts";
import type { Block, BlockReference, Jurisdiction, View } from "./types.ts";

/** A view, and what became final or was taken back on the way to it, in order. */
export type Folded = { readonly view: View; readonly effects: readonly JurisdictionEffect[] };

/** Nothing seen yet: the first block to come is the one at `deployedAt`. */
export function emptyView(jurisdiction: Jurisdiction): View {
  return { jurisdiction, final: null, tokens: 0, recent: [] };
}

/**
 * Applies one input. What is repeated changes nothing. Refuses `blockGap`, `blockParent`,
 * `blockBranch`, `blockTime` and `reorgUnknown`, after which the watcher asks the node again; and
 * `deepReorg`: a final block is no longer on the chain, machines have acted on what is not so, and
 * the keeper must stop and say so.
 */
export function step(view: View, input: JurisdictionInput): Result<Folded> {
  switch (input.kind) {
    case "block":
      return applyBlock(view, input.block);
    case "reorg":
      return applyReorg(view, input);
    default:
      return unreachable(input);
  }
}

/** The newest block that is known, final or not; null before the first. */
export function headOf(view: View): BlockReference | null {
  return view.recent.at(-1) ?? view.final;
}

function applyBlock(view: View, block: Block): Result<Folded> {
  const head = headOf(view);
  const next = head === null ? view.jurisdiction.deployedAt : head.height + 1;
  if (block.height < next) return repeated(view, block);
  if (block.height > next) {
    return refuse("blockGap", "report every block from the first, in order", {
      expected: `${next}`,
      height: `${block.height}`,
    });
  }
  if (head !== null && !equalBytes(block.parentHash, head.hash)) {
    if (view.recent.length === 0) return deepReorg(block.height - 1);
    return refuse("blockParent", "report the reorg first: the parent is not the head", {
      height: `${block.height}`,
    });
  }
  if (head !== null && block.timestamp < head.timestamp) {
    return refuse("blockTime", "a block is not older than its parent", {
      timestamp: `${block.timestamp}`,
      parent: `${head.timestamp}`,
    });
  }
  return ok(finalise(view, [...view.recent, block]));
}

/**
 * A block at a height that is known. Below the final one nothing is kept to compare with; a chain
 * that differs there differs at the final height as well, and is found there.
 */
function repeated(view: View, block: Block): Result<Folded> {
  const known = knownAt(view, block.height);
  if (known === null) {
    if (view.final !== null) return ok(unchanged(view));
    return refuse("blockGap", "the first block is the one of the deployment", {
      expected: `${view.jurisdiction.deployedAt}`,
      height: `${block.height}`,
    });
  }
  if (equalBytes(known.hash, block.hash)) return ok(unchanged(view));
  if (known.height === view.final?.height) return deepReorg(block.height);
  return refuse("blockBranch", "report the reorg first: another block is known at this height", {
    height: `${block.height}`,
  });
}

function knownAt(view: View, height: number): BlockReference | null {
  if (view.final !== null && view.final.height === height) return view.final;
  return view.recent.find((block) => block.height === height) ?? null;
}

/** Moves blocks that are deep enough from `recent` to `final`. */
function finalise(view: View, recent: readonly Block[]): Folded {
  const deep = Math.max(0, recent.length - view.jurisdiction.finalityDepth);
  const effects = recent
    .slice(0, deep)
    .map((block): JurisdictionEffect => ({ kind: "final", block }));
  const newest = recent[deep - 1];
  const final = newest === undefined ? view.final : referenceOf(newest);
  const tokens = recent.slice(0, deep).reduce(highestToken, view.tokens);
  return { view: { ...view, final, tokens, recent: recent.slice(deep) }, effects };
}

/** Tokens are numbered in the order of their registration, so the highest tells them all. */
function highestToken(known: number, { events }: Block): number {
  return events.reduce(
    (most, event) => (event.kind === "token" ? Math.max(most, event.token) : most),
    known,
  );
}

function applyReorg(view: View, input: JurisdictionInput & { kind: "reorg" }): Result<Folded> {
  const { height, hash } = input;
  if (view.final !== null && height < view.final.height) return deepReorg(height);
  const kept = view.recent.findLastIndex((block) => block.height <= height) + 1;
  const ancestor = kept > 0 ? view.recent[kept - 1] : ancestorOfRecent(view);
  if (ancestor?.height !== height || !equalBytes(ancestor.hash, hash)) {
    if (view.final?.height === height) return deepReorg(height);
    return refuse("reorgUnknown", "go back to a block that was reported", { height: `${height}` });
  }
  const removed = view.recent.slice(kept);
  if (removed.length === 0) return ok(unchanged(view));
  return ok({
    view: { ...view, recent: view.recent.slice(0, kept) },
    effects: [{ kind: "reorg", removed }],
  });
}

/** The block on which `recent` stands: the final one, or the parent of the very first. */
function ancestorOfRecent(
  view: View,
): { readonly height: number; readonly hash: BlockReference["hash"] } | undefined {
  if (view.final !== null) return view.final;
  const first = view.recent[0];
  return first && { height: first.height - 1, hash: first.parentHash };
}

function referenceOf({ height, hash, timestamp }: Block): BlockReference {
  return { height, hash, timestamp };
}

function unchanged(view: View): Folded {
  return { view, effects: [] };
}

function deepReorg(height: number): Result<Folded> {
  return refuse("deepReorg", "stop: the chain took back a block that was final", {
    height: `${height}`,
  });
}
