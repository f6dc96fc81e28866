/** Networks by seed, for the netting bench and tests. The same seed gives the same network. */

import { createRandom, type Random } from "../keeper/base/random.ts";
import type { Network, Position } from "../keeper/netting/types.ts";

/** How accounts are spread over entities. */
export type Shape = "uniform" | "preferential" | "hub" | "trade";

export const shapes: readonly Shape[] = ["uniform", "preferential", "hub", "trade"];

export type NetworkOptions = {
  readonly shape: Shape;
  readonly entities: number;
  readonly positions: number;
  readonly seed: number | string;
  /** Amounts have up to so many bits, 1 … 126. */
  readonly bits: number;
  /** Over so many bits below that, magnitudes are spread evenly; over all, unless told. */
  readonly spread?: number;
  /** Of a hundred positions, so many have collateral; 0 unless told. */
  readonly collateralPercent?: number;
  /** Of a hundred positions, so many are without consent; 0 unless told. */
  readonly frozenPercent?: number;
  /** Of a hundred limits, so many are no higher than what is in use; 0 unless told. */
  readonly tightPercent?: number;
};

/** A network of that shape. Every position keeps RCP-1; soft limits are half of credit limits. */
export function generateNetwork(options: NetworkOptions): Network {
  const random = createRandom(options.seed);
  const join = joiner(options, random.fork("topology"));
  const amounts = random.fork("amounts");
  const positions: Position[] = [];
  while (positions.length < options.positions) {
    const [left, right] = join();
    if (left !== right) {
      positions.push(positionOf(left, right, options, amounts));
    }
  }
  return { entities: options.entities, positions };
}

function positionOf(
  left: number,
  right: number,
  options: NetworkOptions,
  random: Random,
): Position {
  const exposure = amountOf(random, options);
  const owes = random.chance(1, 2) ? "left" : "right";
  const collateral = chance(random, options.collateralPercent)
    ? amountOf(random, options) / 2n
    : 0n;
  const limit = (used: bigint): bigint =>
    chance(random, options.tightPercent) ? used : used + amountOf(random, options);
  const leftLimit = limit(owes === "left" ? exposure : 0n);
  const rightLimit = limit(owes === "right" ? exposure : 0n);
  return {
    left,
    right,
    delta: owes === "left" ? -exposure : collateral + exposure,
    collateral,
    leftLimit,
    rightLimit,
    leftSoftLimit: rightLimit / 2n,
    rightSoftLimit: leftLimit / 2n,
    consent: !chance(random, options.frozenPercent),
  };
}

/** Evenly spread over magnitudes of up to `bits` bits, zero included. */
function amountOf(random: Random, { bits, spread }: NetworkOptions): bigint {
  const magnitude = random.between(bits - Math.min(spread ?? bits, bits), bits);
  return random.bigintBelow(2n ** BigInt(magnitude));
}

function chance(random: Random, percent: number | undefined): boolean {
  return percent !== undefined && random.chance(percent, 100);
}

type Pair = readonly [left: number, right: number];

function joiner({ shape, entities }: NetworkOptions, random: Random): () => Pair {
  switch (shape) {
    case "uniform":
      return () => [random.below(entities), random.below(entities)];
    case "preferential":
      return preferential(entities, random);
    case "hub":
      return hubs(entities, random);
    case "trade":
      return trade(entities, random);
  }
}

/** Half of the ends go to whoever already has accounts, in proportion to them. */
function preferential(entities: number, random: Random): () => Pair {
  const ends: number[] = [];
  const end = (): number =>
    ends.length > 0 && random.chance(1, 2) ? random.pick(ends) : random.below(entities);
  return () => {
    const pair: Pair = [end(), end()];
    ends.push(...pair);
    return pair;
  };
}

/** About √n hubs: nine of ten accounts join a spoke to a hub, the rest join hubs. */
function hubs(entities: number, random: Random): () => Pair {
  const count = Math.max(2, Math.floor(Math.sqrt(entities)));
  return () => {
    const hub = random.below(Math.min(count, entities));
    const other = random.chance(9, 10) ? random.below(entities) : random.below(count);
    return random.chance(1, 2) ? [hub, other] : [other, hub];
  };
}

/** Tiers of a supply chain: most trade is with the next tier, some within one, some far back. */
function trade(entities: number, random: Random): () => Pair {
  const tiers = Math.max(2, Math.min(6, Math.floor(entities / 3)));
  const inTier = (tier: number): number => {
    const size = Math.ceil((entities - tier) / tiers);
    return tier + tiers * random.below(size);
  };
  return () => {
    const tier = random.below(tiers);
    const kind = random.below(10);
    const other = kind < 7 ? (tier + 1) % tiers : kind < 8 ? tier : random.below(tiers);
    return [inTier(tier), inTier(other)];
  };
}
