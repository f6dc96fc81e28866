/** What every queue does with work in stages, and with rings: the other half of its contract. */
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { QueueClosedError } from "../../../keeper/queue/job.ts";
import type { Flow, Json, Queue, Work } from "../../../keeper/queue/types.ts";
import { jobs, type Open } from "./contract.ts";

export const STAGES = ["detect", "solve", "prepare", "commit", "settle"] as const;

export function flowsOf(count: number): Flow[] {
  return jobs(count).map((job) => ({ ...job, stages: STAGES }));
}

/** Each stage adds its name to what the one before returned. */
export async function spell({ stage, before }: Work): Promise<Json> {
  return [...((before ?? []) as string[]), `${stage}`];
}

export function testFlows(open: Open): void {
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

  describe("runs flows as every queue does", () => {
    it("QUE-1: stages run in their order, each with what the one before returned", async () => {
      const queue = await openOne();
      const seen: Work[] = [];
      queue.work(
        "netting",
        async (work) => {
          seen.push(work);
          return spell(work);
        },
        4,
      );
      const [flow] = flowsOf(1) as [Flow];
      expect(await queue.runFlows("netting", [flow])).to.deep.equal([[...STAGES]]);
      expect(seen).to.deep.equal(
        STAGES.map((stage, index) => ({
          id: flow.id,
          data: flow.data,
          stage,
          before: index === 0 ? null : STAGES.slice(0, index),
        })),
      );
      expect(troubles).to.deep.equal([]);
    });

    it("QUE-1: a flow that is known returns the first one's result and runs once", async () => {
      const queue = await openOne();
      const calls: string[] = [];
      queue.work(
        "netting",
        async ({ stage, data }) => {
          calls.push(`${stage}`);
          return data;
        },
        4,
      );
      const flow = (id: string, data: Json): Flow => ({ id, data, stages: ["one", "two"] });
      const together = await Promise.all([
        queue.runFlows("netting", [flow("a", 1)]),
        queue.runFlows("netting", [flow("a", 2)]),
      ]);
      const again = await queue.runFlows("netting", [flow("a", 3), flow("b", 4)]);
      expect([together, again]).to.deep.equal([
        [[1], [1]],
        [1, 4],
      ]);
      expect(calls).to.deep.equal(["one", "two", "one", "two"]);
      expect(await queue.runFlows("netting", [])).to.deep.equal([]);
    });

    it("QUE-1: a stage that throws is asked again, those before it are not", async () => {
      const queue = await openOne();
      const calls: string[] = [];
      queue.work(
        "netting",
        async (work) => {
          calls.push(`${work.stage}`);
          if (calls.length === 2 || calls.length === 3) throw new Error("not yet");
          return spell(work);
        },
        1,
      );
      const flow = { id: "stubborn", data: null, stages: ["one", "two", "three"] };
      expect(await queue.runFlows("netting", [flow])).to.deep.equal([["one", "two", "three"]]);
      expect(calls).to.deep.equal(["one", "two", "two", "two", "three"]);
      const told = "job tried again: stubborn@two: Error: not yet";
      expect(troubles).to.deep.equal([told, told]);
    });

    it("QUE-1: a stage that waits for another keeps nobody from working", async () => {
      const queue = await openOne();
      let runs = 0;
      queue.work(
        "netting",
        async (work) => {
          runs++;
          return spell(work);
        },
        1,
      );
      const results = await queue.runFlows("netting", flowsOf(20));
      for (const result of results) expect(result).to.deep.equal(STAGES);
      expect(runs).to.equal(20 * STAGES.length);
    });

    it("QUE-1: a job and a flow of one id are two things", async () => {
      const queue = await openOne();
      queue.work("netting", async ({ stage }) => stage, 2);
      const flow = { id: "same", data: null, stages: ["one"] };
      const both = [
        await queue.run("netting", [{ id: "same", data: null }]),
        await queue.runFlows("netting", [flow]),
      ];
      expect(both).to.deep.equal([[null], ["one"]]);
    });

    for (const stages of [[], ["one", "one"], ["One"], ["a b"], [""], ["x".repeat(41)]]) {
      it(`QUE-1: refuses the stages ${JSON.stringify(stages).slice(0, 20)}`, async () => {
        const queue = await openOne();
        const flow = { id: "flow", data: null, stages };
        const refusal = await queue.runFlows("netting", [flow]).catch((error: unknown) => error);
        expect(refusal).to.be.instanceOf(RangeError);
        const badId = await queue
          .runFlows("netting", [{ ...flow, id: "a@b", stages: ["one"] }])
          .catch(String);
        expect(badId).to.contain('"a@b"');
      });
    }

    it("QUE-1: close waits for the stage under way; the flow's caller is told", async () => {
      const queue = await openOne();
      const begun = Promise.withResolvers<null>();
      const go = Promise.withResolvers<null>();
      const calls: string[] = [];
      queue.work(
        "netting",
        async (work) => {
          calls.push(`${work.stage}`);
          begun.resolve(null);
          await go.promise;
          return spell(work);
        },
        1,
      );
      const run = queue.runFlows("netting", flowsOf(1)).catch((error: unknown) => error);
      await begun.promise;
      const closing = queue.close();
      go.resolve(null);
      await closing;
      expect(await run).to.be.instanceOf(QueueClosedError);
      expect(calls).to.deep.equal(["detect"]);
      const late = await queue.runFlows("netting", flowsOf(1)).catch((error: unknown) => error);
      expect(late).to.be.instanceOf(QueueClosedError);
    });
  });

  describe("rings as every queue does", () => {
    it("QUE-1: rings again and again, one ring at a time, and after one that failed", async () => {
      const queue = await openOne();
      const enough = Promise.withResolvers<null>();
      let rings = 0;
      let running = 0;
      let most = 0;
      queue.repeat("chain-watch", 20, async () => {
        rings++;
        running++;
        most = Math.max(most, running);
        // Others could begin here if they were let in.
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        running--;
        if (rings === 3) throw new Error("the node is away");
        if (rings === 8) enough.resolve(null);
      });
      await enough.promise;
      expect(most).to.equal(1);
      expect(troubles).to.deep.equal(["ring failed: chain-watch: Error: the node is away"]);
    });

    it("QUE-1: close waits for the ring under way, and none comes after it", async () => {
      const queue = await openOne();
      const begun = Promise.withResolvers<null>();
      const go = Promise.withResolvers<null>();
      let ended = 0;
      queue.repeat("checkpoint", 10, async () => {
        begun.resolve(null);
        await go.promise;
        ended++;
      });
      await begun.promise;
      const closing = queue.close();
      go.resolve(null);
      await closing;
      expect(ended).to.equal(1);
      const other = await openOne();
      const rings = Promise.withResolvers<null>();
      let count = 0;
      other.repeat("checkpoint", 10, async () => {
        if (++count === 3) rings.resolve(null);
      });
      await rings.promise;
      expect(ended).to.equal(1);
    });

    it("QUE-1: a queue is worked or rung, once", async () => {
      const queue = await openOne();
      queue.repeat("checkpoint", 1_000, async () => undefined);
      queue.work("ingress", async () => null, 1);
      const twice = "its worker already";
      expect(() => queue.work("checkpoint", async () => null, 1)).to.throw(twice);
      expect(() => queue.repeat("ingress", 1_000, async () => undefined)).to.throw(twice);
    });
  });
}
