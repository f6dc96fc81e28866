/** Chains to fold: blocks whose hashes are told apart by branch and height. */
import { asBytes32, type Bytes32 } from "../../../keeper/base/bytes.ts";
import type { JurisdictionInput } from "../../../keeper/jurisdiction/input.ts";
import type { Block, ChainEvent, Jurisdiction } from "../../../keeper/jurisdiction/types.ts";

export const jurisdiction: Jurisdiction = {
  chainId: 31337,
  depository: new Uint8Array(20).fill(1),
  entityProvider: new Uint8Array(20).fill(2),
  domain: asBytes32(new Uint8Array(32).fill(3)),
  deployedAt: 10,
  finalityDepth: 2,
  inclusionMargin: 60,
  responseTime: 3600,
};

/** The hash of the block of a branch at a height, for example `a12`. */
export function hashOf(branch: string, height: number): Bytes32 {
  const hash = new Uint8Array(32);
  hash[0] = branch.charCodeAt(0);
  hash[31] = height;
  return asBytes32(hash);
}

/** A block named like `a12`: branch and height; its parent is of the same branch unless given. */
export function block(name: string, parent?: string, events: readonly ChainEvent[] = []): Block {
  const { branch, height } = parse(name);
  const from = parent === undefined ? { branch, height: height - 1 } : parse(parent);
  return {
    height,
    hash: hashOf(branch, height),
    timestamp: 1_000 + height,
    parentHash: hashOf(from.branch, from.height),
    events,
  };
}

/** A reorg back to a block named like `a12`. */
export function reorgTo(name: string): JurisdictionInput {
  const { branch, height } = parse(name);
  return { kind: "reorg", height, hash: hashOf(branch, height) };
}

export function nameOf({ hash, height }: { hash: Bytes32; height: number }): string {
  return `${String.fromCharCode(hash[0] as number)}${height}`;
}

function parse(name: string): { branch: string; height: number } {
  return { branch: name[0] as string, height: Number(name.slice(1)) };
}
