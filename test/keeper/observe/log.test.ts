import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createLog, type LogOptions } from "../../../keeper/observe/log.ts";
import { fileSink, wordsOf } from "../../../keeper/observe/sink.ts";
import type { Fields, Level, Log } from "../../../keeper/observe/types.ts";

function capture(more: Partial<LogOptions> = {}): {
  readonly log: Log;
  readonly lines: Record<string, unknown>[];
} {
  const lines: Record<string, unknown>[] = [];
  const sink = {
    write: (line: string) => {
      lines.push(JSON.parse(line));
    },
    dropped: () => 0,
    close: () => undefined,
  };
  return { log: createLog({ level: "info" as Level, sink, ...more }), lines };
}

describe("log", () => {
  it("writes one JSON line an event, with the child's fields and exact money", () => {
    const { log, lines } = capture();
    log.child({ keeper: "hub" }).write("warn", "frame refused", { amount: 2n ** 100n, count: 3 });
    const { time, ...rest } = lines[0] as Record<string, unknown>;
    expect(time).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(rest).to.deep.equal({
      level: "warn",
      event: "frame refused",
      keeper: "hub",
      amount: "1267650600228229401496703205376",
      count: 3,
    });
  });

  it("leaves out what is below its level", () => {
    const { log, lines } = capture();
    log.write("debug", "hidden");
    log.write("error", "shown");
    expect(lines.map(({ event }) => event)).to.deep.equal(["shown"]);
  });

  it("shows no secret: not by name, not in a URL, not by its text, not as bytes", () => {
    const { log, lines } = capture({ secrets: ["hunter2"] });
    const fields = {
      privateKey: `0x${"ab".repeat(32)}`,
      redisPassword: "p",
      url: `redis://user:${"p4ss"}@127.0.0.1:6379/0`,
      text: "the word is hunter2.",
      bytes: new Uint8Array([1, 2, 3]),
    } as unknown as Fields;
    log.child(fields).write("info", `hunter2 at redis://x:${"y"}@host`, fields);
    const text = JSON.stringify(lines);
    for (const secret of ["abab", "p4ss", "hunter2", "x:y@", "[1,2,3]", '"p"']) {
      expect(text).not.to.contain(secret);
    }
    expect(lines[0]?.url).to.equal("redis://[secret]@127.0.0.1:6379/0");
  });

  it("keeps its own names, and a line on one line", () => {
    const { log, lines } = capture();
    log.write("info", "two\nlines", { level: "x", time: "y", event: "z", long: "a".repeat(5000) });
    expect(lines[0]).to.include({ level: "info", event: "two\nlines", level_: "x", event_: "z" });
    expect(String(lines[0]?.long).length).to.be.lessThan(2100);
  });

  it("tells people in words, without control characters", () => {
    const line = JSON.stringify({
      time: "2026-01-02T03:04:05.678Z",
      level: "info",
      event: "two\nlines\u001b[31m",
      height: 7,
    });
    expect(wordsOf(line)).to.equal("03:04:05.678 info  two·lines·[31m height=7\n");
  });

  it("keeps a file below its bound and a bounded number of older ones", () => {
    const folder = mkdtempSync(join(tmpdir(), "xln-log-"));
    try {
      const path = join(folder, "keeper.log");
      const sink = fileSink({ path, maxBytes: 1000, keep: 2 });
      const log = createLog({ level: "info", sink });
      for (let count = 0; count < 100; count++) log.write("info", "tick", { count });
      sink.close();
      expect(readdirSync(folder).sort()).to.deep.equal([
        "keeper.log",
        "keeper.log.1",
        "keeper.log.2",
      ]);
      const texts = [`${path}.2`, `${path}.1`, path].map((file) => readFileSync(file, "utf8"));
      for (const text of texts) expect(text.length).to.be.lessThanOrEqual(1000);
      const counts = texts.join("").trim().split("\n");
      const numbers = counts.map((line) => (JSON.parse(line) as { count: number }).count);
      expect(numbers.at(-1)).to.equal(99);
      expect(numbers).to.deep.equal(numbers.map((_, index) => (numbers[0] as number) + index));
      expect(statSync(path).mode & 0o777).to.equal(0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("does not stop the keeper when a line cannot be written", () => {
    const folder = mkdtempSync(join(tmpdir(), "xln-log-"));
    const sink = fileSink({ path: join(folder, "keeper.log") });
    sink.close();
    createLog({ level: "info", sink }).write("info", "lost");
    expect(sink.dropped()).to.equal(1);
    rmSync(folder, { recursive: true });
  });
});
