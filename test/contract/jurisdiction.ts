import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import hre from "hardhat";

import DevTokenModule from "../../ignition/modules/DevToken.ts";
import JurisdictionModule from "../../ignition/modules/Jurisdiction.ts";
import type {
  BatchStruct,
  Depository,
  OperationsStruct,
  SignedBatchStruct,
} from "../../typechain-types/Depository.ts";
import type { DevToken } from "../../typechain-types/dev/DevToken.ts";
import type { EntityProvider } from "../../typechain-types/EntityProvider.ts";
import { type Key, signDigest } from "./entity.ts";
import { batchOf, type Domain } from "./operation.ts";

/** Everything deployed on a fresh in-process chain. */
export type Jurisdiction = {
  readonly ethers: HardhatEthers;
  readonly signer: HardhatEthersSigner;
  readonly entityProvider: EntityProvider;
  readonly depository: Depository;
  readonly token: DevToken;
  readonly domain: Domain;
  readonly time: {
    readonly latest: () => Promise<number>;
    readonly increaseTo: (timestamp: bigint | number) => Promise<void>;
    readonly setNextBlockTimestamp: (timestamp: bigint | number) => Promise<void>;
  };
};

/** Deploys through the Ignition modules; the development token has id 1. */
export async function deployJurisdiction(): Promise<Jurisdiction> {
  const { ethers, ignition, networkHelpers } = await hre.network.create();
  const [signer] = await ethers.getSigners();
  if (signer === undefined) throw new Error("the in-process chain has no accounts");
  const main = await ignition.deploy(JurisdictionModule);
  const dev = await ignition.deploy(DevTokenModule);
  const depository = main.depository as unknown as Depository;
  const token = dev.token as unknown as DevToken;
  await depository.registerToken(1, await token.getAddress(), 0);
  return {
    ethers,
    signer,
    depository,
    token,
    entityProvider: main.entityProvider as unknown as EntityProvider,
    time: networkHelpers.time,
    domain: {
      name: "XLN Depository",
      version: "1",
      chainId: (await ethers.provider.getNetwork()).chainId,
      verifyingContract: await depository.getAddress(),
    },
  };
}

/** Mints development tokens and brings them into reserves. */
export async function fill(at: Jurisdiction, keys: readonly Key[], amount: bigint): Promise<void> {
  await at.token.mint(at.signer.address, amount * BigInt(keys.length));
  await at.token.approve(await at.depository.getAddress(), amount * BigInt(keys.length));
  for (const key of keys) await at.depository.deposit(key.id, 1, amount);
}

/** The entity's signature under its batch. */
export async function signBatch(at: Jurisdiction, by: Key, batch: BatchStruct): Promise<string> {
  return signDigest(by, await at.depository.batchDigest(batch));
}

/** Each entity's next batch with only the given operations, signed. */
export async function signedBatches(
  at: Jurisdiction,
  keys: readonly Key[],
  operations: Partial<OperationsStruct> = {},
): Promise<SignedBatchStruct[]> {
  const signed: SignedBatchStruct[] = [];
  for (const key of keys) {
    const batch = batchOf(key, await at.depository.nonceOf(key.id), operations);
    signed.push({ batch, signature: await signBatch(at, key, batch) });
  }
  return signed;
}

/** Signs and submits an entity's next batch. */
export async function submit(
  at: Jurisdiction,
  by: Key,
  operations: Partial<OperationsStruct>,
): Promise<Awaited<ReturnType<Depository["processBatch"]>>> {
  const batch = batchOf(by, await at.depository.nonceOf(by.id), operations);
  return at.depository.processBatch(batch, await signBatch(at, by, batch));
}
