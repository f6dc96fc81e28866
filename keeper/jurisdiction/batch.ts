import { encodeAbiParameters, getAbiItem } from "viem/utils";
import { type Bytes32, fromHex } from "../base/bytes.ts";
import { keccak256 } from "../codec/keccak.ts";
import { type ContractOperations, depositoryAbi, toContractOperations } from "./contract.ts";
import { hashBatch } from "./digest.ts";
import type { Batch } from "./types.ts";

const [batchParameter] = getAbiItem({ abi: depositoryAbi, name: "processBatch" }).inputs;
const [, , , operationsParameter] = batchParameter.components;

/** `keccak256(abi.encode(operations))`, by the contract's own types. */
export function operationsHash(operations: ContractOperations): Bytes32 {
  return keccak256(fromHex(encodeAbiParameters([operationsParameter], [operations])));
}

/** What the entity signs for its batch (DEP-2): EIP-712 `Batch` in the Depository's domain. */
export function batchDigest(domain: Bytes32, batch: Batch): Bytes32 {
  const { entity, nonce, deadline, operations } = batch;
  const hash = operationsHash(toContractOperations(entity, operations));
  return hashBatch(domain, { entity, nonce, deadline, operationsHash: hash });
}
