import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { type Bytes, toHex } from "../../../keeper/base/bytes.ts";
import type { Expected } from "../../../keeper/chain/standing.ts";
import type { KnownBlock, Watcher } from "../../../keeper/chain/types.ts";
import { createWatcher } from "../../../keeper/chain/watcher.ts";
import { Failure } from "../../../keeper/cli/failure.ts";
import { parseConfig } from "../../../keeper/config.ts";
import { depositoryDomain } from "../../../keeper/jurisdiction/digest.ts";
import type { JurisdictionInput } from "../../../keeper/jurisdiction/input.ts";
import { emptyView, headOf, step } from "../../../keeper/jurisdiction/step.ts";
import type { Block, Jurisdiction, View } from "../../../keeper/jurisdiction/types.ts";
import { startKeeper } from "../../../keeper/main.ts";
import { createLog } from "../../../keeper/observe/log.ts";
import {
  type Call,
  CHAIN_ID,
  type Chain,
  gasKey,
  keys,
  lost,
  startChain,
  startProxy,
} from "./chain.ts";

describe("the watcher", function () {
  this.timeout(60_000);

  let chain: Chain;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let view: View;
  let reported: JurisdictionInput[];
  let troubles: string[];
  let watchers: Watcher[];
  const alice = keys[0] as (typeof keys)[number];

  /** A watcher whose reports the machine folds; what it refuses fails the test. */
  function watch(known: readonly KnownBlock[] = [], told: Partial<Expected> = {}): Watcher {
    const watcher = createWatcher({
      rpc: [proxy.url],
      depository: chain.depository,
      entityProvider: chain.entityProvider,
      chainId: CHAIN_ID,
      domain: chain.domain,
      deployedAt: chain.deployedAt,
      ...told,
      // Looks come from the tests alone.
      pollMs: 3_600_000,
      report: (inputs) => {
        for (const input of inputs) {
          const result = step(view, input);
          if (!result.ok) throw new Error(result.refusal.message);
          view = result.value.view;
          reported.push(input);
        }
      },
      trouble: (event, detail) => troubles.push(`${event}: ${detail}`),
    });
    watchers.push(watcher);
    watcher.start(known);
    return watcher;
  }

  async function headHash(): Promise<string> {
    return ((await chain.rpc("eth_getBlockByNumber", ["latest", false])) as { hash: string }).hash;
  }

  async function expectHead(): Promise<void> {
    const head = headOf(view);
    expect(head && toHex(head.hash)).to.equal(await headHash());
  }

  const events = () =>
    reported.flatMap((input) => (input.kind === "block" ? input.block.events : []));

  before(async () => {
    chain = await startChain();
    proxy = await startProxy(chain);
  });

  beforeEach(() => {
    const jurisdiction = {
      chainId: CHAIN_ID,
      depository: chain.depository,
      entityProvider: chain.entityProvider,
      domain: chain.domain,
      deployedAt: chain.deployedAt,
      finalityDepth: 8,
      inclusionMargin: 60,
      responseTime: 3_600,
    } satisfies Jurisdiction;
    view = emptyView(jurisdiction);
    reported = [];
    troubles = [];
    watchers = [];
    proxy.state.meddle = (call, ask) => ask(call);
  });

  afterEach(async () => {
    await Promise.all(watchers.map((watcher) => watcher.stop()));
  });

  after(async () => {
    await proxy.stop();
    await chain.stop();
  });

  it("CHN-2: reports every block from the first, with absolute values", async () => {
    await chain.deposit(alice, 5n);
    await chain.mine(120);
    await watch().poll();
    await expectHead();
    expect(events()).to.deep.include({
      kind: "reserve",
      entity: alice.entity,
      token: 1,
      amount: 5n,
    });
    expect(events().map(({ kind }) => kind)).to.include("token");
    expect(troubles).to.deep.equal([]);
  });

  it("CHN-2: of another chain or other contracts nothing is reported, and it is told", async () => {
    const elsewhere = { chainId: 1, domain: depositoryDomain(1, chain.depository) };
    const at = (depository: Bytes) => ({
      depository,
      domain: depositoryDomain(CHAIN_ID, depository),
    });
    const wrong: readonly [Partial<Expected>, string][] = [
      [elsewhere, `the node follows chain ${CHAIN_ID}, not 1`],
      [at(alice.address), `no contract is at ${toHex(alice.address)}`],
      [at(chain.module), `the contract at ${toHex(chain.module)} is no Depository of this version`],
      [
        at(chain.entityProvider),
        `the contract at ${toHex(chain.entityProvider)} is no Depository of this version`,
      ],
      [
        { entityProvider: chain.module },
        `the Depository at ${toHex(chain.depository)} goes by the EntityProvider at ` +
          toHex(chain.entityProvider),
      ],
    ];
    for (const [told, message] of wrong) {
      troubles = [];
      await watch([], told).poll();
      expect(troubles).to.deep.equal([`chain cannot be read: ${message}`]);
      expect(reported).to.deep.equal([]);
    }
  });

  it("CHN-2: a keeper that is told of other contracts does not start, and leaves no folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "xln-standing-"));
    const file = (name: string, key: Bytes) => {
      writeFileSync(join(folder, name), toHex(key), { mode: 0o600 });
      return join(folder, name);
    };
    const config = parseConfig(
      {
        name: "a",
        data: join(folder, "data"),
        keys: file("keys", alice.privateKey),
        gasKey: file("gas-key", gasKey),
        listen: { host: "127.0.0.1", port: 0 },
        dial: [],
        chain: {
          rpc: [proxy.url],
          chainId: CHAIN_ID,
          depository: toHex(chain.depository),
          entityProvider: toHex(chain.module),
          deployedAt: chain.deployedAt,
          finalityDepth: 8,
          inclusionMargin: 60,
          responseTime: 3_600,
          pollMs: 1_000,
        },
        redis: null,
        prefix: "a",
        health: { host: "127.0.0.1", port: 0 },
        record: null,
        checkpointTicks: 50,
      },
      {},
      "a test",
    );
    const log = createLog({
      level: "error",
      sink: { write: () => {}, dropped: () => 0, close: () => {} },
    });
    let told: unknown = null;
    try {
      await startKeeper(config, { log, halt: () => {} });
    } catch (failure) {
      told = failure;
    }
    expect(told).to.be.instanceOf(Failure).and.to.have.property("code", "chain-mismatch");
    expect((told as Failure).message).to.match(/^chain\.entityProvider: the Depository at 0x/);
    expect(existsSync(config.data)).to.equal(false);
    rmSync(folder, { recursive: true });
  });

  it("CHN-2: a node that lies about its chain at first is believed when it no longer does", async () => {
    let lying = true;
    proxy.state.meddle = (call, ask) =>
      lying && call.method === "eth_chainId" ? Promise.resolve("0x1") : ask(call);
    const watcher = watch();
    await watcher.poll();
    expect(reported).to.deep.equal([]);
    lying = false;
    await watcher.poll();
    await expectHead();
  });

  it("CHN-2: goes on exactly where it was, from the blocks that the machines have", async () => {
    await watch().poll();
    const seen = reported.length;
    await chain.mine(3);
    const final = view.final as KnownBlock;
    const second = watch([final, ...view.recent]);
    await second.poll();
    expect(reported.length).to.equal(seen + 3);
    await expectHead();
  });

  it("CHN-2: a reorg is reported with what stands in its place", async () => {
    await chain.mine(3);
    const snapshot = await chain.rpc("evm_snapshot");
    await chain.deposit(alice, 7n);
    await chain.mine(2);
    const watcher = watch();
    await watcher.poll();
    await chain.rpc("evm_revert", [snapshot]);
    await chain.rpc("evm_increaseTime", [100]);
    await chain.mine(2);
    // The node's chain is shorter than what was seen: it is another one all the same.
    await watcher.poll();
    await expectHead();
    await chain.mine(5);
    await watcher.poll();
    await expectHead();
    expect(reported.filter(({ kind }) => kind === "reorg")).to.have.length(1);
    const amounts = events().flatMap((event) => (event.kind === "reserve" ? [event.amount] : []));
    const before = await chain.reserveOf(alice);
    expect(amounts).to.include(before + 7n);
  });

  it("CHN-2: a node that lags takes nothing back", async () => {
    const watcher = watch();
    await chain.mine(5);
    await watcher.poll();
    const seen = reported.length;
    const behind = (headOf(view)?.height ?? 0) - 3;
    proxy.state.meddle = async (call, ask) => {
      if (call.method === "eth_blockNumber") return `0x${behind.toString(16)}`;
      const asked = Number(call.params[0]);
      return call.method === "eth_getBlockByNumber" && asked > behind ? null : ask(call);
    };
    await watcher.poll();
    expect(reported.length).to.equal(seen);
    proxy.state.meddle = (call, ask) => ask(call);
    await chain.mine(1);
    await watcher.poll();
    expect(reported.length).to.equal(seen + 1);
  });

  const lies: Record<string, (call: Call, result: unknown, earlier: unknown) => unknown> = {
    "loses every answer": () => lost,
    "has no block": ({ method }, result) => (method === "eth_getBlockByNumber" ? null : result),
    "repeats an earlier answer": ({ method }, result, earlier) =>
      method === "eth_getBlockByNumber" ? earlier : result,
    "gives another hash": ({ method }, result) =>
      method === "eth_getBlockByNumber"
        ? { ...(result as object), hash: `0x${"ab".repeat(32)}` }
        : result,
    "gives another parent": ({ method }, result) =>
      method === "eth_getBlockByNumber"
        ? { ...(result as object), parentHash: `0x${"cd".repeat(32)}` }
        : result,
    "gives logs of another block": ({ method }, result, _earlier) =>
      method === "eth_getLogs"
        ? [
            {
              blockHash: `0x${"ef".repeat(32)}`,
              address: toHex(chain.depository),
              topics: [],
              data: "0x",
            },
          ]
        : result,
    "gives logs of another contract": ({ method }, result) =>
      method === "eth_getLogs"
        ? (result as object[]).map((log) => ({ ...log, address: `0x${"11".repeat(20)}` }))
        : result,
    "answers nonsense": ({ method }, result) => (method === "eth_getLogs" ? { a: 1 } : result),
    // It would be written to the log, and nobody could read that again.
    "tells of amounts that no contract has": ({ method }, result) =>
      method === "eth_getLogs"
        ? (result as { data: string }[]).map((log) => ({
            ...log,
            data: log.data.replace(/^(0x.{32}).{32}$/, `$1${"ff".repeat(16)}`),
          }))
        : result,
  };

  for (const [lie, tell] of Object.entries(lies)) {
    it(`CHN-2: nothing wrong is reported while the node ${lie}, and all is afterwards`, async () => {
      const watcher = watch();
      await watcher.poll();
      await chain.deposit(alice, 1n);
      const truth = await chain.reserveOf(alice);
      const first = await chain.rpc("eth_getBlockByNumber", ["0x1", false]);
      proxy.state.meddle = async (call, ask) => tell(call, await ask(call), first);
      const seen = reported.length;
      await watcher.poll();
      await watcher.poll();
      expect(reported.slice(seen)).to.deep.equal([]);
      proxy.state.meddle = (call, ask) => ask(call);
      await watcher.poll();
      await expectHead();
      expect(reported.some(({ kind }) => kind === "reorg")).to.equal(false);
      const newest = events().findLast(({ kind }) => kind === "reserve");
      expect(newest).to.deep.equal({
        kind: "reserve",
        entity: alice.entity,
        token: 1,
        amount: truth,
      });
    });
  }

  it("CHN-2: logs that come twice and in disorder are events once and in order", async () => {
    proxy.state.meddle = async (call, ask) => {
      const result = await ask(call);
      return call.method === "eth_getLogs"
        ? [...(result as []), ...(result as [])].reverse()
        : result;
    };
    await chain.deposit(alice, 2n);
    await watch().poll();
    const wrong = blocksOf(reported);
    reported = [];
    view = emptyView(view.jurisdiction);
    proxy.state.meddle = (call, ask) => ask(call);
    await watch().poll();
    expect(wrong).to.deep.equal(blocksOf(reported));
  });

  it("CHN-2: looks that come while one is under way join it", async () => {
    const watcher = watch();
    await Promise.all([watcher.poll(), watcher.poll(), watcher.poll()]);
    await expectHead();
    expect(new Set(blocksOf(reported).map(({ height }) => height)).size).to.equal(reported.length);
  });
});

function blocksOf(inputs: readonly JurisdictionInput[]): Block[] {
  return inputs.flatMap((input) => (input.kind === "block" ? [input.block] : []));
}
