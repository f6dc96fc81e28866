/** Worthless money for everybody: tokens are minted and deposited into the entities' reserves. */
import { createPublicClient, createWalletClient, defineChain, http, type PublicClient } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";
import { DevToken__factory } from "../../../typechain-types/factories/dev/DevToken__factory.ts";
import { toHex } from "../../base/bytes.ts";
import { Failure } from "../failure.ts";
import { type Actor, type Cast, developmentKey } from "./cast.ts";
import type { Deployment } from "./deployment.ts";
import type { LocalChain } from "./ground.ts";

export type Deposit = { readonly actor: Actor; readonly market: number; readonly amount: bigint };

/** Transactions that are handed to the node at once. */
const SENT_AT_ONCE = 64;

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
  chain: LocalChain,
): Promise<number> {
  const transport = http(chain.url, { batch: true, timeout: 60_000 });
  const local = defineChain({
    id: chain.chainId,
    name: "local",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [chain.url] } },
  });
  const client = createPublicClient({ chain: local, transport, pollingInterval: 50 });
  const account = privateKeyToAccount(toHex(developmentKey(0)));
  const wallet = createWalletClient({ account, chain: local, transport });
  const depository = deployment.depository as `0x${string}`;
  const { maxFeePerGas } = await client.estimateFeesPerGas();
  // Ample for a queue of blocks: the local base fee can rise by an eighth each.
  const fees = { maxFeePerGas: maxFeePerGas * 100n, maxPriorityFeePerGas: 1n };
  const calls = deployment.tokens.flatMap(({ address }, market) => {
    const total = deposits
      .filter((deposit) => deposit.market === market)
      .reduce((sum, { amount }) => sum + amount, 0n);
    if (total === 0n) return [];
    const at = { address: address as `0x${string}`, abi: DevToken__factory.abi, gas: 100_000n };
    const mint = { ...at, functionName: "mint", args: [account.address, total] } as const;
    const approve = { ...at, functionName: "approve", args: [depository, total] } as const;
    return [mint, approve];
  });
  await checkMint(client as PublicClient, deployment, account.address);
  const abi = Depository__factory.abi;
  const puts = deposits.map(({ actor, market, amount }) => {
    const { token } = deployment.tokens[market] as Deployment["tokens"][number];
    const args = [toHex(actor.id), token, amount] as const;
    return { address: depository, abi, functionName: "deposit", args, gas: 200_000n } as const;
  });
  const all = [...calls, ...puts];
  const nonce = await client.getTransactionCount({ address: account.address });
  const hashes: `0x${string}`[] = [];
  for (let at = 0; at < all.length; at += SENT_AT_ONCE) {
    const part = all.slice(at, at + SENT_AT_ONCE);
    const sent = part.map((call, index) =>
      wallet.writeContract({
        ...(call as (typeof puts)[number]),
        ...fees,
        nonce: nonce + at + index,
      }),
    );
    hashes.push(...(await Promise.all(sent)));
  }
  return landed(client as PublicClient, hashes);
}

/** The last of them lands last: they have one sender. */
async function landed(client: PublicClient, hashes: readonly `0x${string}`[]): Promise<number> {
  const last = hashes.at(-1);
  if (last === undefined) return 0;
  await client.waitForTransactionReceipt({ hash: last, timeout: 120_000 });
  const receipts = await Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })));
  const failed = receipts.find(({ status }) => status !== "success");
  if (failed) throw new Error(`a deposit failed: transaction ${failed.transactionHash}`);
  return Math.max(...receipts.map(({ blockNumber }) => Number(blockNumber)));
}

/** @throws Failure for a token that is not ours to make: a real one, on a fork */
async function checkMint(client: PublicClient, { tokens }: Deployment, to: `0x${string}`) {
  for (const { name, address } of tokens) {
    const call = { abi: DevToken__factory.abi, functionName: "mint", args: [to, 1n] } as const;
    const at = address as `0x${string}`;
    try {
      await client.simulateContract({ ...call, address: at, account: to });
    } catch {
      const message = `${name} at ${address} lets nobody mint it, and everybody needs some`;
      const fix = `take ${name} out of the deployment: a test token then stands in its place`;
      throw new Failure("token-not-minted", message, fix);
    }
  }
}
