/**
 * Deploys a jurisdiction and test tokens by Ignition on a node that is running, and registers the
 * tokens. What is deployed are the committed bindings' contracts, so nothing is compiled here; the
 * suite checks that they are those of the sources. Prints one line of JSON: what stands where.
 *
 *     node scripts/local/deploy.ts --url URL [--token NAME …] [--depository ADDRESS]
 *
 * With a Depository that is there already only the tokens are deployed, and registered with it.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type { Artifact } from "@nomicfoundation/ignition-core";
import hre from "hardhat";
import { jurisdiction } from "../../ignition/modules/Jurisdiction.ts";
import { holdLifeline } from "../../keeper/cli/lifeline.ts";
import { Depository__factory } from "../../typechain-types/factories/Depository__factory.ts";
import { DevToken__factory } from "../../typechain-types/factories/dev/DevToken__factory.ts";
import { Enforcement__factory } from "../../typechain-types/factories/Enforcement__factory.ts";
import { EntityProvider__factory } from "../../typechain-types/factories/EntityProvider__factory.ts";

holdLifeline(process.env);
const { values } = parseArgs({
  options: {
    url: { type: "string" },
    token: { type: "string", multiple: true, default: [] },
    depository: { type: "string" },
  },
});
if (values.url === undefined) throw new Error("--url is needed");

/** ERC-20, as the Depository numbers kinds. */
const ERC20 = 1;

const artifacts = {
  EntityProvider: artifactOf("EntityProvider", EntityProvider__factory),
  Enforcement: artifactOf("Enforcement", Enforcement__factory),
  Depository: artifactOf("Depository", Depository__factory),
};
const devToken = artifactOf("DevToken", DevToken__factory);
const connection = await hre.network.create({
  network: "localhost",
  override: { url: values.url },
});
const Local = buildModule("Local", (m) => ({
  ...(values.depository === undefined ? jurisdiction(m, artifacts) : {}),
  ...Object.fromEntries(
    values.token.map((name, index) => {
      const id = `Token${index}`;
      return [id, m.contract("DevToken", devToken, [`Test ${name}`, name, 18], { id })];
    }),
  ),
}));
// Another local chain has the same chain id: its journal must not be taken for this one's.
const deploymentId = `local-${process.pid}-${Date.now()}`;
const deployedAt = await connection.ethers.provider.getBlockNumber();
const deployed = await connection.ignition.deploy(Local, {
  deploymentId,
  config: { requiredConfirmations: 1, blockPollingInterval: 50 },
});
await rm(join(hre.config.paths.ignition, "deployments", deploymentId), { recursive: true });
const addressOf = (name: string) =>
  (deployed as Record<string, { getAddress(): Promise<string> }>)[name]?.getAddress() ?? "";
const [signer] = await connection.ethers.getSigners();
if (signer === undefined) throw new Error("the node has no account to deploy from");
const place = values.depository ?? (await addressOf("depository"));
const depository = Depository__factory.connect(place, signer);
const assets = await Promise.all(values.token.map((_, index) => addressOf(`Token${index}`)));
// Under their own nonces they share a block, and their numbers follow the order of the names.
const nonce = await signer.getNonce();
const registered = await Promise.all(
  assets.map((asset, at) => depository.registerToken(ERC20, asset, 0, { nonce: nonce + at })),
);
await Promise.all(registered.map((transaction) => transaction.wait()));
const tokens = await Promise.all(
  assets.map(async (address, at) => {
    const token = Number(await depository.tokenIdOf(ERC20, address, 0));
    return { name: values.token[at], token, address };
  }),
);
process.stdout.write(
  `${JSON.stringify({
    depository: place,
    entityProvider: await depository.entityProvider(),
    deployedAt,
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
