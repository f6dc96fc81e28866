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
  const nodes = x.length;
  const fx = new Float64Array(nodes);
  const fy = new Float64Array(nodes);
  const push = (a: number, b: number, dx: number, dy: number, force: number): void => {
    fx[a]! += dx * force;
    fy[a]! += dy * force;
    fx[b]! -= dx * force;
    fy[b]! -= dy * force;
  };
  for (let a = 0; a < nodes; a++) {
    for (let b = a + 1; b < nodes; b++) {
      const dx = x[a]! - x[b]!;
      const dy = y[a]! - y[b]!;
      push(a, b, dx, dy, (ideal * ideal) / Math.max(dx * dx + dy * dy, 1e-6));
    }
  }
  for (const [a, b] of edges) {
    const dx = x[a]! - x[b]!;
    const dy = y[a]! - y[b]!;
    push(a, b, dx, dy, -Math.sqrt(dx * dx + dy * dy) / ideal / 3);
  }
  for (let node = 0; node < nodes; node++) {
    // A weak pull to the middle keeps parts that no edge joins on the same sheet.
    const forceX = fx[node]! - x[node]! * 0.6;
    const forceY = fy[node]! - y[node]! * 0.6;
    const length = Math.sqrt(forceX * forceX + forceY * forceY);
    const step = length > heat ? heat / length : 1;
    x[node]! += forceX * step;
    y[node]! += forceY * step;
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
