/**
 * Brings signed work to the chain. Idempotent: before anything is sent the chain is asked whether
 * it is there already, and the batch's nonce or the settlement's number lets it land once. Work
 * that cannot land now is tried again at later blocks until its deadline has passed.
 */
import { createWalletClient, fallback, type Hex, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { toHex } from "../base/bytes.ts";
import { depositoryAbi } from "../jurisdiction/contract.ts";
import { type Call, callsOf, nameOf, reasonOf } from "./call.ts";
import { createClient } from "./client.ts";
import { createFees, type Fees } from "./fee.ts";
import type { Submission, Submitter, SubmitterOptions } from "./types.ts";

/** Transactions in the mempool at once. */
const IN_FLIGHT_MAX = 64;
/** Looks at the chain before a transaction that has not landed is replaced by a dearer one. */
const PATIENCE_LOOKS = 40;
/** Above every accepted call: DEP-8 bounds them at 15 M. */
const GAS_LIMIT_MAX = 16_000_000n;

type Sent = { readonly call: Call; readonly nonce: number; hash: Hex; fees: Fees; looks: number };

export function createSubmitter(options: SubmitterOptions): Submitter {
  const client = createClient(options.rpc, options.pollMs);
  const account = privateKeyToAccount(toHex(options.gasKey));
  const wallet = createWalletClient({
    account,
    transport: fallback(options.rpc.map((url) => http(url, { timeout: 10_000 }))),
  });
  const address = toHex(options.depository);
  const work = new Map<string, Submission>();
  const known = new Map<string, Submission>();
  let sent: Sent[] = [];
  let nonce: number | null = null;
  let quiet = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  let busy: Promise<void> | null = null;

  function submit(pieces: readonly Submission[]): void {
    for (const piece of pieces) {
      const name = nameOf(piece);
      if (known.has(name)) continue;
      known.set(name, piece);
      work.set(name, piece);
      quiet = 0;
    }
    timer ??= setInterval(look, options.pollMs);
  }

  function look(): void {
    busy ??= turn().finally(() => {
      busy = null;
      if (known.size > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
    });
  }

  async function turn(): Promise<void> {
    if (stopped) return;
    try {
      await collect();
      quiet++;
      await dispatch();
    } catch (error) {
      options.trouble("chain cannot be reached", reasonOf(error));
    }
  }

  /** Looks after what was sent: landed, or to be replaced. */
  async function collect(): Promise<void> {
    const waiting: Sent[] = [];
    for (const transaction of sent) {
      if (!(await hasLanded(transaction))) waiting.push(transaction);
    }
    sent = waiting;
    for (const transaction of sent) {
      transaction.looks++;
      if (transaction.looks % PATIENCE_LOOKS === 0) await replace(transaction);
    }
  }

  async function hasLanded({ call, hash }: Sent): Promise<boolean> {
    const receipt = await client.getTransactionReceipt({ hash }).catch(() => null);
    if (receipt === null) return false;
    const pieces = call.work;
    for (const piece of pieces) await settleAccount(piece, receipt.status === "success");
    if (receipt.status !== "success") {
      options.trouble("a transaction was reverted", `${hash}: ${pieces.map(nameOf).join(", ")}`);
      return true;
    }
    const settlements = pieces.filter(({ kind }) => kind === "settlement").length;
    const batches = pieces.length - settlements;
    options.landed({ hash, gasUsed: receipt.gasUsed, batches, settlements });
    return true;
  }

  /** Forgets what the chain has; keeps the rest for another try. */
  async function settleAccount(piece: Submission, included: boolean): Promise<void> {
    const name = nameOf(piece);
    if (await isDone(piece)) known.delete(name);
    else if (await isOver(piece)) give(name, "its deadline has passed");
    else {
      if (included) options.trouble("skipped by the contract", name);
      work.set(name, piece);
    }
  }

  function give(name: string, reason: string): void {
    known.delete(name);
    work.delete(name);
    options.trouble("given up", `${name}: ${reason}`);
  }

  async function isDone(piece: Submission): Promise<boolean> {
    if (piece.kind === "batch") {
      const { entity, nonce: own } = piece.batch;
      const args = [toHex(entity)] as const;
      const next = await client.readContract({
        abi: depositoryAbi,
        address,
        functionName: "nonceOf",
        args,
      });
      return next > BigInt(own);
    }
    const { left, right, epoch, number } = piece.settlement;
    const [nowEpoch, nowNumber] = await client.readContract({
      abi: depositoryAbi,
      address,
      functionName: "accountOf",
      args: [toHex(left), toHex(right)],
    });
    return nowEpoch > BigInt(epoch) || nowNumber >= BigInt(number);
  }

  async function isOver(piece: Submission): Promise<boolean> {
    const { timestamp } = await client.getBlock({ blockTag: "latest" });
    const deadline = piece.kind === "batch" ? piece.batch.deadline : piece.settlement.deadline;
    return timestamp > BigInt(deadline);
  }

  /** Sends all that waits: batches at once, settlements when 32 are there or no more come. */
  async function dispatch(): Promise<void> {
    const ready = [...work.entries()].filter(([, { kind }]) => kind === "batch");
    const settlements = [...work.entries()].filter(([, { kind }]) => kind === "settlement");
    const whole = settlements.length - (settlements.length % 32);
    ready.push(...(quiet > 2 ? settlements : settlements.slice(0, whole)));
    if (ready.length === 0) return;
    const pieces: Submission[] = [];
    for (const [name, piece] of ready) {
      if (await isDone(piece)) {
        work.delete(name);
        known.delete(name);
      } else pieces.push(piece);
    }
    for (const call of callsOf(pieces)) {
      if (sent.length >= IN_FLIGHT_MAX) return;
      await send(call);
    }
  }

  async function send(call: Call): Promise<void> {
    const gas = await simulate(call);
    if (gas === null) return;
    nonce ??= await client.getTransactionCount({ address: account.address, blockTag: "latest" });
    const fees = createFees(await client.estimateFeesPerGas());
    const hash = await broadcast(call, nonce, gas, fees);
    for (const piece of call.work) work.delete(nameOf(piece));
    sent.push({ call, nonce, hash, fees, looks: 0 });
    options.sent();
    nonce++;
  }

  /** Null when the call would fail now: it is tried again at a later block, or given up. */
  async function simulate(call: Call): Promise<bigint | null> {
    try {
      const to = address;
      const gas = await client.estimateGas({ account: account.address, to, data: call.data });
      const ample = (gas * 5n) / 4n;
      return ample > GAS_LIMIT_MAX ? GAS_LIMIT_MAX : ample;
    } catch (error) {
      const reason = reasonOf(error);
      for (const piece of call.work) {
        const name = nameOf(piece);
        if (await isOver(piece)) give(name, reason);
        else options.trouble("cannot land now", `${name}: ${reason}`);
      }
      return null;
    }
  }

  function broadcast(call: Call, at: number, gas: bigint, fees: Fees): Promise<Hex> {
    return wallet.sendTransaction({
      chain: null,
      to: address,
      data: call.data,
      nonce: at,
      gas,
      maxFeePerGas: fees.maxFeePerGas,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
    });
  }

  /** The same call under the same nonce at a higher fee: only one of the two can land. */
  async function replace(transaction: Sent): Promise<void> {
    const next = await client.getTransactionCount({ address: account.address });
    if (next > transaction.nonce) {
      // Another transaction of ours took the nonce: the work itself tells whether it is done.
      sent = sent.filter((other) => other !== transaction);
      for (const piece of transaction.call.work) await settleAccount(piece, false);
      return;
    }
    transaction.fees = transaction.fees.bumped();
    transaction.hash = await broadcast(
      transaction.call,
      transaction.nonce,
      GAS_LIMIT_MAX,
      transaction.fees,
    );
  }

  return {
    submit,
    waiting: () => known.size,
    stop: async () => {
      stopped = true;
      if (timer !== null) clearInterval(timer);
      await busy;
    },
  };
}
