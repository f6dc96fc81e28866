import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Worker } from "bullmq";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { createRedisQueue, type RedisQueueOptions } from "../../../keeper/queue/redis.ts";
import type { Queue } from "../../../keeper/queue/types.ts";
import { counting, jobs, testContract } from "./contract.ts";
import { startHolder } from "./holding.ts";
import { redisServer, type TestServer } from "./server.ts";

describe("the queue on Redis", function () {
  // The first run on a machine may have to fetch the server.
  this.timeout(120_000);

  const printed: string[] = [];
  const write = process.stderr.write;
  let server: TestServer;
  let prefixes = 0;
  const opened: Queue[] = [];

  /** What is silent is looked up soon: most of these tests make something silent. */
  const QUICK = { silenceMs: 500 };

  function open(options: Partial<RedisQueueOptions> = {}): Queue {
    const prefix = `test-${prefixes++}`;
    const queue = createRedisQueue({
      url: server.url,
      prefix,
      trouble: () => {},
      ...QUICK,
      ...options,
    });
    opened.push(queue);
    return queue;
  }

  before(async () => {
    server = await redisServer();
    await server.start("kept");
    // Warnings of leaks and what libraries print end up here.
    process.stderr.write = (text: string | Uint8Array) => {
      printed.push(String(text));
      return true;
    };
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
  });

  after(async () => {
    await server.remove();
    process.stderr.write = write;
    expect(printed).to.deep.equal([]);
  });

  describe("as every queue", () => {
    testContract(async (trouble) =>
      createRedisQueue({ url: server.url, prefix: `test-${prefixes++}`, trouble }),
    );
  });

  for (const data of ["kept", "empty"] as const) {
    it(`QUE-1: all jobs end though Redis is killed and comes back ${data}`, async () => {
      const middle = Promise.withResolvers<null>();
      const seen = new Set<string>();
      const queue = open({ answerMs: 1_000, lockMs: 1_000 });
      queue.work(
        "ingress",
        async ({ id, data: input }) => {
          seen.add(id);
          if (seen.size === 150) middle.resolve(null);
          return input;
        },
        10,
      );
      const run = queue.run("ingress", jobs(600));
      await middle.promise;
      await server.kill();
      const later = queue.run("ingress", [{ id: "asked-while-away", data: 1 }]);
      await server.start(data);
      expect(await run).to.deep.equal(jobs(600).map((job) => job.data));
      expect(await later).to.deep.equal([1]);
    });
  }

  it("QUE-1: starts while Redis is away, and an add says so soon", async () => {
    await server.kill();
    const troubles: string[] = [];
    const queue = open({ answerMs: 300, trouble: (event) => troubles.push(event) });
    const calls: string[] = [];
    queue.work("ingress", counting(calls), 2);
    const refusal = await queue.add("ingress", jobs(1)).catch((error: unknown) => error);
    expect(String(refusal)).to.contain("asking again does no harm");
    const run = queue.run("ingress", jobs(5));
    await server.start("kept");
    expect(await run).to.deep.equal(jobs(5).map(({ data }) => data));
    expect(calls.toSorted()).to.deep.equal(jobs(5).map(({ id }) => id));
    expect(troubles).to.include("redis connection");
  });

  it("QUE-1: an add fails soon when Redis goes away", async () => {
    const queue = open({ answerMs: 1_000 });
    await queue.add("ingress", jobs(1));
    await server.kill();
    const refusal = await queue.add("ingress", jobs(2)).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(Error);
    await server.start("kept");
    queue.work("ingress", async ({ data }) => data, 1);
    expect(await queue.run("ingress", jobs(2))).to.deep.equal(jobs(2).map(({ data }) => data));
  });

  it("QUE-1: closes while Redis is away, after the jobs under way", async () => {
    const queue = open({ answerMs: 300 });
    const begun = Promise.withResolvers<null>();
    const go = Promise.withResolvers<null>();
    let ended = false;
    queue.work(
      "ingress",
      async () => {
        begun.resolve(null);
        await go.promise;
        ended = true;
        return null;
      },
      1,
    );
    const run = queue.run("ingress", jobs(1)).catch((error: unknown) => error);
    await begun.promise;
    await server.kill();
    const closing = queue.close();
    go.resolve(null);
    await closing;
    expect(ended).to.equal(true);
    expect(await run).to.be.instanceOf(Error);
    await server.start("kept");
  });

  it("QUE-2: two workers share the jobs of one queue", async () => {
    const prefix = "shared";
    const both = Promise.withResolvers<null>();
    const at = [0, 0];
    const queues = at.map((_, index) => {
      const queue = open({ prefix });
      queue.work(
        "ingress",
        async ({ data }) => {
          at[index] = (at[index] ?? 0) + 1;
          // The first job of each ends only when the other has one, too.
          if (at.every((count) => count > 0)) both.resolve(null);
          await both.promise;
          return data;
        },
        1,
      );
      return queue;
    });
    const runs = await Promise.all(queues.map((queue) => queue.run("ingress", jobs(50))));
    expect(runs[0]).to.deep.equal(runs[1]);
    expect((at[0] ?? 0) + (at[1] ?? 0)).to.equal(50);
  });

  it("QUE-2: networks that share a Redis do not meet", async () => {
    const [one, two] = [open(), open()];
    one.work("ingress", async () => "one", 1);
    two.work("ingress", async () => "two", 1);
    const job = [{ id: "same", data: null }];
    expect(await one.run("ingress", job)).to.deep.equal(["one"]);
    expect(await two.run("ingress", job)).to.deep.equal(["two"]);
  });

  it("QUE-1: a job of a worker that was killed is run by another", async () => {
    const prefix = "killed";
    const queue = open({ prefix, lockMs: 500 });
    const run = queue.run("ingress", [{ id: "held", data: 1 }]);
    const child = startHolder(server.url, prefix);
    await once(child.stdout as NonNullable<ChildProcess["stdout"]>, "data");
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    queue.work("ingress", async ({ data }) => ["after", data], 1);
    expect(await run).to.deep.equal([["after", 1]]);
  });

  it("QUE-1: an end that was not told is looked up", async () => {
    const prefix = "silent";
    const queue = open({ prefix });
    const connection = { url: server.url, maxRetriesPerRequest: null };
    const silent = new Worker("ingress", async ({ data }) => [data], { connection, prefix });
    expect(await queue.run("ingress", [{ id: "untold", data: 1 }])).to.deep.equal([[1]]);
    await silent.close();
  });

  it("QUE-1: a job that BullMQ has given up is put in again", async () => {
    const prefix = "given-up";
    const queue = open({ prefix });
    const connection = { url: server.url, maxRetriesPerRequest: null };
    const failing = new Worker(
      "ingress",
      async (job) => {
        job.opts.attempts = 1;
        throw new Error("given up");
      },
      { connection, prefix },
    );
    const failed = once(failing as unknown as NodeJS.EventEmitter, "failed");
    const run = queue.run("ingress", [{ id: "again", data: 1 }]);
    await failed;
    await failing.close();
    queue.work("ingress", async () => "done", 1);
    expect(await run).to.deep.equal(["done"]);
  });
});
