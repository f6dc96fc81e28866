/** What every queue does, whatever it stands on: one suite, run against each (QUE-3). */
import { expect } from "chai";
import fc from "fast-check";
import { afterEach, describe, it } from "mocha";
import { QueueClosedError } from "../../../keeper/queue/job.ts";
import type { Job, Json, Queue, Trouble } from "../../../keeper/queue/types.ts";

/** A queue that nobody else uses. */
export type Open = (trouble: Trouble) => Promise<Queue>;

export function testContract(open: Open): void {
  describe("keeps the contract of every queue", () => {
    const opened: Queue[] = [];
    let troubles: string[] = [];

    async function openOne(): Promise<Queue> {
      const queue = await open((event, detail) => troubles.push(`${event}: ${detail}`));
      opened.push(queue);
      return queue;
    }

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((queue) => queue.close()));
      troubles = [];
    });

    it("QUE-1: results come in the order of the jobs, not in that of their ends", async () => {
      const queue = await openOne();
      const last = Promise.withResolvers<null>();
      queue.work(
        "ingress",
        async ({ id, data }) => {
          if (id === "job-9") last.resolve(null);
          else await last.promise;
          return data;
        },
        10,
      );
      expect(await queue.run("ingress", jobs(10))).to.deep.equal(jobs(10).map(({ data }) => data));
      expect(troubles).to.deep.equal([]);
    });

    it("QUE-1: a job that is known returns the first one's result and runs once", async () => {
      const queue = await openOne();
      const calls: string[] = [];
      queue.work("ingress", counting(calls), 10);
      const [first] = await queue.run("ingress", [{ id: "a", data: "first" }]);
      const rest = await queue.run("ingress", [
        { id: "a", data: "second" },
        { id: "b", data: "third" },
        { id: "b", data: "fourth" },
      ]);
      await queue.add("ingress", [{ id: "a", data: "fifth" }]);
      const together = await Promise.all([
        queue.run("ingress", [{ id: "c", data: 1 }]),
        queue.run("ingress", [{ id: "c", data: 2 }]),
      ]);
      expect(first).to.equal("first");
      expect(rest).to.deep.equal(["first", "third", "third"]);
      expect(together).to.deep.equal([[1], [1]]);
      expect(calls).to.deep.equal(["a", "b", "c"]);
    });

    it("QUE-1: a handler that throws is asked again until it returns", async () => {
      const queue = await openOne();
      let calls = 0;
      queue.work(
        "netting",
        async () => {
          calls++;
          if (calls < 3) throw new Error("not yet");
          return calls;
        },
        1,
      );
      expect(await queue.run("netting", [{ id: "stubborn", data: null }])).to.deep.equal([3]);
      expect(troubles).to.deep.equal(Array(2).fill("job tried again: stubborn: Error: not yet"));
    });

    it("QUE-1: so many jobs at a time as asked for, and no more", async () => {
      const queue = await openOne();
      const full = Promise.withResolvers<null>();
      let running = 0;
      let most = 0;
      queue.work(
        "ingress",
        async () => {
          running++;
          most = Math.max(most, running);
          if (running === 4) full.resolve(null);
          await full.promise;
          // Others could begin here if they were let in.
          await new Promise(setImmediate);
          running--;
          return null;
        },
        4,
      );
      await queue.run("ingress", jobs(40));
      expect(most).to.equal(4);
    });

    for (const id of ["", "7", "1234567890", "a:b", "a b", "é", "x".repeat(201), "a\n"]) {
      it(`QUE-1: refuses the id ${JSON.stringify(id.slice(0, 20))} and takes in nothing`, async () => {
        const queue = await openOne();
        const calls: string[] = [];
        queue.work("ingress", counting(calls), 1);
        const good = { id: "good", data: 1 };
        for (const way of [queue.add, queue.run]) {
          const refusal = await way("ingress", [good, { id, data: 1 }]).then(
            () => null,
            (error: unknown) => error,
          );
          expect(refusal).to.be.instanceOf(RangeError);
          expect(String(refusal)).to.contain(JSON.stringify(id));
        }
        await queue.run("ingress", [{ id: "last", data: 1 }]);
        expect(calls).to.deep.equal(["last"]);
      });
    }

    it("QUE-1: data and results pass as JSON has them", async () => {
      const queue = await openOne();
      queue.work("ingress", async ({ data }) => [data], 20);
      const values = fc.sample(fc.jsonValue(), { numRuns: 200, seed: 42 }) as Json[];
      values.push(
        null,
        "",
        0,
        false,
        [],
        {},
        "\u0000\u2028😀",
        { __proto__: 1 } as Json,
        2 ** 53 - 1,
      );
      const sent = values.map((data, index) => ({ id: `v${index}`, data }));
      const expected = values.map((data) => [JSON.parse(JSON.stringify(data))]);
      expect(await queue.run("ingress", sent)).to.deep.equal(expected);
    });

    it("QUE-1: a result changed by its receiver stays as it was for the next", async () => {
      const queue = await openOne();
      queue.work("ingress", async ({ data }) => data, 1);
      const [first] = (await queue.run("ingress", [{ id: "a", data: [1] }])) as [number[]];
      const [again] = await queue.run("ingress", [{ id: "a", data: null }]);
      expect(again).to.deep.equal([1]);
      expect(first).to.deep.equal([1]);
    });

    it("QUE-1: jobs wait for a worker, and queues do not mix", async () => {
      const queue = await openOne();
      await queue.add("ingress", [{ id: "early", data: "i" }]);
      const both = Promise.all([
        queue.run("ingress", [{ id: "early", data: "unused" }]),
        queue.run("netting", [{ id: "early", data: "n" }]),
      ]);
      queue.work("netting", async ({ data }) => ["netting", data], 1);
      queue.work("ingress", async ({ data }) => ["ingress", data], 1);
      expect(await both).to.deep.equal([[["ingress", "i"]], [["netting", "n"]]]);
      expect(() => queue.work("ingress", async () => null, 1)).to.throw("its worker already");
    });

    it("QUE-1: nothing to do is done at once", async () => {
      const queue = await openOne();
      await queue.add("ingress", []);
      expect(await queue.run("ingress", [])).to.deep.equal([]);
    });

    it("QUE-1: two thousand jobs of many callers all end", async () => {
      const queue = await openOne();
      queue.work("ingress", async ({ data }) => data, 500);
      const callers = Array.from({ length: 20 }, (_, caller) =>
        queue.run(
          "ingress",
          Array.from({ length: 100 }, (_, index) => ({ id: `c${caller}/${index}`, data: index })),
        ),
      );
      const expected = Array.from({ length: 100 }, (_, index) => index);
      for (const results of await Promise.all(callers)) expect(results).to.deep.equal(expected);
      expect(troubles).to.deep.equal([]);
    });

    it("QUE-1: close waits for the jobs under way, and says so to those who wait for others", async () => {
      const queue = await openOne();
      const begun = Promise.withResolvers<null>();
      const go = Promise.withResolvers<null>();
      const calls: string[] = [];
      queue.work(
        "ingress",
        async ({ id }) => {
          calls.push(id);
          begun.resolve(null);
          await go.promise;
          return id;
        },
        1,
      );
      const first = queue.run("ingress", [{ id: "under-way", data: null }]);
      await begun.promise;
      const second = queue.run("ingress", [{ id: "waiting", data: null }]).catch((error) => error);
      let closed = false;
      const closing = queue.close().then(() => {
        closed = true;
      });
      await new Promise(setImmediate);
      expect(closed).to.equal(false);
      go.resolve(null);
      expect(await first).to.deep.equal(["under-way"]);
      await closing;
      expect(await second).to.be.instanceOf(QueueClosedError);
      for (const way of [queue.add, queue.run]) {
        const refusal = await way("ingress", jobs(1)).catch((error: unknown) => error);
        expect(refusal).to.be.instanceOf(QueueClosedError);
      }
      expect(calls).to.deep.equal(["under-way"]);
      await queue.close();
    });
  });
}

/** So many jobs with ids and data that differ. */
export function jobs(count: number): Job[] {
  return Array.from({ length: count }, (_, index) => ({ id: `job-${index}`, data: { index } }));
}

/** A handler that returns what it is given and notes each call. */
export function counting(calls: string[]) {
  return async ({ id, data }: Job): Promise<Json> => {
    calls.push(id);
    return data;
  };
}
