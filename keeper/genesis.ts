/** Where a keeper begins: its jurisdiction, and the runtime before the first tick. */
import { compareBytes, fromHex } from "./base/bytes.ts";
import type { Config } from "./config.ts";
import { depositoryDomain } from "./jurisdiction/digest.ts";
import type { EntityId, Jurisdiction } from "./jurisdiction/types.ts";
import { createRuntime } from "./runtime/runtime.ts";
import type { Runtime } from "./runtime/types.ts";

/** The jurisdiction of a configuration; every keeper of a network has the same. */
export function jurisdictionOf({ chain }: Pick<Config, "chain">): Jurisdiction {
  const depository = fromHex(chain.depository.toLowerCase() as `0x${string}`);
  return {
    chainId: chain.chainId,
    depository,
    entityProvider: fromHex(chain.entityProvider.toLowerCase() as `0x${string}`),
    domain: depositoryDomain(chain.chainId, depository),
    deployedAt: chain.deployedAt,
    finalityDepth: chain.finalityDepth,
    inclusionMargin: chain.inclusionMargin,
    responseTime: chain.responseTime,
  };
}

/** The runtime before its first tick: replay begins here. */
export function genesisOf(
  jurisdiction: Jurisdiction,
  keys: readonly { readonly entity: EntityId }[],
): Runtime {
  const ids = keys.map(({ entity }) => entity).sort(compareBytes);
  const entities = ids.map((id) => ({
    id,
    board: { threshold: 1, members: [{ id, weight: 1 }] },
  }));
  return createRuntime(jurisdiction, entities);
}
