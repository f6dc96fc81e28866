import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** A jurisdiction: who entities are, and where the money is. Takes no parameters. */
export default buildModule("Jurisdiction", (m) => {
  const entityProvider = m.contract("EntityProvider");
  const depository = m.contract("Depository", [entityProvider]);
  return { entityProvider, depository };
});
