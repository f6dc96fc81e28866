import type { HardhatEthers } from "@nomicfoundation/hardhat-ethers/types";

/** What gas goes for; refunds are negative. */
export type Part = (typeof PARTS)[number];

/** The gas of one or more transactions, by what it went for. */
export type Parts = Readonly<Record<Part, number>>;

/**
 * - `base`: what any transaction pays; of a deployment also what creating a contract costs, its
 *   code included.
 * - `calldata`: 4 for a byte that is zero, 16 for any other.
 * - `signatures`: calls of the precompile that recovers a signer.
 * - `storage`: SLOAD, SSTORE and the guard's transient word.
 * - `calls`: what any other call costs itself, without what runs in it.
 * - `hashing`: KECCAK256.
 * - `rest`: arithmetic, jumps, the stack, memory and copies.
 */
export const PARTS = [
  "base",
  "calldata",
  "signatures",
  "storage",
  "logs",
  "calls",
  "hashing",
  "rest",
  "refunds",
] as const;

/** One step of `debug_traceTransaction`: the gas before it, and what it costs. */
export type Step = {
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
};

type Transaction = { readonly hash: string; readonly input: string; readonly to: string | null };
type Receipt = { readonly gasUsed: string; readonly contractAddress: string | null };

const TRANSACTION = 21_000;
const CREATION = 32_000;
const INIT_CODE_WORD = 2;
const CODE_BYTE = 200;
/** At most a fifth of what was spent is refunded (EIP-3529). */
const MAX_REFUND_SHARE = 5;
/** A precompile's address is always warm. */
const ECRECOVER = 3_000 + 100;

const STORAGE = new Set(["SLOAD", "SSTORE", "TLOAD", "TSTORE"]);
const CALLS = new Set(["CALL", "CALLCODE", "DELEGATECALL", "STATICCALL", "CREATE", "CREATE2"]);

/**
 * What a story's gas went for.
 * @param gas of the story: that of the last transactions on the chain, as many as make it up.
 */
export async function breakDown(ethers: HardhatEthers, gas: number): Promise<Parts> {
  const sum = nothing();
  let left = gas;
  for (let block = await ethers.provider.getBlockNumber(); left > 0 && block > 0; --block) {
    const found = await ethers.provider.send("eth_getBlockByNumber", [
      `0x${block.toString(16)}`,
      true,
    ]);
    for (const transaction of (found.transactions as Transaction[]).toReversed()) {
      const receipt: Receipt = await ethers.provider.send("eth_getTransactionReceipt", [
        transaction.hash,
      ]);
      left -= Number(receipt.gasUsed);
      const parts = await partsOf(ethers, transaction, receipt);
      for (const part of PARTS) sum[part] += parts[part];
    }
  }
  if (left !== 0) throw new Error(`no last transactions of this chain cost ${gas} gas`);
  return sum;
}

/** All of the parts. */
export function total(parts: Parts): number {
  return PARTS.reduce((sum, part) => sum + parts[part], 0);
}

async function partsOf(
  ethers: HardhatEthers,
  { hash, input, to }: Transaction,
  { contractAddress }: Receipt,
): Promise<Parts> {
  const options = { disableStorage: true, disableMemory: true, disableStack: true };
  const trace = await ethers.provider.send("debug_traceTransaction", [hash, options]);
  const parts = countSteps(trace.structLogs as Step[]);
  parts.base += TRANSACTION;
  if (to === null) {
    const words = Math.ceil((input.length - 2) / 64);
    const code = await ethers.provider.getCode(contractAddress ?? "");
    parts.base += CREATION + words * INIT_CODE_WORD + ((code.length - 2) / 2) * CODE_BYTE;
  }
  for (let at = 2; at < input.length; at += 2) {
    parts.calldata += input.slice(at, at + 2) === "00" ? 4 : 16;
  }
  const refund = trace.structLogs.at(-1)?.refund ?? 0;
  parts.refunds = -Math.min(refund, Math.floor(total(parts) / MAX_REFUND_SHARE));
  return parts;
}

/** What the steps of one transaction cost, without what it pays before its first and gets back. */
export function countSteps(steps: readonly Step[]): Record<Part, number> {
  const parts = nothing();
  steps.forEach((step, index) => {
    const cost = CALLS.has(step.op) ? costOfCall(steps, index) : step.gasCost;
    parts[partOf(step.op, cost)] += cost;
  });
  return parts;
}

function partOf(op: string, cost: number): Part {
  if (STORAGE.has(op)) return "storage";
  if (op.startsWith("LOG")) return "logs";
  if (op === "KECCAK256") return "hashing";
  if (!CALLS.has(op)) return "rest";
  return op === "STATICCALL" && cost === ECRECOVER ? "signatures" : "calls";
}

/**
 * A call's step states the gas that it hands over, too, of which what is left comes back. What
 * runs in a precompile leaves no steps, and counts for the call.
 */
function costOfCall(steps: readonly Step[], index: number): number {
  const call = steps[index] as Step;
  let next = index + 1;
  while ((steps[next]?.depth ?? 0) > call.depth) ++next;
  const after = steps[next];
  if (after === undefined || after.depth < call.depth) return call.gasCost;
  const first = steps[index + 1] as Step;
  const last = steps[next - 1] as Step;
  const within = next === index + 1 ? 0 : first.gas - (last.gas - last.gasCost);
  return call.gas - after.gas - within;
}

function nothing(): Record<Part, number> {
  return Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<Part, number>;
}
