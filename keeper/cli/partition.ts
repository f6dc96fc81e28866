import type { Ledger } from "../netting/ledger/types.ts";

/** Which of three keepers runs each entity: 0 the first hub's side, 1 the second's, 2 the rest. */
export type Partition = {
  /** The two hubs' numbers, by name; fewer in a ledger of fewer entities. */
  readonly hubs: readonly number[];
  /** Keeper by entity. */
  readonly keeperOf: readonly number[];
  /** Accounts whose left and right are run by different keepers. */
  readonly crossing: number;
};

/**
 * Shares a ledger out to three keepers by its structure alone: the two entities with most accounts
 * are the hubs; who keeps an account with exactly one of them is on its side; all others, those
 * with an account at both hubs included, are the rest. The same ledger gives the same shares.
 */
export function partition(ledger: Ledger): Partition {
  const pairs = pairsOf(ledger);
  const degree = new Array<number>(ledger.names.length).fill(0);
  for (const pair of pairs) for (const end of pair) degree[end] = (degree[end] as number) + 1;
  const name = (entity: number) => ledger.names[entity] as string;
  const hubs = [...degree.keys()]
    .sort((a, b) => (degree[b] as number) - (degree[a] as number) || a - b)
    .slice(0, 2)
    .sort((a, b) => (name(a) < name(b) ? -1 : 1));
  /** Bit 0: knows the first hub; bit 1: knows the second. */
  const knows = new Array<number>(ledger.names.length).fill(0);
  for (const [left, right] of pairs) {
    for (const [hub, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const side = hubs.indexOf(hub);
      if (side >= 0) knows[other] = (knows[other] as number) | (1 << side);
    }
  }
  for (const [side, hub] of hubs.entries()) knows[hub] = 1 << side;
  const keeperOf = knows.map((sides) => (sides === 1 ? 0 : sides === 2 ? 1 : 2));
  const crossing = pairs.filter(([left, right]) => keeperOf[left] !== keeperOf[right]).length;
  return { hubs, keeperOf, crossing };
}

/** Every account once, in however many tokens it has a row. */
function pairsOf({ tokens }: Ledger): readonly (readonly [number, number])[] {
  const pairs = new Map<string, readonly [number, number]>();
  for (const { network } of tokens) {
    for (const { left, right } of network.positions) {
      pairs.set(left < right ? `${left} ${right}` : `${right} ${left}`, [left, right]);
    }
  }
  return [...pairs.values()];
}
