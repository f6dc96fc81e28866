import { excessAt, leftExposure, rightExposure } from "./bound.ts";
import { FALL, RISE, reduceToCore } from "./component.ts";
import type { Network } from "./types.ts";

/** What one token's network offers to netting (NET-1). All sums in the token's smallest unit. */
export type Detection = {
  /** Positions whose exposure is above the soft limit of the side that is owed, ascending. */
  readonly overLimit: readonly number[];
  /** Entities that owe more than is owed to them, ascending. */
  readonly payers: readonly number[];
  /** Entities that are owed more than they owe, ascending. */
  readonly receivers: readonly number[];
  /** Positions with an exposure. */
  readonly exposed: Part;
  /** Those on a cycle of debts (both ends in one strongly connected component). */
  readonly onCycles: Part;
  /** Strongly connected components that hold them. */
  readonly cores: number;
  /** Those on no cycle whose debtor is owed too, or whose creditor owes too: links of chains. */
  readonly onChains: Part;
};

/** So many positions with so much exposure. */
export type Part = { readonly positions: number; readonly value: bigint };

/**
 * Finds what is over its limit, who pays and who receives on balance, and which debts lie on
 * cycles and chains. A debt runs from debtor to creditor; collateral is no debt.
 */
export function detect(network: Network): Detection {
  const { entities, positions } = network;
  const exposure = positions.map(
    ({ delta, collateral }) => leftExposure(delta) + rightExposure(delta, collateral),
  );
  const topology = debtGraph(network);
  const core = reduceToCore(topology);
  const owed = new Array<bigint>(entities).fill(0n);
  const owes = new Array<bigint>(entities).fill(0n);
  const overLimit: number[] = [];
  for (const [index, position] of positions.entries()) {
    const leftOwes = position.delta < 0n;
    const debtor = leftOwes ? position.left : position.right;
    const creditor = leftOwes ? position.right : position.left;
    owes[debtor] = (owes[debtor] as bigint) + (exposure[index] as bigint);
    owed[creditor] = (owed[creditor] as bigint) + (exposure[index] as bigint);
    if (excessAt(position, position.delta) > 0n) overLimit.push(index);
  }
  const isLink = (index: number): boolean => {
    const position = positions[index] as Network["positions"][number];
    const [debtor, creditor] =
      position.delta < 0n ? [position.left, position.right] : [position.right, position.left];
    return (owed[debtor] as bigint) > 0n || (owes[creditor] as bigint) > 0n;
  };
  const isExposed = (index: number): boolean => topology.open[index] !== 0;
  const isOnCycle = (index: number): boolean => core.open[index] !== 0;
  const cores = new Set<number>();
  for (const [index, { left }] of positions.entries()) {
    if (isOnCycle(index)) cores.add(core.component[left] as number);
  }
  const net = (entity: number): bigint => (owed[entity] as bigint) - (owes[entity] as bigint);
  return {
    overLimit,
    payers: [...owed.keys()].filter((entity) => net(entity) < 0n),
    receivers: [...owed.keys()].filter((entity) => net(entity) > 0n),
    exposed: partOf(exposure, isExposed),
    onCycles: partOf(exposure, isOnCycle),
    cores: cores.size,
    onChains: partOf(exposure, (index) => isExposed(index) && !isOnCycle(index) && isLink(index)),
  };
}

/** Each exposure as the direction in which it can shrink: a debt of left's rises, right's falls. */
function debtGraph({ entities, positions }: Network) {
  const left = new Int32Array(positions.length);
  const right = new Int32Array(positions.length);
  const open = new Uint8Array(positions.length);
  for (const [index, position] of positions.entries()) {
    left[index] = position.left;
    right[index] = position.right;
    if (position.delta < 0n) open[index] = RISE;
    if (position.delta > position.collateral) open[index] = FALL;
  }
  return { entities, left, right, open };
}

function partOf(exposure: readonly bigint[], belongs: (index: number) => boolean): Part {
  let positions = 0;
  let value = 0n;
  for (const [index, amount] of exposure.entries()) {
    if (!belongs(index)) continue;
    positions++;
    value += amount;
  }
  return { positions, value };
}
