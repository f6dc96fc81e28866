import { detect } from "../detect.ts";
import type { Ledger } from "../ledger/types.ts";
import type { TokenTopology, TopologyReport } from "./types.ts";

const HUBS = 5;
const PAIR_SPAN = 2 ** 26;

/**
 * Names the network that a report's percentages belong to (NET-8): how large it is, which entities
 * most accounts meet at, and how much of its debt lies on cycles and on chains.
 */
export function topologyOf(ledger: Ledger): TopologyReport {
  const tokens = ledger.tokens.map((token): [string, TokenTopology] => {
    const found = detect(token.network);
    return [
      token.name,
      {
        positions: token.network.positions.length,
        exposed: found.exposed.positions,
        onCycles: found.onCycles.positions,
        valueOnCycles: found.onCycles.value,
        cores: found.cores,
        onChains: found.onChains.positions,
        valueOnChains: found.onChains.value,
        payers: found.payers.length,
        receivers: found.receivers.length,
      },
    ];
  });
  return {
    entities: ledger.names.length,
    accounts: ledger.accounts,
    hubs: hubsOf(ledger),
    tokens: Object.fromEntries(tokens),
  };
}

/** Accounts are counted once, in however many tokens they have a row. */
function hubsOf(ledger: Ledger): TopologyReport["hubs"] {
  const degree = new Int32Array(ledger.names.length);
  const seen = new Set<number>();
  for (const { network } of ledger.tokens) {
    for (const { left, right } of network.positions) {
      const key = Math.min(left, right) * PAIR_SPAN + Math.max(left, right);
      if (ledger.tokens.length > 1 && seen.has(key)) continue;
      if (ledger.tokens.length > 1) seen.add(key);
      degree[left] = (degree[left] as number) + 1;
      degree[right] = (degree[right] as number) + 1;
    }
  }
  const { names } = ledger;
  const least = degree.toSorted()[Math.max(0, degree.length - HUBS)] as number;
  return [...names.keys()]
    .filter((entity) => (degree[entity] as number) >= least)
    .sort((a, b) => (degree[b] as number) - (degree[a] as number) || order(names, a, b))
    .slice(0, HUBS)
    .map((entity) => ({ entity: names[entity] as string, accounts: degree[entity] as number }));
}

function order(names: readonly string[], a: number, b: number): number {
  return (names[a] as string) < (names[b] as string) ? -1 : 1;
}
