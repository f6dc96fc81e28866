/** A binary heap of nodes by distance. A node may be in it often; outdated ones are passed over. */

export type Heap = {
  push(node: number, key: number): void;
  /** The nearest node whose entry still matches `distance`, or −1 when there is none. */
  pop(distance: Float64Array): number;
};

export function createHeap(): Heap {
  const keys: number[] = [];
  const nodes: number[] = [];

  function push(node: number, key: number): void {
    let hole = keys.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if ((keys[parent] as number) <= key) {
        break;
      }
      keys[hole] = keys[parent] as number;
      nodes[hole] = nodes[parent] as number;
      hole = parent;
    }
    keys[hole] = key;
    nodes[hole] = node;
  }

  function removeTop(): void {
    const key = keys.pop() as number;
    const node = nodes.pop() as number;
    const size = keys.length;
    if (size === 0) {
      return;
    }
    let hole = 0;
    for (let child = 1; child < size; child = hole * 2 + 1) {
      if (child + 1 < size && (keys[child + 1] as number) < (keys[child] as number)) {
        child += 1;
      }
      if ((keys[child] as number) >= key) {
        break;
      }
      keys[hole] = keys[child] as number;
      nodes[hole] = nodes[child] as number;
      hole = child;
    }
    keys[hole] = key;
    nodes[hole] = node;
  }

  function pop(distance: Float64Array): number {
    while (keys.length > 0) {
      const key = keys[0] as number;
      const node = nodes[0] as number;
      removeTop();
      if (key === distance[node]) {
        return node;
      }
    }
    return -1;
  }

  return { push, pop };
}
