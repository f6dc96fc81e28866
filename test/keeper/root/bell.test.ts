import { expect } from "chai";
import { describe, it } from "mocha";
import { hangBell } from "../../../keeper/bell.ts";

const EVERY = 100;

/** A bell whose queue rings when a test says so, on a clock that a test moves. */
function createBench(act: () => Promise<void> = async () => undefined) {
  let now = 0;
  let acts = 0;
  let tick: () => void = () => undefined;
  let ring: () => Promise<void> = async () => undefined;
  const hung: [string, number][] = [];
  const troubles: string[] = [];
  const silence = hangBell({
    queue: {
      repeat: (name, everyMs, ringing) => {
        hung.push([name, everyMs]);
        ring = ringing;
      },
    },
    name: "chain-watch",
    everyMs: EVERY,
    act: () => {
      acts++;
      return act();
    },
    trouble: (event, detail) => troubles.push(`${event}: ${detail}`),
    clock: {
      now: () => now,
      every: (milliseconds, call) => {
        expect(milliseconds).to.equal(EVERY);
        tick = call;
        return () => {
          tick = () => undefined;
        };
      },
    },
  });
  return {
    hung,
    troubles,
    silence,
    acts: () => acts,
    ring: () => ring(),
    /** So many intervals pass; the timer ticks in each. */
    pass: async (intervals: number, each: () => Promise<void> = async () => undefined) => {
      for (let count = 0; count < intervals; count++) {
        now += EVERY;
        await each();
        tick();
        await new Promise(setImmediate);
      }
    },
  };
}

describe("a bell", () => {
  it("QUE-1: the timer does nothing while the queue rings in time", async () => {
    const bench = createBench();
    expect(bench.hung).to.deep.equal([["chain-watch", EVERY]]);
    await bench.pass(50, bench.ring);
    expect(bench.acts()).to.equal(50);
  });

  it("QUE-1: the timer rings while the queue does not, and leaves off when it does again", async () => {
    const bench = createBench();
    await bench.pass(9);
    expect(bench.acts()).to.equal(3);
    await bench.pass(10, bench.ring);
    expect(bench.acts()).to.equal(13);
    await bench.pass(3);
    expect(bench.acts()).to.equal(14);
  });

  it("QUE-1: what is under way is not begun again, whoever rings", async () => {
    const go = Promise.withResolvers<void>();
    const bench = createBench(() => go.promise);
    const first = bench.ring();
    const second = bench.ring();
    await bench.pass(10);
    expect(bench.acts()).to.equal(1);
    go.resolve();
    await Promise.all([first, second]);
    await bench.ring();
    expect(bench.acts()).to.equal(2);
  });

  it("QUE-1: a failure is told by whoever rang, and the next ring comes", async () => {
    const bench = createBench(() => Promise.reject(new Error("the node is away")));
    const failure = await bench.ring().catch((error: unknown) => String(error));
    expect(failure).to.equal("Error: the node is away");
    expect(bench.troubles).to.deep.equal([]);
    await bench.pass(6);
    const told = "ring failed: chain-watch: Error: the node is away";
    expect(bench.troubles).to.deep.equal([told, told]);
  });

  it("QUE-1: a silenced bell rings no more by itself", async () => {
    const bench = createBench();
    bench.silence();
    await bench.pass(10);
    expect(bench.acts()).to.equal(0);
  });
});
