/** What a run must notice, and what it must get over. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { encodeFunctionData, toFunctionSelector } from "viem";
import { exitCodeOf } from "../../keeper/cli/up/command.ts";
import type { Running } from "../../keeper/cli/up/process.ts";
import type { StageName, System, Up } from "../../keeper/cli/up/run.ts";
import { depositoryAbi } from "../../keeper/jurisdiction/contract.ts";
import { DevToken__factory } from "../../typechain-types/factories/dev/DevToken__factory.ts";
import { atStage, upOn } from "./ledger.ts";
import { pending, rpc } from "./rpc.ts";

/** Netted to the optimum and settled, with every sum as it was. */
function expectDone(up: Up): void {
  expect(up.report).to.include({ conserved: true, keepers: 3 });
  for (const token of Object.values(up.report.netting.tokens)) {
    expect(token).to.include({ gap: 0n, overLimitAfter: token.overLimitAfter });
    expect(token.cleared).to.equal(token.optimum).and.not.equal(0n);
    expect(token.refused).to.deep.equal([]);
  }
  const { settlements, gas } = up.report;
  expect(settlements.after).to.be.greaterThan(0).and.lessThan(settlements.before);
  expect(gas.after).to.be.greaterThan(0).and.lessThan(gas.before);
}

/** One wei of the first token leaves the Depository, as if its contract had a hole. */
async function moveOneWei({ chain, deployment }: System): Promise<void> {
  const { depository, tokens } = deployment;
  await rpc(chain.url, "hardhat_impersonateAccount", [depository]);
  await rpc(chain.url, "hardhat_setBalance", [depository, "0xde0b6b3a7640000"]);
  const args = ["0x000000000000000000000000000000000000dead", 1n] as const;
  const data = encodeFunctionData({ abi: DevToken__factory.abi, functionName: "transfer", args });
  const hash = await rpc<string>(chain.url, "eth_sendTransaction", [
    { from: depository, to: tokens[0]?.address, data },
  ]);
  while ((await rpc(chain.url, "eth_getTransactionReceipt", [hash])) === null) {
    // Each look is a round trip; the next block has it.
  }
}

/** The last byte but some of a keeper's log: durable, and read by nobody but a replay. */
function flipByte({ fleet }: System): void {
  const folder = join(fleet.keepers[1]?.config.data ?? "", "log");
  const file = join(folder, readdirSync(folder)[0] ?? "");
  const bytes = readFileSync(file);
  const place = Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] as number) ^ 1;
  writeFileSync(file, bytes);
}

function killRedis({ redis }: System): Promise<unknown> {
  const server = redis?.process();
  if (!server) throw new Error("no Redis of this run's own");
  const gone = new Promise((resolve) => server.once("exit", resolve));
  process.kill(server.pid as number, "SIGKILL");
  return gone;
}

/** The block with the settlements is seen by all keepers, then it never was. */
async function reorg({ chain: { url }, fleet }: System): Promise<void> {
  const selector = toFunctionSelector(
    depositoryAbi.find((one) => one.type === "function" && one.name === "settleDiffs") as never,
  );
  const snapshot = await rpc(url, "evm_snapshot");
  await pending(url, selector);
  await rpc(url, "evm_mine");
  const lost = await rpc<Block>(url, "eth_getBlockByNumber", ["latest", false]);
  expect(lost.transactions).to.not.deep.equal([]);
  const height = Number(lost.number);
  for (const keeper of fleet.keepers) {
    const { health } = (keeper.process() as Running).first as { health: number };
    let head = -1;
    while (head < height) {
      const answer = await fetch(`http://127.0.0.1:${health}/health`);
      head = ((await answer.json()) as { chainHead: number }).chainHead;
    }
  }
  await rpc(url, "evm_revert", [snapshot]);
  await rpc(url, "evm_increaseTime", [2]);
  for (let block = 0; block < 3; block++) await rpc(url, "evm_mine");
  const now = await rpc<Block>(url, "eth_getBlockByNumber", [lost.number, false]);
  expect(now.hash).to.not.equal(lost.hash);
  expect(now.transactions).to.deep.equal([]);
  await rpc(url, "evm_setIntervalMining", [250]);
}

type Block = {
  readonly number: string;
  readonly hash: string;
  readonly transactions: readonly string[];
};

describe("a whole run", () => {
  it("sees one wei that has left the Depository, and the legs that somebody refused", async () => {
    const options = { refuse: ["firm 3"], settles: false, before: atStage("check", moveOneWei) };
    await upOn(options, (up) => {
      const { netting, conserved, replayRootsEqual } = up.report;
      expect({ conserved, replayRootsEqual }).to.deep.equal({
        conserved: false,
        replayRootsEqual: true,
      });
      const deposited = "DAI: the Depository holds ";
      expect(up.faults.some((fault) => fault.startsWith(deposited))).to.equal(true);
      for (const { cleared, optimum, gap, refused } of Object.values(netting.tokens)) {
        expect(cleared < optimum && gap === optimum - cleared).to.equal(true);
        expect(refused.map(({ code }) => code)).to.include("consentRefused");
        expect(refused.some(({ left, right }) => [left, right].includes("firm 3"))).to.equal(true);
      }
      expect(exitCodeOf(up)).to.equal(1);
    });
  });

  /** Redis dies twice, and loses all that it had once; a settlement's block is reorged out. */
  async function trouble(stage: StageName, system: System, done: Promise<void>[]): Promise<void> {
    if (stage === "net") rmSync(join(system.data, "redis"), { recursive: true });
    if (stage === "pay" || stage === "net") await killRedis(system);
    if (stage === "replay") flipByte(system);
    if (stage !== "settle") return;
    await rpc(system.chain.url, "evm_setIntervalMining", [0]);
    done.push(reorg(system));
  }

  it("QUE-1, CHN-2: gets over deaths of Redis and a reorg, and names the byte that flips", async () => {
    const done: Promise<void>[] = [];
    await upOn({ before: (stage, system) => trouble(stage, system, done) }, async (up) => {
      expect(done).to.have.length(1);
      await done[0];
      expect(up.report.queue).to.equal("redis");
      expectDone(up);
      expect(up.report.replayRootsEqual).to.equal(false);
      expect(up.faults).to.have.length(1);
      expect(up.faults[0]).to.match(/^keeper-1: .*byte.*\.log.*offset \d+/s);
      expect(exitCodeOf(up)).to.equal(1);
    });
  });

  it("QUE-3: does without a Redis where none can be had", async () => {
    const nowhere = { tools: "/dev/null", path: "" };
    await upOn({ redis: nowhere }, (up) => {
      expect(up.report).to.include({ queue: "memory", replayRootsEqual: true });
      expectDone(up);
      expect(up.faults).to.deep.equal([]);
      expect(exitCodeOf(up)).to.equal(0);
    });
  });
});
