import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Artifact, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

/** Compiled contracts to deploy instead of those of the last build. */
export type JurisdictionArtifacts = {
  readonly EntityProvider: Artifact;
  readonly Enforcement: Artifact;
  readonly Depository: Artifact;
};

/** Seconds; for a chain whose blocks are final within minutes. */
const MIN_WINDOW = 3_600;
const MAX_WINDOW = 1_209_600;

/**
 * Who entities are, and where the money is. Parameters: `minWindow` and `maxWindow`, the bounds of
 * a dispute's window in seconds.
 */
export function jurisdiction(m: IgnitionModuleBuilder, artifacts?: JurisdictionArtifacts) {
  const windows = [
    m.getParameter("minWindow", MIN_WINDOW),
    m.getParameter("maxWindow", MAX_WINDOW),
  ] as const;
  if (artifacts === undefined) {
    const entityProvider = m.contract("EntityProvider");
    const enforcement = m.contract("Enforcement", [entityProvider, ...windows]);
    const depository = m.contract("Depository", [entityProvider, enforcement]);
    return { entityProvider, enforcement, depository };
  }
  const { EntityProvider, Enforcement, Depository } = artifacts;
  const entityProvider = m.contract("EntityProvider", EntityProvider);
  const enforcement = m.contract("Enforcement", Enforcement, [entityProvider, ...windows]);
  const depository = m.contract("Depository", Depository, [entityProvider, enforcement]);
  return { entityProvider, enforcement, depository };
}

/** A jurisdiction; see `jurisdiction` for its parameters. */
export default buildModule("Jurisdiction", (m) => jurisdiction(m));
