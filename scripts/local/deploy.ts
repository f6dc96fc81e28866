/**
 * Deploys a jurisdiction and test tokens by Ignition on a node that is running, and registers the
 * tokens. What is deployed are the committed bindings' contracts, so nothing is compiled here; the
 * suite checks that they are those of the sources. Prints one line of JSON: what stands where.
 *
 *     node scripts/local/deploy.ts --url URL --token NAME [--token NAME …]
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Artifact } from "@nomicfoundation/ignition-core";
import hre from "hardhat";
import { jurisdiction } from "../../ignition/modules/Jurisdiction.ts";
import { Depository__factory } from "../../typechain-types/factories/Depository__factory.ts";
import { DevToken__factory } from "../../typechain-types/factories/dev/DevToken__factory.ts";
import { EntityProvider__factory } from "../../typechain-types/factories/EntityProvider__factory.ts";

const { values } = parseArgs({
  options: { url: { type: "string" }, token: { type: "string", multiple: true, default: [] } },
});
if (values.url === undefined) throw new Error("--url is needed");

/** ERC-20, as the Depository numbers kinds. */
const ERC20 = 1;

const artifacts = {
  EntityProvider: artifactOf("EntityProvider", EntityProvider__factory),
  Depository: artifactOf("Depository", Depository__factory),
};
const devToken = artifactOf("DevToken", DevToken__factory);
const connection = await hre.network.create({
  network: "localhost",
  override: { url: values.url },
});
const Local = buildModule("Local", (m) => ({
  ...jurisdiction(m, artifacts),
  ...Object.fromEntries(
    values.token.map((name, index) => {
      const id = `Token${index}`;
      return [id, m.contract("DevToken", devToken, [`Test ${name}`, name, 18], { id })];
    }),
  ),
}));
// Another local chain has the same chain id: its journal must not be taken for this one's.
const deploymentId = `local-${process.pid}-${Date.now()}`;
const deployed = await connection.ignition.deploy(Local, {
  deploymentId,
  config: { requiredConfirmations: 1, blockPollingInterval: 50 },
});
await rm(join(hre.config.paths.ignition, "deployments", deploymentId), { recursive: true });
const addressOf = (name: string) =>
  (deployed as Record<string, { getAddress(): Promise<string> }>)[name]?.getAddress() ?? "";
const [signer] = await connection.ethers.getSigners();
if (signer === undefined) throw new Error("the node has no account to deploy from");
const depository = Depository__factory.connect(await addressOf("depository"), signer);
const tokens: { name: string; token: number; address: string }[] = [];
for (const [index, name] of values.token.entries()) {
  const address = await addressOf(`Token${index}`);
  await (await depository.registerToken(ERC20, address, 0)).wait();
  tokens.push({ name, token: Number(await depository.tokenIdOf(ERC20, address, 0)), address });
}
const first = await depository.queryFilter(depository.filters.TokenRegistered());
process.stdout.write(
  `${JSON.stringify({
    depository: await addressOf("depository"),
    entityProvider: await addressOf("entityProvider"),
    deployedAt: first[0]?.blockNumber ?? 0,
    tokens,
  })}\n`,
);
process.exit(0);

function artifactOf(
  contractName: string,
  factory: { readonly abi: readonly object[]; readonly bytecode: string },
): Artifact {
  return {
    contractName,
    sourceName: "typechain-types",
    abi: [...factory.abi],
    bytecode: factory.bytecode,
    linkReferences: {},
  } as unknown as Artifact;
}
