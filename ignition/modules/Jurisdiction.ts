import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Artifact, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

/** Compiled contracts to deploy instead of those of the last build. */
export type JurisdictionArtifacts = {
  readonly EntityProvider: Artifact;
  readonly Depository: Artifact;
};

/** Who entities are, and where the money is. */
export function jurisdiction(m: IgnitionModuleBuilder, artifacts?: JurisdictionArtifacts) {
  if (artifacts === undefined) {
    const entityProvider = m.contract("EntityProvider");
    return { entityProvider, depository: m.contract("Depository", [entityProvider]) };
  }
  const entityProvider = m.contract("EntityProvider", artifacts.EntityProvider);
  const depository = m.contract("Depository", artifacts.Depository, [entityProvider]);
  return { entityProvider, depository };
}

/** A jurisdiction. Takes no parameters. */
export default buildModule("Jurisdiction", (m) => jurisdiction(m));
