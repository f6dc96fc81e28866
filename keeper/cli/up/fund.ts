/** Worthless money for everybody: tokens are minted and deposited into the entities' reserves. */
import { createPublicClient, createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { toHex } from "../../base/bytes.ts";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";
import { DevToken__factory } from "../../../typechain-types/factories/dev/DevToken__factory.ts";
import { type Actor, type Cast, developmentKey } from "./cast.ts";
import type { Deployment } from "./ground.ts";

export type Deposit = { readonly actor: Actor; readonly market: number; readonly amount: bigint };

/**
 * What each entity needs of each token: its gross exposure, so that it can pay all that it owes,
 * and the collateral that it puts up (right does, for both sides).
 */
export function depositsOf(cast: Cast): readonly Deposit[] {
  const amounts = new Map<string, { actor: Actor; market: number; amount: bigint }>();
  const add = (actor: Actor, market: number, amount: bigint) => {
    if (amount === 0n) return;
    const key = `${toHex(actor.id)} ${market}`;
    const known = amounts.get(key) ?? { actor, market, amount: 0n };
    amounts.set(key, { ...known, amount: known.amount + amount });
  };
  for (const { left, right, market, delta, collateral } of cast.rows) {
    add(right, market, collateral);
    if (delta < 0n) add(left, market, -delta);
    if (delta > collateral) add(right, market, delta - collateral);
  }
  return [...amounts.values()];
}

/** Deposits it all and returns the block by which everything is on chain. */
export async function depositAll(
  deposits: readonly Deposit[],
  deployment: Deployment,
  rpc: string,
): Promise<number> {
  const transport = http(rpc, { batch: true });
  const client = createPublicClient({ transport, pollingInterval: 50 });
  const account = privateKeyToAccount(toHex(developmentKey(0)));
  const wallet = createWalletClient({ account, transport });
  const depository = deployment.depository as `0x${string}`;
  const { abi: tokenAbi } = DevToken__factory;
  const { abi } = Depository__factory;
  let nonce = await client.getTransactionCount({ address: account.address });
  const { maxFeePerGas } = await client.estimateFeesPerGas();
  // Ample for a queue of blocks: the local base fee can rise by an eighth each.
  const fees = { maxFeePerGas: maxFeePerGas * 100n, maxPriorityFeePerGas: 1n, chain: null };
  const hashes: `0x${string}`[] = [];
  for (const [market, { address }] of deployment.tokens.entries()) {
    const total = deposits
      .filter((deposit) => deposit.market === market)
      .reduce((sum, { amount }) => sum + amount, 0n);
    const token = { address: address as `0x${string}`, abi: tokenAbi, gas: 100_000n, ...fees };
    const mint = { ...token, functionName: "mint", args: [account.address, total] } as const;
    hashes.push(await wallet.writeContract({ ...mint, nonce: nonce++ }));
    const approve = { ...token, functionName: "approve", args: [depository, total] } as const;
    hashes.push(await wallet.writeContract({ ...approve, nonce: nonce++ }));
  }
  const calls = deposits.map(({ actor, market, amount }) => {
    const { token } = deployment.tokens[market] as Deployment["tokens"][number];
    const args = [toHex(actor.id), token, amount] as const;
    return { address: depository, abi, functionName: "deposit", args, gas: 200_000n } as const;
  });
  for (const call of calls) {
    hashes.push(await wallet.writeContract({ ...call, ...fees, nonce: nonce++ }));
  }
  let last = 0;
  for (const hash of hashes) {
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error(`a deposit failed: ${hash}`);
    last = Math.max(last, Number(receipt.blockNumber));
  }
  return last;
}
