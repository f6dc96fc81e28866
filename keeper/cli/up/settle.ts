/** Settling everything that is over its soft limit: the rule, and what it costs on a fork. */
import {
  createPublicClient,
  createWalletClient,
  decodeFunctionData,
  http,
  parseEventLogs,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";
import { type Bytes, type Bytes32, fromHex, toHex, ZERO_BYTES32 } from "../../base/bytes.ts";
import { leafHash } from "../../codec/merkle.ts";
import { rootDigest } from "../../codec/root.ts";
import { signDigest } from "../../codec/signature.ts";
import { settlingDiff } from "../../entity/settlement.ts";
import { type SignedSettlement, toContractSettlements } from "../../jurisdiction/contract.ts";
import { depositoryDomain, settlementDigest } from "../../jurisdiction/digest.ts";
import type { Settlement, SettlementDiff, TokenId } from "../../jurisdiction/types.ts";
import { type Actor, type Cast, type CastRow, developmentKey } from "./cast.ts";
import type { Deployment } from "./deployment.ts";
import { forkChainId, type LocalChain, startNode } from "./ground.ts";

/** Settlements of one call of `settleDiffs`, before and after. */
export const CALL_SIZE = 32;
/** Diffs of all settlements of one call, and gas that every accepted call fits (DEP-8). */
const CALL_DIFFS = 240;
const CALL_GAS = 16_000_000n;
/** A number that no account has reached. */
const FORK_NUMBER = 1_000_001;

/** What one row is at a moment. */
export type RowState = { readonly row: CastRow; readonly delta: bigint };

export type Due = {
  readonly left: Actor;
  readonly right: Actor;
  /** The side that is owed asks. */
  readonly owed: Actor;
  readonly tokens: readonly TokenId[];
  readonly diffs: readonly SettlementDiff[];
};

/** True when the exposure is above the soft limit of the side that is owed. */
export function isOverLimit({ row, delta }: RowState): boolean {
  if (delta < 0n) return -delta > row.rightSoftLimit;
  return delta - row.collateral > row.leftSoftLimit;
}

/** One settlement for each account with a token over its limit, to zero exposure in those. */
export function dueSettlements(states: readonly RowState[], deployment: Deployment): Due[] {
  const over = states.filter(isOverLimit);
  const byPair = Map.groupBy(over, ({ row }) => `${toHex(row.left.id)}${toHex(row.right.id)}`);
  return [...byPair.values()].map((group) => {
    const [{ row, delta }] = group as [RowState, ...RowState[]];
    const diffs = group
      .flatMap(({ row: { market, collateral }, delta: offdelta }) => {
        const { token } = deployment.tokens[market] as Deployment["tokens"][number];
        const limits = { leftLimit: 0n, rightLimit: 0n, leftSoftLimit: 0n, rightSoftLimit: 0n };
        return settlingDiff({ token, collateral, ondelta: 0n, offdelta, ...limits }) ?? [];
      })
      .sort((a, b) => a.token - b.token);
    const owed = delta < 0n ? row.right : row.left;
    const tokens = diffs.map(({ token }) => token);
    return { left: row.left, right: row.right, owed, tokens, diffs };
  });
}

export type Cost = { readonly landed: number; readonly gas: number };

/** A settling that goes on; it is waited for, or taken down. */
export type Settling = {
  readonly cost: Promise<Cost>;
  readonly stop: () => Promise<void>;
};

/**
 * Settles on a fork of the chain as it is when this resolves; the settling itself goes on. The
 * fork has another chain id: what is signed for it is void on the chain itself.
 */
export async function settleOnFork(
  cast: Cast,
  states: readonly RowState[],
  deployment: Deployment,
  chain: LocalChain,
): Promise<Settling> {
  const due = dueSettlements(states, deployment);
  if (due.length === 0 || cast.rows.length === 0) {
    return { cost: Promise.resolve({ landed: 0, gas: 0 }), stop: async () => undefined };
  }
  const chainId = forkChainId(chain.chainId);
  const fork = await startNode({ chainId, interval: 0, fork: chain.url });
  const cost = settleAll(due, deployment, fork).finally(() => fork.running.stop());
  // Whoever waits for it is told; nobody waits for it when the run has failed before.
  cost.catch(() => undefined);
  return { cost, stop: () => fork.running.stop() };
}

async function settleAll(
  due: readonly Due[],
  deployment: Deployment,
  { url, chainId }: LocalChain,
): Promise<Cost> {
  const transport = http(url, { timeout: 120_000 });
  const client = createPublicClient({ transport, pollingInterval: 25 });
  const account = privateKeyToAccount(toHex(developmentKey(0)));
  const wallet = createWalletClient({ account, transport });
  const address = deployment.depository as `0x${string}`;
  const domain = depositoryDomain(chainId, fromHex(address.toLowerCase() as `0x${string}`));
  if ((await client.getCode({ address })) === undefined) {
    throw new Error(`the fork has no Depository at ${address}`);
  }
  const { timestamp } = await client.getBlock();
  const signed = due.map((one) => signBoth(one, domain, Number(timestamp) + 3_600));
  let landed = 0;
  let gas = 0;
  for (const part of callsOf(signed)) {
    const hash = await wallet.writeContract({
      abi: Depository__factory.abi,
      address,
      functionName: "settleDiffs",
      args: [toContractSettlements(part, false)],
      chain: null,
      gas: CALL_GAS,
    });
    const receipt = await client.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") throw new Error(`settling on the fork failed: ${hash}`);
    gas += Number(receipt.gasUsed);
    landed += part.length - skippedIn(receipt.logs);
  }
  // Every debtor has deposited what it owes: fewer would make the comparison a false one.
  if (landed < due.length) throw new Error(`${landed} of ${due.length} landed on the fork`);
  return { landed, gas };
}

/** In their order, so many in a call; fewer where they change many tokens each. */
function callsOf(signed: readonly SignedSettlement[]): readonly (readonly SignedSettlement[])[] {
  const calls: SignedSettlement[][] = [];
  let diffs = 0;
  for (const one of signed) {
    const size = one.settlement.diffs.length;
    const last = calls.at(-1);
    if (last === undefined || last.length === CALL_SIZE || diffs + size > CALL_DIFFS) {
      calls.push([one]);
      diffs = size;
    } else {
      last.push(one);
      diffs += size;
    }
  }
  return calls;
}

type Logs = Parameters<typeof parseEventLogs>[0]["logs"];

/** Entries that a call passed over. */
export function skippedIn(logs: Logs): number {
  const eventName = "SettlementSkipped";
  return parseEventLogs({ abi: Depository__factory.abi, eventName, logs }).length;
}

function signBoth(due: Due, domain: Bytes32, deadline: number): SignedSettlement {
  const settlement: Settlement = {
    left: due.left.id,
    right: due.right.id,
    epoch: 0,
    number: FORK_NUMBER,
    deadline,
    plan: ZERO_BYTES32,
    diffs: due.diffs,
  };
  const digest = settlementDigest(domain, settlement);
  const sign = ({ id, key }: Actor): Bytes => signDigest(key, rootDigest(leafHash(id, digest)));
  return { settlement, leftSignature: sign(due.left), rightSignature: sign(due.right) };
}

/** What calls of `settleDiffs` in these blocks cost, read from the chain itself. */
export async function settlementsOnChain(
  deployment: Deployment,
  url: string,
  from: number,
): Promise<Cost> {
  const client = createPublicClient({ transport: http(url, { batch: true }) });
  const head = Number(await client.getBlockNumber());
  const selector = "settleDiffs";
  let landed = 0;
  let gas = 0;
  for (let height = from; height <= head; height++) {
    const block = await client.getBlock({ blockNumber: BigInt(height), includeTransactions: true });
    for (const { hash, to, input } of block.transactions) {
      if (to?.toLowerCase() !== deployment.depository.toLowerCase()) continue;
      const call = decode(input);
      if (call === null || call.name !== selector) continue;
      const receipt = await client.getTransactionReceipt({ hash });
      gas += Number(receipt.gasUsed);
      if (receipt.status === "success") landed += call.heads - skippedIn(receipt.logs);
    }
  }
  return { landed, gas };
}

function decode(input: `0x${string}`): { readonly name: string; readonly heads: number } | null {
  const { functionName, args } = decodeFunctionData({ abi: Depository__factory.abi, data: input });
  if (functionName !== "settleDiffs") return { name: functionName, heads: 0 };
  return { name: functionName, heads: args[0].heads.length };
}
