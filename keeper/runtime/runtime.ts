/** Makes the runtime of a keeper before its first tick. */
import { ZERO_BYTES32 } from "../base/bytes.ts";
import { createInterner } from "../base/intern.ts";
import { createEntity } from "../entity/entity.ts";
import type { Board, Entity } from "../entity/types.ts";
import { emptyView } from "../jurisdiction/step.ts";
import type { EntityId, Jurisdiction } from "../jurisdiction/types.ts";
import { PROTOCOL_VERSION, type Runtime } from "./types.ts";

/** A runtime that has seen nothing; `entities` in the order in which their roots are hashed. */
export function createRuntime(
  jurisdiction: Jurisdiction,
  entities: readonly { readonly id: EntityId; readonly board: Board }[],
): Runtime {
  const interner = createInterner();
  const byIndex = new Map<number, Entity>();
  for (const { id, board } of entities) byIndex.set(interner.intern(id), createEntity(id, board));
  return {
    protocol: PROTOCOL_VERSION,
    height: 0,
    root: ZERO_BYTES32,
    now: 0,
    interner,
    view: emptyView(jurisdiction),
    links: new Map(),
    connections: 0,
    local: 0,
    entities: byIndex,
  };
}
