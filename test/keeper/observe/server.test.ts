import { request } from "node:http";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { createMetrics } from "../../../keeper/observe/metrics.ts";
import { type HealthServer, startHealth } from "../../../keeper/observe/server.ts";
import type { Health, Metrics } from "../../../keeper/observe/types.ts";

describe("metrics", () => {
  it("prints counters, gauges and histograms as Prometheus reads them", () => {
    const metrics = createMetrics();
    const ticks = metrics.counter("xln_ticks_total", "Ticks taken.");
    ticks.add();
    ticks.add(2, { keeper: 'a"b\\c\n' });
    metrics.gauge("xln_peers", "Peers.").set(3);
    metrics.measured("xln_height", "Height.", () => 12);
    const seconds = metrics.histogram("xln_tick_seconds", "Time of a tick.", [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value);
    expect(metrics.text()).to.equal(
      [
        "# HELP xln_ticks_total Ticks taken.",
        "# TYPE xln_ticks_total counter",
        "xln_ticks_total 1",
        'xln_ticks_total{keeper="a\\"b\\\\c\\n"} 2',
        "# HELP xln_peers Peers.",
        "# TYPE xln_peers gauge",
        "xln_peers 3",
        "# HELP xln_height Height.",
        "# TYPE xln_height gauge",
        "xln_height 12",
        "# HELP xln_tick_seconds Time of a tick.",
        "# TYPE xln_tick_seconds histogram",
        'xln_tick_seconds_bucket{le="0.1"} 2',
        'xln_tick_seconds_bucket{le="1"} 3',
        'xln_tick_seconds_bucket{le="+Inf"} 4',
        "xln_tick_seconds_sum 7.65",
        "xln_tick_seconds_count 4",
        "",
      ].join("\n"),
    );
  });

  it("gives the same metric for the same name, and refuses to make it another", () => {
    const metrics = createMetrics();
    metrics.counter("a_total", "A.").add();
    metrics.counter("a_total", "A.").add();
    expect(metrics.text()).to.contain("a_total 2");
    expect(() => metrics.gauge("a_total", "A.")).to.throw("one kind");
    expect(() => metrics.counter("b", "B.")).to.throw("_total");
    expect(() => metrics.gauge("B-", "B.")).to.throw("name");
    expect(() => metrics.counter("a_total", "A.").add(-1)).to.throw("only rises");
  });
});

describe("health page", () => {
  let server: HealthServer;
  let health: Health;
  let metrics: Metrics;

  beforeEach(async () => {
    metrics = createMetrics();
    health = {
      ok: true,
      height: 5,
      chainHead: 9,
      chainFinal: 7,
      peers: 2,
      queue: "memory",
      faults: [],
    };
    server = await startHealth({ port: 0, health: () => health, metrics });
  });

  afterEach(() => server.close());

  const get = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, init);

  it("says 200 with the health while all is well, and 503 with the faults otherwise", async () => {
    const well = await get("/health");
    expect(well.status).to.equal(200);
    expect(await well.json()).to.deep.equal(health);
    health = { ...health, ok: false, faults: ["the node does not answer"] };
    const ill = await get("/health");
    expect(ill.status).to.equal(503);
    expect(await ill.json()).to.deep.include({ faults: ["the node does not answer"] });
  });

  it("gives the metrics, and nothing else", async () => {
    metrics.counter("x_total", "X.").add(4);
    const page = await get("/metrics?x=1");
    expect(page.headers.get("content-type")).to.contain("version=0.0.4");
    expect(await page.text()).to.contain("x_total 4");
    expect((await get("/")).status).to.equal(404);
    expect((await get("/health", { method: "POST" })).status).to.equal(405);
    expect(await (await get("/health", { method: "HEAD" })).text()).to.equal("");
  });

  it("answers only to a name of this machine", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: "evil.example" };
      const asked = request({ port: server.port, host: "127.0.0.1", path: "/health", headers });
      asked.on("response", (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
      asked.end();
    });
    expect(status).to.equal(403);
  });

  it("a port that is taken is an error", async () => {
    const error = await startHealth({ port: server.port, health: () => health, metrics }).then(
      () => undefined,
      (thrown: NodeJS.ErrnoException) => thrown.code,
    );
    expect(error).to.equal("EADDRINUSE");
  });
});
