import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { compareFolders, readWarnings } from "../../scripts/suite/binding.ts";
import { countHardhat } from "../../scripts/suite/hardhat.ts";
import { isGreen, runSuites, totalText } from "../../scripts/suite/run.ts";
import { createTapReader } from "../../scripts/suite/tap.ts";
import type { Count, Outcome, Suite } from "../../scripts/suite/types.ts";

const quiet = () => undefined;
const suite = (name: string, run: () => Promise<Count>): Suite => ({ name, what: "a test", run });
const outcomes = (...suites: readonly Suite[]): Promise<readonly Outcome[]> =>
  runSuites(suites, ".", quiet, quiet);

describe("suites", () => {
  it("are summed in one line", async () => {
    const all = await outcomes(
      suite("a", async () => ({ passed: 3, failed: 0, failures: [] })),
      suite("b", async () => ({ passed: 4, failed: 1, failures: ["x"] })),
    );
    expect(totalText(all)).to.equal("7 passed, 1 failed");
    expect(isGreen(all)).to.equal(false);
  });

  it("count as failed when they throw, and the next one runs all the same", async () => {
    const all = await outcomes(
      suite("a", () => Promise.reject(new Error("broken pipe"))),
      suite("b", async () => ({ passed: 1, failed: 0, failures: [] })),
    );
    expect(totalText(all)).to.equal("1 passed, 1 failed");
    expect(all[0]?.failures[0]).to.include("broken pipe");
  });

  it("run so many at a time, those of one lane one after the other", async () => {
    const events: string[] = [];
    const traced = (name: string, turns: number, lane?: string): Suite => ({
      ...suite(name, async () => {
        events.push(`+${name}`);
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        events.push(`-${name}`);
        return { passed: 1, failed: 0, failures: [] };
      }),
      ...(lane === undefined ? {} : { lane }),
    });
    const list = [
      traced("a", 40, "x"),
      traced("b", 1, "x"),
      traced("c", 20),
      traced("d", 1),
      traced("e", 1),
    ];
    const all = await runSuites(list, ".", quiet, quiet, 2);
    expect(all.map(({ name }) => name)).to.deep.equal(["a", "b", "c", "d", "e"]);
    // While a runs, b must wait and the others pass it by, never more than two at a time.
    expect(events.slice(0, 2)).to.deep.equal(["+a", "+c"]);
    expect(events.indexOf("+b")).to.be.greaterThan(events.indexOf("-a"));
    let open = 0;
    for (const event of events) {
      open += event.startsWith("+") ? 1 : -1;
      expect(open).to.be.at.most(2);
    }
    expect(events).to.have.length(10);
  });

  it("count as failed when they ran nothing, and no suite at all is not green", async () => {
    const all = await outcomes(suite("a", async () => ({ passed: 0, failed: 0, failures: [] })));
    expect(totalText(all)).to.equal("0 passed, 1 failed");
    expect(isGreen([])).to.equal(false);
  });
});

describe("Mocha's report", () => {
  const read = (text: string) => {
    const reader = createTapReader();
    for (const line of text.split("\n")) reader.line(line);
    return reader.finish();
  };

  it("is counted, with what a failure says", () => {
    const count = read(
      "1..2\nok 1 adds\nnot ok 2 subtracts\n  3 is not 4\n    at x\n# tests 2\n# pass 1\n# fail 1",
    );
    expect(count).to.deep.equal({
      passed: 1,
      failed: 1,
      failures: ["subtracts\n  3 is not 4\n    at x"],
    });
  });

  it("counts a skipped test as failed", () => {
    const count = read("1..2\nok 1 adds\nok 2 waits # SKIP -\n# tests 2\n# pass 1\n# fail 0");
    expect(count).to.deep.include({ passed: 1, failed: 1 });
  });

  it("is refused when it breaks off or does not add up", () => {
    expect(read("1..2\nok 1 adds")).to.equal(undefined);
    expect(read("1..2\nok 1 adds\n# tests 2\n# pass 2\n# fail 0")).to.equal(undefined);
  });
});

describe("Hardhat's report", () => {
  it("is counted", () => {
    expect(countHardhat(0, "    ✔ a()\n\n\n  23 passing\n")).to.include({ passed: 23, failed: 0 });
    const failed = countHardhat(1, "  1) b()\n\n  22 passing (3s)\n  1 failing\n\n  1) b: no");
    expect(failed).to.include({ passed: 22, failed: 1 });
    expect(failed.failures[0]).to.include("b: no");
  });

  it("fails when nothing ran, when a test is pending, and when Hardhat says so itself", () => {
    expect(countHardhat(0, "")).to.include({ passed: 0, failed: 1 });
    expect(countHardhat(0, "  2 passing\n  1 pending")).to.include({ passed: 2, failed: 1 });
    expect(countHardhat(1, "  2 passing")).to.include({ passed: 0, failed: 1 });
  });
});

describe("bindings", () => {
  let folder = "";
  const write = (name: string, files: Readonly<Record<string, string>>): string => {
    const root = join(folder, name);
    mkdirSync(root);
    for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
    return root;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "xln-compare-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("differ by content, by a missing and by a left-over file, and not by order", () => {
    const committed = write("committed", { a: "1\n2", b: "1", gone: "" });
    const generated = write("generated", { a: "2\n1", b: "2", fresh: "" });
    expect([...compareFolders(committed, generated)].sort()).to.deep.equal([
      "differs: b",
      "is missing: fresh",
      "is no longer generated: gone",
    ]);
  });

  it("are of contracts of which the compiler says nothing, or it is told", () => {
    const warned = [{ formattedMessage: "Warning: Unused local variable." }];
    const builds = write("builds", {
      "a.json": JSON.stringify({ input: {} }),
      "a.output.json": JSON.stringify({ output: { contracts: {} } }),
      "b.output.json": JSON.stringify({ output: { contracts: {}, errors: warned } }),
    });
    expect(readWarnings(builds)).to.deep.equal(["Warning: Unused local variable."]);
    expect(() => readWarnings(write("none", {}))).to.throw("no output of the compiler");
  });
});
