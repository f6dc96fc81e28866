/** Rounds of netting stage by stage, over several runtimes: each stage may run twice (QUE-1). */
import { expect } from "chai";
import { describe, it } from "mocha";
import { createAwaiting } from "../../../keeper/awaiting.ts";
import { toHex } from "../../../keeper/base/bytes.ts";
import type { CommandResult } from "../../../keeper/entity/types.ts";
import {
  type NettingJob,
  nettingFlow,
  nettingStages,
  runNettingStage,
} from "../../../keeper/netting-flow.ts";
import type { NettingParts } from "../../../keeper/netting-round.ts";
import { createMemoryQueue } from "../../../keeper/queue/memory.ts";
import type { Json, Work } from "../../../keeper/queue/types.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { createWorld, NO_FAULTS, type Person, personOf, type World } from "../runtime/world.ts";

const [alice, bob, carol, dave] = ["alice", "bob", "carol", "dave"].map(personOf) as [
  Person,
  Person,
  Person,
  Person,
];
const PEOPLE = [alice, bob, carol];
const TOKEN = 1;
/** The node that runs the coordinator. */
const HOME = 2;

type Bench = {
  readonly world: World;
  readonly told: string[];
  /** Drives the world until the promise is settled. */
  readonly drive: <T>(work: Promise<T>) => Promise<T>;
  readonly stage: (name: string, before: Json, job?: Partial<NettingJob>) => Promise<Json>;
  readonly parts: NettingParts;
  readonly job: NettingJob;
};

/** Everybody owes the next one more than that one likes, in a circle; dave only coordinates. */
function createBench(participants: readonly Person[] = PEOPLE): Bench {
  const world = createWorld([[alice], [bob], [carol, dave]], 1, NO_FAULTS);
  for (const [index, person] of PEOPLE.entries()) {
    const peer = PEOPLE[(index + 1) % 3] as Person;
    world.command(person, `open-${index}`, { kind: "openAccount", peer: peer.id });
  }
  world.settle(3);
  const credit = { kind: "setCredit", token: TOKEN, limit: 1_000n, softLimit: 100n } as const;
  for (const person of PEOPLE) {
    for (const peer of PEOPLE) {
      if (peer === person) continue;
      const id = `credit-${toHex(person.id)}-${toHex(peer.id)}`;
      world.command(person, id, { kind: "transact", peer: peer.id, transactions: [credit] });
    }
  }
  world.settle(3);
  for (const [index, person] of PEOPLE.entries()) {
    const peer = PEOPLE[(index + 1) % 3] as Person;
    const transactions = [{ kind: "pay", token: TOKEN, amount: 300n + BigInt(index) }] as const;
    world.command(person, `pay-${index}`, { kind: "transact", peer: peer.id, transactions });
  }
  world.settle(3);

  const everybody = [...PEOPLE, dave];
  const awaiting = createAwaiting();
  const asked = new Map<string, ((result: CommandResult) => void)[]>();
  const told: string[] = [];
  const home = () => world.runtimes()[HOME] as ReturnType<World["runtimes"]>[number];
  const parts: NettingParts = {
    command: ({ entity, id, command }) =>
      new Promise((resolve) => {
        const person = everybody.find((one) => toHex(one.id) === toHex(entity)) as Person;
        world.forget(id);
        world.command(person, id, command);
        asked.set(id, [...(asked.get(id) ?? []), resolve]);
      }),
    domain: jurisdiction.domain,
    runtime: home,
    until: awaiting.until,
    tell: (event) => told.push(event),
  };

  async function drive<T>(work: Promise<T>): Promise<T> {
    let over = false;
    work.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    for (let turn = 0; !over; turn++) {
      if (turn > 5_000) throw new Error(`never ends: ${[...asked.keys()]}`);
      if (turn % 10 === 0) world.mine();
      world.turn();
      awaiting.released(home());
      for (const [id, tell] of asked) {
        const result = world.result(id);
        if (result === undefined) continue;
        asked.delete(id);
        for (const resolve of tell) resolve(result);
      }
      await new Promise(setImmediate);
    }
    return work;
  }

  const job: NettingJob = {
    coordinator: dave.id,
    participants: participants.map(({ id }) => id),
    objective: "excess",
    commitBy: world.now() + 900,
    settleBy: null,
    chains: false,
  };
  const stage: Bench["stage"] = (name, before, change = {}) => {
    const { id, data } = nettingFlow("round/1", { ...job, ...change });
    const work = { id, data, stage: name, before };
    return drive(runNettingStage(JSON.parse(JSON.stringify(work)) as Work, parts));
  };
  return { world, told, drive, stage, parts, job };
}

/** What `of` has with `peer`, as its own replica says. */
function claim(world: World, of: Person, peer: Person): bigint {
  for (const { entities, interner } of world.runtimes()) {
    const account = entities.get(interner.find(of.id))?.accounts.get(interner.find(peer.id));
    const row = account?.state.rows.find(({ token }) => token === TOKEN);
    if (account === undefined || row === undefined) continue;
    const delta = row.ondelta + row.offdelta;
    return account.me === "left" ? delta : row.collateral - delta;
  }
  throw new Error("no such account");
}

/** What the round that all agree to leaves: nobody is over a limit, and nets are as they were. */
function expectNetted({ world }: Bench, result: Json): void {
  const { ok, rows, disagreed, tokens, plans } = result as {
    readonly [name: string]: Json;
    readonly plans: readonly { readonly committed: boolean; readonly refusals: Json }[];
  };
  expect({ ok, rows, disagreed }).to.deep.equal({ ok: true, rows: 3, disagreed: 0 });
  expect(tokens).to.deep.equal([{ token: TOKEN, optimum: "603", proved: true, overLimit: 3 }]);
  expect(plans).to.have.length(1);
  expect(plans[0]).to.deep.include({ committed: true, refusals: [] });
  for (const [index, person] of PEOPLE.entries()) {
    const peer = PEOPLE[(index + 1) % 3] as Person;
    expect(claim(world, peer, person)).to.equal(98n + BigInt(index));
    expect(claim(world, person, peer)).to.equal(-98n - BigInt(index));
  }
  expect(world.conflicts()).to.deep.equal([]);
  expect(world.alarms()).to.deep.equal([]);
}

describe("a round of netting as a flow", () => {
  it("QUE-1: each stage may run twice, with the same result", async () => {
    const bench = createBench();
    let before: Json = null;
    for (const name of nettingStages) {
      const first = await bench.stage(name, before);
      expect(await bench.stage(name, before), name).to.deep.equal(first);
      before = first;
    }
    expectNetted(bench, before);
    const events = ["detected", "solved", "prepared", "committed", "settled"];
    expect(bench.told).to.deep.equal(events.flatMap((event) => [event, event]));
  });

  for (const fatal of nettingStages) {
    it(`QUE-1: the keeper dies after ${fatal}, which runs again, and the rest goes on`, async () => {
      const bench = createBench();
      let before: Json = null;
      for (const name of nettingStages) {
        let result = await bench.stage(name, before);
        if (name === fatal) {
          bench.world.restart(HOME);
          result = await bench.stage(name, before);
        }
        before = result;
      }
      expectNetted(bench, before);
    });
  }

  it("QUE-1: the keeper dies in the middle of each stage", async () => {
    const bench = createBench();
    let before: Json = null;
    for (const name of nettingStages) {
      const { id, data } = nettingFlow("round/1", bench.job);
      // A run that nobody hears of any more: its keeper is gone.
      const work = { id, data, stage: name, before };
      const lost = runNettingStage(work, { ...bench.parts, until: () => new Promise(() => {}) });
      lost.catch(() => null);
      bench.world.turn();
      bench.world.turn();
      bench.world.restart(HOME);
      before = await bench.stage(name, before);
    }
    expectNetted(bench, before);
  });

  it("QUE-1: the whole flow through a queue, every stage twice", async () => {
    const bench = createBench();
    const troubles: string[] = [];
    const queue = createMemoryQueue((event, detail) => troubles.push(`${event}: ${detail}`));
    queue.work(
      "netting",
      async (work) => {
        await runNettingStage(work, bench.parts);
        return runNettingStage(work, bench.parts);
      },
      1,
    );
    const flow = nettingFlow("round/1", bench.job);
    const [result] = await bench.drive(queue.runFlows("netting", [flow, flow]));
    expectNetted(bench, result as Json);
    await queue.close();
    expect(troubles).to.deep.equal([]);
  });

  it("NET-5: who takes consent back after its rows refuses; nothing moves", async () => {
    const bench = createBench();
    const detected = await bench.stage("detect", null);
    bench.world.command(carol, "consent", { kind: "setConsent", netting: false });
    let before = detected;
    for (const name of nettingStages.slice(1)) before = await bench.stage(name, before);
    const { plans } = before as { readonly plans: readonly { readonly refusals: Json }[] };
    const refusals = [{ by: toHex(carol.id), code: "consentRefused" }];
    expect(plans[0]).to.deep.include({ committed: false, refusals });
    expect(claim(bench.world, bob, alice)).to.equal(300n);
  });

  it("QUE-1: what is left over a limit is settled on chain, once", async () => {
    // Carol's keeper coordinates; bob owes carol too much, and nobody owes on a cycle.
    const bench = createBench([bob, carol]);
    for (const person of [bob, carol]) bench.world.chain.deposit(person.id, TOKEN, 10_000n);
    bench.world.settle(5);
    const settleBy = bench.world.now() + 1_000;
    let before: Json = null;
    for (const name of nettingStages) before = await bench.stage(name, before, { settleBy });
    const row = { entity: toHex(carol.id), peer: toHex(bob.id), tokens: [TOKEN] };
    expect(before).to.deep.include({
      plans: [],
      settlements: [{ ...row, landed: true, code: null }],
    });
    expect(claim(bench.world, carol, bob)).to.equal(0n);
    const { settlements } = (await bench.stage("settle", before, { settleBy })) as {
      readonly settlements: Json;
    };
    expect(settlements).to.deep.equal([]);
    expect(bench.world.chain.settled()).to.equal(1);
    expect(bench.world.chain.reserveOf(carol.id, TOKEN)).to.equal(10_301n);
  });

  it("QUE-1: what cannot begin is a result, and passes through all stages", async () => {
    const bench = createBench();
    const bad = await bench.stage("detect", null, { commitBy: -1 });
    expect(bad).to.deep.include({ ok: false, code: "badJob" });
    expect((bad as { readonly message: string }).message).to.contain("commitBy");
    const failed = { ok: false, code: "rowsFromCount", message: "name 1 to 10000 entities" };
    for (const name of nettingStages) {
      expect(await bench.stage(name, failed)).to.deep.equal(failed);
    }
    const unknown = await bench.stage("celebrate", null);
    expect(unknown).to.deep.include({ ok: false, code: "badJob" });
  });

  it("QUE-1: a stage that is given nothing throws: it is tried again", async () => {
    const bench = createBench();
    for (const name of ["prepare", "commit", "settle"]) {
      const thrown = await bench.stage(name, null).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(Error);
    }
  });
});
