/** Follows the head by parent hash and tells the machines of every block and reorg, in order. */
import { numberToHex, type RpcLog } from "viem";
import { asBytes32, equalBytes, fromHex, toHex } from "../base/bytes.ts";
import type { JurisdictionInput } from "../jurisdiction/input.ts";
import type { Block } from "../jurisdiction/types.ts";
import { type Client, createClient } from "./client.ts";
import { chainEvents } from "./event.ts";
import type { KnownBlock, Watcher, WatcherOptions } from "./types.ts";

/** Blocks asked for at once while catching up. */
const STRIDE = 50;
/** Blocks remembered, to find where a reorg branches off. */
const REMEMBERED = 1_000;

type Header = { hash: string; parentHash: string; number: string; timestamp: string };

export function createWatcher(options: WatcherOptions): Watcher {
  const client = createClient(options.rpc, options.pollMs);
  const known: KnownBlock[] = [];
  let head: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  let busy: Promise<void> = Promise.resolve();
  let stopped = false;

  /** One look at a time; a fault of the node is told and the next look goes on from here. */
  function poll(): Promise<void> {
    busy = busy.then(async () => {
      if (stopped) return;
      try {
        while (await advance()) {
          // A stride was full: there is more.
        }
      } catch (error) {
        options.trouble("chain cannot be read", firstLine(error));
      }
    });
    return busy;
  }

  async function advance(): Promise<boolean> {
    head = await latest(client);
    await rewind();
    const from = (known.at(-1)?.height ?? options.deployedAt - 1) + 1;
    const to = Math.min(head, from + STRIDE - 1);
    if (to < from) return false;
    const heights = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const blocks = await Promise.all(heights.map((height) => readBlock(client, options, height)));
    const inputs: JurisdictionInput[] = [];
    for (const block of blocks) {
      // The chain moved while it was read: what fits is told, the next look tells the rest.
      if (block === null || !follows(block)) break;
      remember(block);
      inputs.push({ kind: "block", block });
    }
    if (inputs.length > 0) options.report(inputs);
    return inputs.length === STRIDE;
  }

  function follows(block: Block): boolean {
    const last = known.at(-1);
    return last === undefined || equalBytes(last.hash, block.parentHash);
  }

  function remember({ height, hash }: KnownBlock): void {
    known.push({ height, hash });
    if (known.length > 2 * REMEMBERED) known.splice(0, known.length - REMEMBERED);
  }

  /** Drops blocks that the node no longer has on its chain, and tells of it. */
  async function rewind(): Promise<void> {
    let dropped = 0;
    for (;;) {
      const last = known.at(-1);
      if (last === undefined) break;
      const header = await readHeader(client, last.height);
      if (header !== null && header.hash === toHex(last.hash)) break;
      // A node that lags behind what we have seen says nothing about what it does not know.
      if (header === null && dropped === 0) return;
      known.pop();
      dropped++;
    }
    const ancestor = known.at(-1);
    if (dropped === 0) return;
    if (ancestor === undefined) throw new Error("the node follows another chain");
    options.report([{ kind: "reorg", height: ancestor.height, hash: ancestor.hash }]);
  }

  return {
    start: (from) => {
      known.push(...from);
      timer = setInterval(() => void poll(), options.pollMs);
      void poll();
    },
    poll,
    head: () => head,
    stop: async () => {
      stopped = true;
      if (timer !== null) clearInterval(timer);
      await busy;
    },
  };
}

async function latest(client: Client): Promise<number> {
  return Number(await client.request({ method: "eth_blockNumber" }));
}

async function readHeader(client: Client, height: number): Promise<Header | null> {
  const params: [`0x${string}`, false] = [numberToHex(height), false];
  return (await client.request({ method: "eth_getBlockByNumber", params })) as Header | null;
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
  if (logs.some((log) => log.blockHash !== header.hash)) return null;
  return {
    height,
    hash: bytes32(header.hash),
    parentHash: bytes32(header.parentHash),
    timestamp: Number(header.timestamp),
    events: chainEvents(logs),
  };
}

function bytes32(hex: string) {
  return asBytes32(fromHex(hex as `0x${string}`));
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? text;
}
