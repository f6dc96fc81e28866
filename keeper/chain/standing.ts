/** Whether the contracts that a keeper was told of stand on the chain that its node follows. */
import { BaseError, ExecutionRevertedError, encodeFunctionData, type Hex } from "viem";
import { type Bytes, type Bytes32, toHex } from "../base/bytes.ts";
import { depositoryAbi } from "../jurisdiction/contract.ts";
import type { Client } from "./client.ts";

/** What a keeper was told. */
export type Expected = {
  readonly chainId: number;
  readonly depository: Bytes;
  readonly entityProvider: Bytes;
  /** What signatures name: chain, Depository and version in one (EIP-712). */
  readonly domain: Bytes32;
};

/** What is wrong, and at which key of the configuration. */
export type Mismatch = {
  readonly key: "chainId" | "depository" | "entityProvider";
  readonly message: string;
};

/**
 * Null if all is as told. The Depository is known by its domain: another contract, version or
 * chain has another one, and nothing signed for it would ever be taken.
 * @throws if the node does not answer
 */
export async function mismatchOf(client: Client, expected: Expected): Promise<Mismatch | null> {
  const chainId = await client.getChainId();
  if (chainId !== expected.chainId) {
    return {
      key: "chainId",
      message: `the node follows chain ${chainId}, not ${expected.chainId}`,
    };
  }
  const to = toHex(expected.depository);
  if ((await client.getCode({ address: to })) === undefined) {
    return { key: "depository", message: `no contract is at ${to}` };
  }
  if ((await viewOf(client, to, "domainSeparator")) !== toHex(expected.domain)) {
    return { key: "depository", message: `the contract at ${to} is no Depository of this version` };
  }
  const provider = `0x${(await viewOf(client, to, "entityProvider"))?.slice(26)}`;
  if (provider === toHex(expected.entityProvider)) return null;
  const message = `the Depository at ${to} goes by the EntityProvider at ${provider}`;
  return { key: "entityProvider", message };
}

/** One word; undefined if the contract refuses. */
async function viewOf(
  client: Client,
  to: Hex,
  functionName: "domainSeparator" | "entityProvider",
): Promise<Hex | undefined> {
  const data = encodeFunctionData({ abi: depositoryAbi, functionName });
  try {
    return (await client.call({ to, data })).data;
  } catch (error) {
    const reverted = (cause: unknown) => cause instanceof ExecutionRevertedError;
    if (error instanceof BaseError && error.walk(reverted) !== null) return undefined;
    throw error;
  }
}
