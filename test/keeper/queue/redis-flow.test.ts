/** Flows and rings on a Redis that dies, forgets, and loses single jobs. */
import { once } from "node:events";
import { Worker } from "bullmq";
import { expect } from "chai";
import { Redis } from "ioredis";
import { after, afterEach, before, describe, it } from "mocha";
import { createRedisQueue, type RedisQueueOptions } from "../../../keeper/queue/redis.ts";
import type { Queue, Work } from "../../../keeper/queue/types.ts";
import { flowsOf, STAGES, spell, testFlows } from "./flow.ts";
import { startHolder } from "./holding.ts";
import { redisServer, type TestServer } from "./server.ts";

describe("flows and rings on Redis", function () {
  // The first run on a machine may have to fetch the server.
  this.timeout(120_000);

  let server: TestServer;
  let prefixes = 0;
  const opened: Queue[] = [];

  /** What is silent is looked up soon: most of these tests make something silent. */
  const QUICK = { silenceMs: 500 };

  function open(options: Partial<RedisQueueOptions> = {}): Queue {
    const prefix = `flow-${prefixes++}`;
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
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
  });

  after(() => server.remove());

  testFlows(async (trouble) =>
    createRedisQueue({ url: server.url, prefix: `flow-${prefixes++}`, trouble }),
  );

  for (const data of ["kept", "empty"] as const) {
    for (const fatal of STAGES) {
      it(`QUE-1: flows end though Redis dies in ${fatal} and comes back ${data}`, async () => {
        const queue = open({ answerMs: 1_000, lockMs: 1_000 });
        const dead = Promise.withResolvers<null>();
        let killed = false;
        queue.work(
          "netting",
          async (work) => {
            if (work.stage === fatal && !killed) {
              killed = true;
              await server.kill();
              dead.resolve(null);
            }
            return spell(work);
          },
          3,
        );
        const run = queue.runFlows("netting", flowsOf(10));
        await dead.promise;
        await server.start(data);
        for (const result of await run) expect(result).to.deep.equal(STAGES);
      });
    }
  }

  it("QUE-1: a stage of a worker that was killed is run by another, and the rest after it", async () => {
    const prefix = "killed-flow";
    const queue = open({ prefix, lockMs: 500 });
    const run = queue.runFlows("ingress", flowsOf(1));
    const child = startHolder(server.url, prefix);
    await once(child.stdout as NonNullable<typeof child.stdout>, "data");
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    const seen: Work[] = [];
    queue.work(
      "ingress",
      async (work) => {
        seen.push(work);
        return spell(work);
      },
      1,
    );
    expect(await run).to.deep.equal([STAGES]);
    expect(seen.map(({ stage }) => stage)).to.deep.equal(STAGES);
  });

  it("QUE-1: an end of a flow that was not told is looked up", async () => {
    const prefix = "silent-flow";
    const queue = open({ prefix });
    const connection = { url: server.url, maxRetriesPerRequest: null };
    const silent = new Worker("netting", async ({ name }) => name, { connection, prefix });
    expect(await queue.runFlows("netting", flowsOf(1))).to.deep.equal(["settle"]);
    await silent.close();
  });

  it("QUE-1: a stage that BullMQ has given up is set going again", async () => {
    const prefix = "given-up-flow";
    const queue = open({ prefix });
    const connection = { url: server.url, maxRetriesPerRequest: null };
    const failing = new Worker(
      "netting",
      async (job) => {
        if (job.name !== "solve") return [job.name];
        job.opts.attempts = 1;
        throw new Error("given up");
      },
      { connection, prefix },
    );
    const failed = once(failing as unknown as NodeJS.EventEmitter, "failed");
    const run = queue.runFlows("netting", flowsOf(1));
    await failed;
    await failing.close();
    queue.work("netting", spell, 1);
    expect(await run).to.deep.equal([STAGES]);
  });

  it("QUE-1: a flow goes on though Redis has lost a stage that others wait for", async () => {
    const prefix = "holed-flow";
    const queue = open({ prefix });
    const run = queue.runFlows("netting", flowsOf(1));
    const client = new Redis(server.url);
    const first = "job-0@detect";
    const key = `${prefix}:netting:${first}`;
    while ((await client.exists(key)) === 0) {
      // Each look is a round trip.
    }
    expect(await client.lrem(`${prefix}:netting:wait`, 0, first)).to.equal(1);
    expect(await client.del(key)).to.equal(1);
    client.disconnect();
    queue.work("netting", spell, 1);
    expect(await run).to.deep.equal([STAGES]);
  });

  it("QUE-1: rings go on after Redis has come back with nothing", async () => {
    const queue = open({ answerMs: 1_000, lockMs: 1_000 });
    let wanted = 3;
    let heard = Promise.withResolvers<null>();
    let rings = 0;
    queue.repeat("chain-watch", 20, async () => {
      rings++;
      if (rings === wanted) heard.resolve(null);
    });
    await heard.promise;
    await server.kill();
    await server.start("empty");
    wanted = rings + 3;
    heard = Promise.withResolvers<null>();
    await heard.promise;
  });

  it("QUE-1: rings begin when a Redis that was away is there", async () => {
    await server.kill();
    const troubles: string[] = [];
    const queue = open({ answerMs: 300, trouble: (event) => troubles.push(event) });
    const heard = Promise.withResolvers<null>();
    queue.repeat("chain-watch", 20, async () => heard.resolve(null));
    await server.start("kept");
    await heard.promise;
    expect(troubles).to.include("redis connection");
  });
});
