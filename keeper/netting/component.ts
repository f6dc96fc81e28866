/**
 * The prefilter: what no circulation can use is taken out before solving. Exact, since a position
 * that is alone at an entity, or that joins two strongly connected components, can carry no flow.
 */

/** Which entity each position joins, and in which directions it may still move. */
export type Topology = {
  readonly entities: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Bit 1: the delta may rise (flow left → right); bit 2: it may fall (flow right → left). */
  readonly open: Uint8Array;
};

export const RISE = 1;
export const FALL = 2;

export type Core = {
  /** The directions that remain, by position, as in `Topology`. */
  readonly open: Uint8Array;
  /**
   * Component by entity: arcs between components lead from a higher number to a lower one.
   * Peeled entities have −1.
   */
  readonly component: Int32Array;
  readonly components: number;
  /** Entities in the order in which they were peeled. */
  readonly peeled: Int32Array;
  /** For each of them the one open position that it had left, or −1. */
  readonly stem: Int32Array;
};

/** Peels leaves, then keeps only what lies inside a strongly connected component. */
export function reduceToCore(topology: Topology): Core {
  const open = topology.open.slice();
  const incidence = incidenceOf(topology);
  const { peeled, stem } = peel(topology, incidence, open);
  const component = new Int32Array(topology.entities);
  for (const entity of peeled) {
    component[entity] = -1;
  }
  const components = connect(topology, incidence, open, component);
  for (let position = 0; position < open.length; position += 1) {
    const left = component[topology.left[position] as number];
    const right = component[topology.right[position] as number];
    if (left !== right) {
      open[position] = 0;
    }
  }
  return { open, component, components, peeled, stem };
}

/** Open positions by entity, in compressed rows. */
type Incidence = { readonly first: Int32Array; readonly list: Int32Array };

function incidenceOf({ entities, left, right, open }: Topology): Incidence {
  const first = new Int32Array(entities + 2);
  for (let position = 0; position < open.length; position += 1) {
    if (open[position] !== 0) {
      const from = (left[position] as number) + 2;
      const to = (right[position] as number) + 2;
      first[from] = (first[from] as number) + 1;
      first[to] = (first[to] as number) + 1;
    }
  }
  for (let entity = 2; entity < first.length; entity += 1) {
    first[entity] = (first[entity] as number) + (first[entity - 1] as number);
  }
  const list = new Int32Array(first[entities + 1] as number);
  for (let position = 0; position < open.length; position += 1) {
    if (open[position] !== 0) {
      const from = (left[position] as number) + 1;
      const to = (right[position] as number) + 1;
      list[first[from] as number] = position;
      first[from] = (first[from] as number) + 1;
      list[first[to] as number] = position;
      first[to] = (first[to] as number) + 1;
    }
  }
  return { first, list };
}

/** Takes out, again and again, entities with at most one open position; closes that position. */
function peel(topology: Topology, { first, list }: Incidence, open: Uint8Array) {
  const { entities, left, right } = topology;
  const degree = new Int32Array(entities);
  const peeled = new Int32Array(entities);
  const stem = new Int32Array(entities).fill(-1);
  let count = 0;
  for (let entity = 0; entity < entities; entity += 1) {
    degree[entity] = (first[entity + 1] as number) - (first[entity] as number);
    if ((degree[entity] as number) <= 1) {
      peeled[count++] = entity;
    }
  }
  for (let next = 0; next < count; next += 1) {
    const entity = peeled[next] as number;
    for (let at = first[entity] as number; at < (first[entity + 1] as number); at += 1) {
      const position = list[at] as number;
      if (open[position] === 0) {
        continue;
      }
      open[position] = 0;
      stem[next] = position;
      const other = (left[position] === entity ? right[position] : left[position]) as number;
      const rest = (degree[other] as number) - 1;
      degree[other] = rest;
      if (rest === 1) {
        peeled[count++] = other;
      }
    }
  }
  return { peeled: peeled.slice(0, count), stem: stem.slice(0, count) };
}

/** Tarjan 1972 without recursion. Numbers components in the order in which they are completed. */
function connect(
  { entities, left, right }: Topology,
  { first, list }: Incidence,
  open: Uint8Array,
  component: Int32Array,
): number {
  const order = new Int32Array(entities);
  const low = new Int32Array(entities);
  const cursor = first.slice(0, entities);
  const path = new Int32Array(entities);
  const waiting = new Int32Array(entities);
  const done = new Uint8Array(entities);
  let visited = 0;
  let components = 0;
  let depth = 0;
  let pending = 0;
  const enter = (entity: number): void => {
    order[entity] = low[entity] = ++visited;
    path[depth++] = entity;
    waiting[pending++] = entity;
  };
  for (let root = 0; root < entities; root += 1) {
    if (order[root] !== 0 || component[root] === -1) {
      continue;
    }
    enter(root);
    while (depth > 0) {
      const entity = path[depth - 1] as number;
      const at = cursor[entity] as number;
      cursor[entity] = at + 1;
      if (at < (first[entity + 1] as number)) {
        const position = list[at] as number;
        const leaves = left[position] === entity ? RISE : FALL;
        if (((open[position] as number) & leaves) === 0) {
          continue;
        }
        const target = (leaves === RISE ? right[position] : left[position]) as number;
        if (order[target] === 0) {
          enter(target);
        } else if (done[target] === 0) {
          low[entity] = Math.min(low[entity] as number, order[target] as number);
        }
        continue;
      }
      depth -= 1;
      if (depth > 0) {
        const parent = path[depth - 1] as number;
        low[parent] = Math.min(low[parent] as number, low[entity] as number);
      }
      if (low[entity] === order[entity]) {
        for (let member = -1; member !== entity; ) {
          member = waiting[--pending] as number;
          component[member] = components;
          done[member] = 1;
        }
        components += 1;
      }
    }
  }
  return components;
}
