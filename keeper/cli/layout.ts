/** A point of a drawing, both coordinates between 0 and 1. */
export type Point = { readonly x: number; readonly y: number };

const ROUNDS = 300;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/**
 * Places the nodes of a graph by springs and repulsion (Fruchterman and Reingold 1991), from a
 * spiral, so that the same graph always gives the same drawing. Quadratic in the nodes.
 */
export function layout(nodes: number, edges: readonly (readonly [number, number])[]): Point[] {
  const x = new Float64Array(nodes);
  const y = new Float64Array(nodes);
  for (let node = 0; node < nodes; node++) {
    const radius = Math.sqrt((node + 0.5) / nodes);
    x[node] = radius * Math.cos(node * GOLDEN_ANGLE);
    y[node] = radius * Math.sin(node * GOLDEN_ANGLE);
  }
  const ideal = 1.4 / Math.sqrt(Math.max(nodes, 1));
  for (let round = 0; round < ROUNDS; round++) {
    const heat = 0.1 * (1 - round / ROUNDS);
    move(x, y, edges, ideal, heat);
  }
  return scaled(x, y);
}

function move(
  x: Float64Array,
  y: Float64Array,
  edges: readonly (readonly [number, number])[],
  ideal: number,
  heat: number,
): void {
  const forceX = new Float64Array(x.length);
  const forceY = new Float64Array(x.length);
  const at = (list: Float64Array, node: number): number => list[node] as number;
  /** Pushes two nodes apart, or draws them together, by `force` of their distance. */
  const push = (a: number, b: number, force: (distance: number) => number): void => {
    const dx = at(x, a) - at(x, b);
    const dy = at(y, a) - at(y, b);
    const share = force(Math.sqrt(dx * dx + dy * dy));
    forceX[a] = at(forceX, a) + dx * share;
    forceY[a] = at(forceY, a) + dy * share;
    forceX[b] = at(forceX, b) - dx * share;
    forceY[b] = at(forceY, b) - dy * share;
  };
  const repel = (distance: number) => (ideal * ideal) / Math.max(distance * distance, 1e-6);
  const attract = (distance: number) => -distance / ideal / 3;
  for (let a = 0; a < x.length; a++) for (let b = a + 1; b < x.length; b++) push(a, b, repel);
  for (const [a, b] of edges) push(a, b, attract);
  for (let node = 0; node < x.length; node++) {
    // A weak pull to the middle keeps parts that no edge joins on the same sheet.
    const dx = at(forceX, node) - at(x, node) * 0.6;
    const dy = at(forceY, node) - at(y, node) * 0.6;
    const length = Math.sqrt(dx * dx + dy * dy);
    const step = length > heat ? heat / length : 1;
    x[node] = at(x, node) + dx * step;
    y[node] = at(y, node) + dy * step;
  }
}

/** Stretched to fill the unit square. */
function scaled(x: Float64Array, y: Float64Array): Point[] {
  const [left, right] = [Math.min(...x), Math.max(...x)];
  const [top, bottom] = [Math.min(...y), Math.max(...y)];
  const place = (value: number, low: number, high: number) =>
    high === low ? 0.5 : (value - low) / (high - low);
  return Array.from(x, (value, node) => ({
    x: place(value, left, right),
    y: place(y[node] as number, top, bottom),
  }));
}
