import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { createSubmitter } from "../../../keeper/chain/submitter.ts";
import type { Landed, Submission, Submitter } from "../../../keeper/chain/types.ts";
import type { DevKey } from "../../../scripts/vector/dev-key.ts";
import {
  batchOf,
  CHAIN_ID,
  type Chain,
  gasAddress,
  gasKey,
  keys,
  lost,
  NodeError,
  settlementOf,
  startChain,
  startProxy,
} from "./chain.ts";

const ETHER = 10n ** 18n;

describe("the submitter", function () {
  this.timeout(30_000);

  let chain: Chain;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let snapshot: unknown;
  let submitters: Submitter[];
  let landed: Landed[];
  let troubles: string[];
  let changed: PromiseWithResolvers<void>;
  let sendings = 0;
  const [alice, bob, carol] = keys as unknown as [DevKey, DevKey, DevKey];

  function submitter(): Submitter {
    const tell = () => {
      changed.resolve();
      changed = Promise.withResolvers();
    };
    const made = createSubmitter({
      rpc: [proxy.url],
      chainId: CHAIN_ID,
      depository: chain.depository,
      gasKey,
      pollMs: 20,
      sent: () => {
        sendings++;
        tell();
      },
      landed: (transaction) => {
        landed.push(transaction);
        tell();
      },
      trouble: (event, detail) => {
        troubles.push(`${event}: ${detail}`);
        tell();
      },
    });
    submitters.push(made);
    return made;
  }

  /** Waits for what submitters tell until it holds; Mocha's limit ends a wait in vain. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await changed.promise;
  }

  /** Until nothing waits; the proxy's calls are the clock. */
  async function finished(made: Submitter): Promise<void> {
    while (made.waiting() > 0) await chain.rpc("eth_chainId");
  }

  function pay(from: DevKey, to: DevKey, nonce: number, amount: bigint): Submission {
    return batchOf(chain, from, nonce, {
      reserveToReserve: [{ to: to.entity, token: 1, amount }],
    });
  }

  before(async () => {
    chain = await startChain();
    proxy = await startProxy(chain);
    for (const key of [alice, bob, carol]) await chain.deposit(key, 10n ** 6n);
  });

  beforeEach(async () => {
    snapshot = await chain.rpc("evm_snapshot");
    submitters = [];
    landed = [];
    troubles = [];
    sendings = 0;
    changed = Promise.withResolvers();
    proxy.state.meddle = (call, ask) => ask(call);
  });

  afterEach(async () => {
    await Promise.all(submitters.map((made) => made.stop()));
    await chain.rpc("evm_setAutomine", [true]);
    await chain.rpc("evm_revert", [snapshot]);
  });

  after(async () => {
    await proxy.stop();
    await chain.stop();
  });

  it("CHN-3: a batch asked for twice lands once, under the keeper's own encoding", async () => {
    const made = submitter();
    const work = pay(alice, bob, 0, 10n);
    made.submit([work, work]);
    made.submit([work]);
    await finished(made);
    made.submit([work]);
    await finished(made);
    expect(await chain.reserveOf(bob)).to.equal(10n ** 6n + 10n);
    expect(landed.map(({ batches, settlements }) => [batches, settlements])).to.deep.equal([
      [1, 0],
    ]);
    expect(sendings).to.equal(1);
    expect(troubles).to.deep.equal([]);
  });

  it("CHN-3: a crash between sending and receipt lands the work once", async () => {
    await chain.rpc("evm_setAutomine", [false]);
    const work = [pay(alice, bob, 0, 10n), settlementOf(chain, alice, bob, 1, 5n)];
    const first = submitter();
    first.submit(work);
    await until(() => sendings === 2);
    await first.stop();
    const second = submitter();
    second.submit(work);
    await until(() => sendings === 4);
    await chain.rpc("evm_setAutomine", [true]);
    await chain.mine(1);
    await finished(second);
    expect(await chain.reserveOf(bob)).to.equal(10n ** 6n + 10n);
    expect(await chain.numberOf(alice, bob)).to.equal(1);
    expect(await chain.nonceOf(alice)).to.equal(1);
  });

  it("CHN-3: 70 settlements go out in calls of at most 32 and all land", async () => {
    const made = submitter();
    made.submit(
      Array.from({ length: 70 }, (_, index) => {
        const [left, right] = pair(index);
        return settlementOf(chain, left, right, Math.floor(index / PAIRS.length) + 1, 0n);
      }),
    );
    await finished(made);
    const total = landed.reduce((sum, { settlements }) => sum + settlements, 0);
    expect(Math.max(...landed.map(({ settlements }) => settlements))).to.be.at.most(32);
    expect(total).to.be.at.least(70);
    for (const { gasUsed } of landed) expect(gasUsed < 15_000_000n).to.equal(true);
  });

  it("CHN-3: a settlement that the contract skips is reported in its words, others land", async () => {
    const made = submitter();
    const bad = settlementOf(chain, alice, carol, 1, 10n ** 9n);
    made.submit([
      settlementOf(chain, alice, bob, 1, 7n),
      bad,
      settlementOf(chain, bob, carol, 1, 9n),
    ]);
    await until(() => troubles.some((trouble) => trouble.startsWith("skipped by the contract")));
    expect(troubles.join()).to.match(/skipped by the contract: settlement 0x[^:]*: [A-Z]\w+\(/);
    expect(await chain.numberOf(alice, bob)).to.equal(1);
    expect(await chain.numberOf(bob, carol)).to.equal(1);
    // The skip is told first; what has landed is forgotten when the chain has been asked again.
    while (made.waiting() > 1) await chain.rpc("eth_chainId");
    expect(made.waiting()).to.equal(1);
    // Once it has what it needs, it lands without being asked for again.
    await chain.deposit(alice, 10n ** 9n);
    await finished(made);
    expect(await chain.numberOf(alice, carol)).to.equal(1);
  });

  it("CHN-3: a batch that would revert is not sent, and is told in the contract's words", async () => {
    const made = submitter();
    made.submit([pay(alice, bob, 0, 10n ** 12n), pay(bob, carol, 5, 1n)]);
    await until(() => troubles.length >= 2);
    expect(sendings).to.equal(0);
    for (const trouble of troubles) {
      expect(trouble).to.match(/^cannot land now: batch 0x\w+ \d \d+: [A-Z]\w+\(.*\)$/);
    }
    await chain.deposit(alice, 10n ** 12n);
    await until(() => landed.length > 0);
    expect(await chain.nonceOf(alice)).to.equal(1);
  });

  it("CHN-3: work whose deadline has passed is given up", async () => {
    const block = (await chain.rpc("eth_getBlockByNumber", ["latest", false])) as {
      timestamp: string;
    };
    const late = settlementOf(chain, alice, bob, 1, 1n, Number(block.timestamp) - 1);
    const made = submitter();
    made.submit([late]);
    await finished(made);
    expect(sendings).to.equal(0);
    expect(troubles.join()).to.match(/^given up: settlement .* its deadline has passed$/);
  });

  it("CHN-3: a batch takes the nonce of one that could not land in time", async () => {
    const time = async () => {
      const block = await chain.rpc("eth_getBlockByNumber", ["latest", false]);
      return Number((block as { timestamp: string }).timestamp);
    };
    const nonce = await chain.nonceOf(alice);
    const made = submitter();
    const unknown = [{ to: bob.entity, token: 77, amount: 1n }];
    const deadline = (await time()) + 100;
    made.submit([batchOf(chain, alice, nonce, { reserveToReserve: unknown }, deadline)]);
    await until(() => troubles.length > 0);
    expect(troubles[0]).to.contain("cannot land now");
    await chain.rpc("evm_increaseTime", [200]);
    await chain.rpc("evm_mine");
    await chain.deposit(alice, 10n);
    const known = [{ to: bob.entity, token: 1, amount: 1n }];
    made.submit([
      batchOf(chain, alice, nonce, { reserveToReserve: known }, (await time()) + 1_000),
    ]);
    await finished(made);
    expect(await chain.nonceOf(alice)).to.equal(nonce + 1);
  });

  it("CHN-3: a stuck transaction is replaced at a higher fee when fees rise", async () => {
    await chain.rpc("evm_setAutomine", [false]);
    const made = submitter();
    made.submit([pay(alice, bob, 0, 10n)]);
    await until(() => sendings === 1);
    await chain.rpc("hardhat_setNextBlockBaseFeePerGas", ["0x2540BE4000"]);
    await chain.mine(1);
    expect(await chain.nonceOf(alice)).to.equal(0);
    const pending = async () => {
      const block = (await chain.rpc("eth_getBlockByNumber", ["pending", false])) as {
        transactions: string[];
      };
      return block.transactions.length;
    };
    while ((await pending()) === 0) await chain.rpc("eth_chainId");
    await chain.mine(1);
    await finished(made);
    expect(await chain.nonceOf(alice)).to.equal(1);
    expect(landed.length).to.equal(1);
  });

  it("CHN-3: a nonce that somebody else took costs nothing but another try", async () => {
    const made = submitter();
    made.submit([pay(alice, bob, 0, 10n)]);
    await finished(made);
    await chain.rpc("hardhat_setNonce", [gasAddress, "0x40"]);
    made.submit([pay(alice, bob, 1, 10n), pay(bob, carol, 0, 1n), pay(carol, alice, 0, 1n)]);
    await finished(made);
    expect(await chain.nonceOf(alice)).to.equal(2);
    expect(await chain.nonceOf(carol)).to.equal(1);
  });

  it("CHN-3: several calls are under way at once", async () => {
    await chain.rpc("evm_setAutomine", [false]);
    const made = submitter();
    made.submit([pay(alice, bob, 0, 1n), pay(bob, carol, 0, 1n), pay(carol, alice, 0, 1n)]);
    await until(() => sendings === 3);
    await chain.rpc("evm_setAutomine", [true]);
    await chain.mine(1);
    await finished(made);
    expect(landed.length).to.equal(3);
  });

  it("CHN-3: answers that are lost or late change nothing but the time", async () => {
    let calls = 0;
    let sends = 0;
    proxy.state.meddle = async (call, ask) => {
      const result = await ask(call);
      calls++;
      // Also the first answers to transactions, which the node did take in.
      if (call.method === "eth_sendRawTransaction" && ++sends <= 2) return lost;
      return calls % 7 === 0 ? lost : result;
    };
    const made = submitter();
    made.submit([pay(alice, bob, 0, 10n), settlementOf(chain, bob, carol, 1, 3n)]);
    while (made.waiting() > 0) await chain.rpc("eth_chainId");
    expect(await chain.reserveOf(alice)).to.equal(10n ** 6n - 10n);
    expect(await chain.nonceOf(alice)).to.equal(1);
    expect(await chain.numberOf(bob, carol)).to.equal(1);
  });

  it("CHN-3: what no node takes, or can say anything of, keeps nothing else from landing", async () => {
    // The first is refused when it is sent, the second when its gas is asked for.
    const bad = [pay(alice, bob, 0, 0xabcden), pay(bob, carol, 0, 0xbcdefn)];
    const marks = ["000abcde", "000bcdef"];
    proxy.state.meddle = (call, ask) => {
      const has = (at: number) => JSON.stringify(call.params).includes(marks[at] as string);
      if (call.method === "eth_sendRawTransaction" && has(0)) {
        throw new NodeError({ code: -32_000, message: "oversized data: transaction size 140000" });
      }
      if (call.method === "eth_estimateGas" && has(1)) {
        throw new NodeError({ code: -32_000, message: "no answer to this one" });
      }
      return ask(call);
    };
    const made = submitter();
    made.submit([...bad, pay(carol, alice, 0, 1n)]);
    await until(() => landed.length > 0);
    expect(await chain.nonceOf(carol)).to.equal(1);
    expect(troubles.join()).to.contain("no node takes it").and.contain("cannot be asked");
    proxy.state.meddle = (call, ask) => ask(call);
    await finished(made);
    expect(await chain.nonceOf(alice)).to.equal(1);
    expect(await chain.nonceOf(bob)).to.equal(1);
  });

  it("CHN-3: gas is paid by the gas account and by nobody else", async () => {
    const balance = async () =>
      BigInt((await chain.rpc("eth_getBalance", [gasAddress, "latest"])) as string);
    const before = await balance();
    const made = submitter();
    made.submit([pay(alice, bob, 0, 10n)]);
    await finished(made);
    const spent = before - (await balance());
    expect(spent > 0n && spent < ETHER / 10n).to.equal(true);
  });
});

/** Pairs of the first keys, left before right. */
const PAIRS: readonly (readonly [DevKey, DevKey])[] = keys.flatMap((left, index) =>
  keys.slice(index + 1).map((right) => [left, right] as const),
);

function pair(index: number): readonly [DevKey, DevKey] {
  return PAIRS[index % PAIRS.length] as readonly [DevKey, DevKey];
}
