/** Follows the head by parent hash and tells the machines of every block and reorg, in order. */
import { numberToHex, type RpcLog } from "viem";
import { asBytes32, equalBytes, fromHex, toHex } from "../base/bytes.ts";
import { decodeInput, encodeInput } from "../jurisdiction/codec.ts";
import type { JurisdictionInput } from "../jurisdiction/input.ts";
import type { Block } from "../jurisdiction/types.ts";
import { type Client, createClient } from "./client.ts";
import { chainEvents } from "./event.ts";
import { mismatchOf } from "./standing.ts";
import type { KnownBlock, Watcher, WatcherOptions } from "./types.ts";

/** Blocks asked for at once while catching up. */
const STRIDE = 50;
/** Blocks remembered, to find where a reorg branches off. */
const REMEMBERED = 1_000;

type Header = { hash: string; parentHash: string; number: string; timestamp: string };

/** Blocks that the node has on another branch, and the newest one that both branches share. */
type Branch = { readonly ancestor: KnownBlock; readonly kept: number };

export function createWatcher(options: WatcherOptions): Watcher {
  const client = createClient(options.rpc, options.pollMs);
  const known: KnownBlock[] = [];
  let head: number | null = null;
  let busy: Promise<void> | null = null;
  let stopped = false;
  /** That the contracts stand there as told; asked until it is so. */
  let standing = false;

  /** One look at a time; a fault of the node is told and the next look goes on from here. */
  function poll(): Promise<void> {
    busy ??= look().finally(() => {
      busy = null;
    });
    return busy;
  }

  async function look(): Promise<void> {
    try {
      if (!standing) {
        const mismatch = await mismatchOf(client, options);
        if (mismatch !== null) throw new Error(mismatch.message);
        standing = true;
      }
      while (!stopped && (await advance())) {
        // A stride was full: there is more.
      }
    } catch (error) {
      if (!stopped) options.trouble("chain cannot be read", firstLine(error));
    }
  }

  async function advance(): Promise<boolean> {
    const newest = await latest(client);
    const branch = await findBranch(newest);
    const last = branch?.ancestor ?? known.at(-1);
    const from = last === undefined ? options.deployedAt : last.height + 1;
    const to = Math.min(newest, from + STRIDE - 1);
    head = newest;
    if (to < from) return false;
    const heights = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const read = await Promise.all(heights.map((height) => readBlock(client, options, height)));
    const blocks = chainOf(last, read);
    // What was taken back is told only together with what stands in its place: a single wrong
    // answer of the node fits to nothing.
    if (blocks.length === 0 || stopped) return false;
    const inputs: JurisdictionInput[] = [];
    if (branch !== null) {
      const { height, hash } = branch.ancestor;
      inputs.push({ kind: "reorg", height, hash });
      known.splice(branch.kept);
    }
    for (const block of blocks) {
      inputs.push({ kind: "block", block });
      known.push({ height: block.height, hash: block.hash });
    }
    if (known.length > 2 * REMEMBERED) known.splice(0, known.length - REMEMBERED);
    options.report(inputs);
    return blocks.length === STRIDE;
  }

  /**
   * Null while the node is on our branch, or behind it: a node that lags says nothing about what
   * it does not know.
   */
  async function findBranch(newest: number): Promise<Branch | null> {
    let kept = known.findLastIndex(({ height }) => height <= newest) + 1;
    const shared = kept;
    for (; kept > 0; kept--) {
      const block = known[kept - 1] as KnownBlock;
      const header = await readHeader(client, block.height);
      if (header === null) throw new Error(`the node does not give block ${block.height}`);
      if (header.hash === toHex(block.hash)) break;
    }
    if (kept === shared) return null;
    const ancestor = known[kept - 1];
    if (ancestor === undefined) throw new Error("the node follows another chain");
    return { ancestor, kept };
  }

  return {
    start: (from) => {
      known.splice(0, known.length, ...from);
      void poll();
    },
    poll,
    head: () => head,
    stop: async () => {
      stopped = true;
      await busy;
    },
  };
}

/** Those that follow one another by parent hash, from the first; the chain may move while read. */
function chainOf(last: KnownBlock | undefined, read: readonly (Block | null)[]): readonly Block[] {
  let parent = last?.hash;
  const blocks: Block[] = [];
  for (const block of read) {
    if (block === null) break;
    if (parent !== undefined && !equalBytes(parent, block.parentHash)) break;
    parent = block.hash;
    blocks.push(block);
  }
  return blocks;
}

async function latest(client: Client): Promise<number> {
  return Number(await client.request({ method: "eth_blockNumber" }));
}

/** Null when the node does not have it. An answer about another block counts as none. */
async function readHeader(client: Client, height: number): Promise<Header | null> {
  const params: [`0x${string}`, false] = [numberToHex(height), false];
  const header = (await client.request({
    method: "eth_getBlockByNumber",
    params,
  })) as Header | null;
  return header !== null && Number(header.number) === height ? header : null;
}

/** The block with its events, read by its hash so that both belong together; null if it is gone. */
async function readBlock(
  client: Client,
  options: WatcherOptions,
  height: number,
): Promise<Block | null> {
  const header = await readHeader(client, height);
  if (header === null) return null;
  const address = [toHex(options.depository), toHex(options.entityProvider)];
  const filter = { address, blockHash: header.hash as `0x${string}` };
  const logs: readonly RpcLog[] = await client.request({ method: "eth_getLogs", params: [filter] });
  const ours = (log: RpcLog) =>
    log.blockHash === header.hash && address.some((known) => known === log.address.toLowerCase());
  if (!logs.every(ours)) return null;
  const block: Block = {
    height,
    hash: bytes32(header.hash),
    parentHash: bytes32(header.parentHash),
    timestamp: Number(header.timestamp),
    events: chainEvents(inOrder(logs)),
  };
  requireReadable(block);
  return block;
}

/**
 * What the log could not give back must never enter it: the keeper would not start again. No
 * contract says such things, so it is a fault of the node.
 */
function requireReadable(block: Block): void {
  const read = decodeInput(encodeInput({ kind: "block", block }));
  if (!read.ok) throw new Error(`block ${block.height} is not readable: ${read.refusal.message}`);
}

/** Each once, in the order in which the chain has them, however the node gives them. */
function inOrder(logs: readonly RpcLog[]): RpcLog[] {
  const byIndex = new Map(logs.map((log) => [Number(log.logIndex), log]));
  return [...byIndex].sort(([a], [b]) => a - b).map(([, log]) => log);
}

function bytes32(hex: string) {
  return asBytes32(fromHex(hex as `0x${string}`));
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? text;
}
