/**
 * Brings signed work to the chain. Idempotent: before anything is sent the chain is asked whether
 * it is there already, and the batch's nonce, the settlement's number or the plan's mark lets it
 * land once. Work that cannot land now is tried again at later blocks until its deadline has
 * passed; work that has landed is looked after until it is final, for a reorg may take it off the
 * chain again.
 */
import { type Hex, keccak256, type TransactionReceipt } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { toHex } from "../base/bytes.ts";
import {
  type Call,
  callsOf,
  deadlineOf,
  halvesOf,
  isDone,
  isRevert,
  nameOf,
  reasonOf,
  SETTLEMENTS_A_CALL,
  skipsOf,
} from "./call.ts";
import { createClient } from "./client.ts";
import { createFees, type Fees } from "./fee.ts";
import type { Submission, Submitter, SubmitterOptions } from "./types.ts";

/** Transactions in the mempool at once. */
const IN_FLIGHT_MAX = 64;
/** Looks at the chain before a transaction that has not landed is replaced by a dearer one. */
const PATIENCE_LOOKS = 40;
/** Looks for which settlements that do not fill a call wait for more. */
const GATHER_LOOKS = 3;
/** Looks before work that did not land is tried again: doubling, up to the longest. */
const RETRY_FIRST_LOOKS = 4;
const RETRY_LONGEST_LOOKS = 256;
/** Above every accepted call: DEP-8 bounds them at 15 M. */
const GAS_LIMIT_MAX = 16_000_000n;
/** Bumps of a fee at once, for a nonce that a transaction of an earlier run still holds. */
const BUMPS_MAX = 12;

/** What nodes say when another transaction holds the nonce, and when they refuse this one. */
const UNDERPRICED = /underpriced|fee too low|gas price.*too low/i;
const REFUSED = /underpriced|nonce too low|insufficient funds|doesn't have enough funds/i;
/** What they say of one that no node will ever take. */
const UNFIT = /oversized data|exceeds block gas limit|intrinsic gas too low|configured cap/i;
/** What they say of a call that all the gas of a block would not do for. */
const TOO_DEAR = /gas required exceeds|out of gas/i;

type Sent = {
  readonly call: Call;
  readonly nonce: number;
  readonly gas: bigint;
  /** Of each version: any one of them may be the one that lands. */
  readonly hashes: Hex[];
  fees: Fees;
  looks: number;
};

/** One piece of work that is not on the chain yet. */
type Piece = {
  readonly name: string;
  readonly work: Submission;
  sent: boolean;
  failures: number;
  /** The look at which it may be tried again. */
  due: number;
};

export function createSubmitter(options: SubmitterOptions): Submitter {
  const client = createClient(options.rpc, options.pollMs);
  const account = privateKeyToAccount(toHex(options.gasKey));
  const address = toHex(options.depository);
  const pieces = new Map<string, Piece>();
  let sent: Sent[] = [];
  let looks = 0;
  let newestAt = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  let busy: Promise<void> | null = null;

  function submit(work: readonly Submission[]): void {
    for (const item of work) {
      const name = nameOf(item);
      if (pieces.has(name)) continue;
      pieces.set(name, { name, work: item, sent: false, failures: 0, due: 0 });
      newestAt = looks;
    }
    if (!stopped && pieces.size > 0) timer ??= setInterval(look, options.pollMs);
  }

  function look(): void {
    busy ??= turn().finally(() => {
      busy = null;
      if (pieces.size > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
    });
  }

  async function turn(): Promise<void> {
    looks++;
    try {
      await collect();
      await dispatch();
    } catch (error) {
      if (!stopped) options.trouble("chain cannot be reached", reasonOf(error));
    }
  }

  /** Looks after what was sent: landed, or to be replaced. */
  async function collect(): Promise<void> {
    if (sent.length === 0) return;
    const receipts = await Promise.all(sent.map(receiptOf));
    const landed = sent.filter((_, index) => receipts[index] !== null);
    const waiting = sent.filter((_, index) => receipts[index] === null);
    for (const [index, { call }] of sent.entries()) {
      const receipt = receipts[index];
      if (receipt) tell(call, receipt);
    }
    sent = waiting;
    await release(landed.flatMap(({ call }) => call.work));
    for (const transaction of waiting) transaction.looks++;
    const late = waiting.filter((transaction) => transaction.looks % PATIENCE_LOOKS === 0);
    if (late.length === 0) return;
    const next = await client.getTransactionCount({ address: account.address });
    for (const transaction of late) await hurry(transaction, next);
  }

  async function receiptOf({ hashes }: Sent): Promise<TransactionReceipt | null> {
    const receipts = await Promise.all(
      hashes.map((hash) => client.getTransactionReceipt({ hash }).catch(() => null)),
    );
    return receipts.find((receipt) => receipt !== null) ?? null;
  }

  function tell(call: Call, receipt: TransactionReceipt): void {
    const { transactionHash: hash, gasUsed, status, logs } = receipt;
    if (status !== "success") {
      options.trouble("a transaction was reverted", `${hash}: ${call.work.map(nameOf).join(", ")}`);
      return;
    }
    const skips = skipsOf(logs);
    for (const { what, reason } of skips)
      options.trouble("skipped by the contract", `${what}: ${reason}`);
    const count = (wanted: Submission["kind"]) =>
      call.work.filter(({ kind }) => kind === wanted).length;
    const landed = { batches: count("batch"), settlements: count("settlement") };
    options.landed({ hash, gasUsed, ...landed, plans: count("plan") });
  }

  /** Forgets what the chain has or will never take; keeps the rest for another try. */
  async function release(work: readonly Submission[]): Promise<void> {
    const known = work.flatMap((item) => pieces.get(nameOf(item)) ?? []);
    for (const piece of known) {
      piece.sent = false;
      piece.due = looks + Math.min(RETRY_FIRST_LOOKS * 2 ** piece.failures++, RETRY_LONGEST_LOOKS);
    }
    await sift(known);
  }

  /** Those of the pieces that are still to be done and may still be done. */
  async function sift(some: readonly Piece[]): Promise<readonly Piece[]> {
    if (some.length === 0) return some;
    const [{ timestamp, number }, done] = await Promise.all([
      client.getBlock({ blockTag: "latest" }),
      Promise.all(some.map(({ work }) => isDone(client, address, work))),
    ]);
    const final = await Promise.all(
      some.map(({ work }, index) => done[index] === true && isFinal(work, number)),
    );
    return some.filter((piece, index) => {
      const over = timestamp > BigInt(deadlineOf(piece.work));
      if (!done[index] && !over) return true;
      if (done[index] && !final[index]) {
        piece.due = looks + RETRY_FIRST_LOOKS;
        return false;
      }
      pieces.delete(piece.name);
      if (!done[index]) options.trouble("given up", `${piece.name}: its deadline has passed`);
      return false;
    });
  }

  /** What is done at the head is asked about again where no reorg reaches. */
  async function isFinal(work: Submission, head: bigint): Promise<boolean> {
    const depth = BigInt(options.finalityDepth ?? 0);
    if (depth === 0n) return true;
    return head >= depth && isDone(client, address, work, head - depth);
  }

  /** Sends all that is due: at once, but settlements when a call is full or no more come. */
  async function dispatch(): Promise<void> {
    const due = [...pieces.values()].filter((piece) => !piece.sent && piece.due <= looks);
    const settlements = due.filter(({ work }) => work.kind === "settlement");
    const gathering = looks - newestAt < GATHER_LOOKS;
    const whole = settlements.length - (settlements.length % SETTLEMENTS_A_CALL);
    // A plan has minutes, and what is sent first is included first.
    const ready = due
      .filter(({ work }) => work.kind === "plan")
      .concat(due.filter(({ work }) => work.kind === "batch"))
      .concat(gathering ? settlements.slice(0, whole) : settlements);
    const calls = callsOf((await sift(ready)).map(({ work }) => work));
    if (calls.length === 0 || sent.length >= IN_FLIGHT_MAX) return;
    const [next, estimate] = await Promise.all([
      client.getTransactionCount({ address: account.address, blockTag: "latest" }),
      client.estimateFeesPerGas(),
    ]);
    const fees = createFees(estimate);
    // The chain's count and what is under way, never a count of our own: others may use the key.
    let nonce = sent.reduce((least, transaction) => Math.max(least, transaction.nonce + 1), next);
    for (const call of await simulated(calls)) {
      if (stopped || sent.length >= IN_FLIGHT_MAX) return;
      if (await send(call, nonce, fees)) nonce++;
    }
  }

  type Priced = Call & { readonly gas: bigint };

  /** Those that would succeed now. A call that would not is tried by halves: one may be bad. */
  async function simulated(calls: readonly Call[]): Promise<readonly Priced[]> {
    const priced = await Promise.all(calls.map(price));
    return priced.flat();
  }

  async function price(call: Call): Promise<readonly Priced[]> {
    try {
      const to = address;
      const gas = await client.estimateGas({ account: account.address, to, data: call.data });
      const ample = (gas * 5n) / 4n;
      return [{ ...call, gas: ample > GAS_LIMIT_MAX ? GAS_LIMIT_MAX : ample }];
    } catch (error) {
      if (!isRevert(error) && !TOO_DEAR.test(String(error))) {
        // No other call has to wait because of what a node cannot say of this one.
        options.trouble("the chain cannot be asked", reasonOf(error));
        return [];
      }
      if (call.work.length > 1) return simulated(halvesOf(call));
      for (const item of call.work) {
        options.trouble("cannot land now", `${nameOf(item)}: ${reasonOf(error)}`);
      }
      await release(call.work);
      return [];
    }
  }

  /** False where no node takes it: its nonce is the next one's, or that would wait for ever. */
  async function send(call: Priced, nonce: number, fees: Fees): Promise<boolean> {
    const transaction: Sent = { call, nonce, gas: call.gas, hashes: [], fees, looks: 0 };
    if (!(await broadcast(transaction))) {
      await release(call.work);
      return false;
    }
    for (const item of call.work) {
      const piece = pieces.get(nameOf(item));
      if (piece) piece.sent = true;
    }
    sent.push(transaction);
    options.sent();
    return true;
  }

  /**
   * Hands it to the node, dearer where another transaction holds its nonce in the mempool. Its
   * hash is noted before: an answer that is lost says nothing about what the node has done. False
   * where it says that it never will take it.
   */
  async function broadcast(transaction: Sent): Promise<boolean> {
    const { call, nonce, gas, hashes } = transaction;
    for (let bumps = 0; ; bumps++) {
      const { maxFeePerGas, maxPriorityFeePerGas } = transaction.fees;
      const terms = { chainId: options.chainId, to: address, data: call.data, nonce, gas };
      const fees = { type: "eip1559", maxFeePerGas, maxPriorityFeePerGas } as const;
      const serializedTransaction = await account.signTransaction({ ...terms, ...fees });
      hashes.push(keccak256(serializedTransaction));
      try {
        await client.sendRawTransaction({ serializedTransaction });
        return true;
      } catch (error) {
        const words = String(error);
        if (UNDERPRICED.test(words) && bumps < BUMPS_MAX) {
          transaction.fees = transaction.fees.bumped();
        } else if (REFUSED.test(words)) throw error;
        else {
          const isUnfit = UNFIT.test(words);
          const event = isUnfit ? "no node takes it" : "unknown whether it was sent";
          options.trouble(event, reasonOf(error));
          return !isUnfit;
        }
      }
    }
  }

  /** The same call under the same nonce at a higher fee: only one version can land. */
  async function hurry(transaction: Sent, next: number): Promise<void> {
    if (next > transaction.nonce) {
      // Another transaction took the nonce: the work itself tells whether it is done.
      sent = sent.filter((other) => other !== transaction);
      return release(transaction.call.work);
    }
    const estimate = createFees(await client.estimateFeesPerGas());
    transaction.fees = transaction.fees.bumped().atLeast(estimate);
    await broadcast(transaction);
  }

  return {
    submit,
    waiting: () => pieces.size,
    stop: async () => {
      stopped = true;
      if (timer !== null) clearInterval(timer);
      timer = null;
      await busy;
    },
  };
}
