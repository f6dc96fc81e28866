import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Artifact, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

/** Compiled contracts to deploy instead of those of the last build. */
export type JurisdictionArtifacts = {
  readonly EntityProvider: Artifact;
  readonly Enforcement: Artifact;
  readonly Depository: Artifact;
};

/** Seconds, for a chain whose blocks are final within minutes: how long a dispute lasts. */
export const WINDOWS = { min: 3_600, max: 1_209_600 } as const;
/** Seconds: 15 days until a board is replaced, 14 for which it still counts under proofs. */
export const TIMES = { delay: 1_296_000, grace: 1_209_600 } as const;

/**
 * Who entities are, and where the money is. Parameters, in seconds: `minWindow` and `maxWindow`,
 * the bounds of a dispute's window; `delay` and `grace` of the EntityProvider, the first above the
 * longest window, the second not below it.
 */
export function jurisdiction(m: IgnitionModuleBuilder, artifacts?: JurisdictionArtifacts) {
  const times = [m.getParameter("delay", TIMES.delay), m.getParameter("grace", TIMES.grace)];
  const windows = [
    m.getParameter("minWindow", WINDOWS.min),
    m.getParameter("maxWindow", WINDOWS.max),
  ] as const;
  if (artifacts === undefined) {
    const entityProvider = m.contract("EntityProvider", times);
    const enforcement = m.contract("Enforcement", [entityProvider, ...windows]);
    const depository = m.contract("Depository", [entityProvider, enforcement]);
    return { entityProvider, enforcement, depository };
  }
  const { EntityProvider, Enforcement, Depository } = artifacts;
  const entityProvider = m.contract("EntityProvider", EntityProvider, times);
  const enforcement = m.contract("Enforcement", Enforcement, [entityProvider, ...windows]);
  const depository = m.contract("Depository", Depository, [entityProvider, enforcement]);
  return { entityProvider, enforcement, depository };
}

/** A jurisdiction; see `jurisdiction` for its parameters. */
export default buildModule("Jurisdiction", (m) => jurisdiction(m));
