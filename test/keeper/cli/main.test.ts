import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { CommanderError } from "commander";
import { describe, it } from "mocha";
import { asFailure, Failure, failureDocument, failureText } from "../../../keeper/cli/failure.ts";
import { documentText, tableText } from "../../../keeper/cli/output.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const xln = (...words: readonly string[]) =>
  spawnSync(process.execPath, [join(root, "keeper/cli/main.ts"), ...words], { encoding: "utf8" });

describe("the command line", () => {
  it("prints help on standard output, with and without being asked", () => {
    for (const words of [[], ["--help"], ["arch", "--help"]]) {
      const { status, stdout, stderr } = xln(...words);
      expect([status, stderr]).to.deep.equal([0, ""]);
      expect(stdout).to.include("Usage: xln");
    }
  });

  it("exits with 2 for an unknown command, option, or suite, without a stack", () => {
    for (const words of [["fly"], ["arch", "--fast"], ["test", "fly"], ["net"]]) {
      const { status, stdout, stderr } = xln(...words);
      expect([status, stdout]).to.deep.equal([2, ""]);
      expect(stderr)
        .to.match(/^xln: /)
        .and.not.match(/\n {4}at /);
      const asked = xln(...words, "--json");
      expect(asked.status).to.equal(2);
      const { schema, error } = JSON.parse(asked.stdout);
      expect(schema).to.equal(1);
      expect(Object.keys(error)).to.deep.equal([
        "code",
        "message",
        "file",
        "line",
        "column",
        "fix",
      ]);
      expect(asked.stderr).to.include(error.message);
    }
  });

  it("knows its version", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(xln("--version").stdout).to.equal(`${version}\n`);
  });
});

describe("a failure", () => {
  it("is a document with null where a field does not apply, and a line to jump to", () => {
    const failure = new Failure("row-broken", "expected delta", "write an integer", {
      file: "a.csv",
      line: 3,
      column: 7,
    });
    expect(failureText(failure)).to.equal(
      "xln: a.csv:3:7: expected delta\n  fix: write an integer",
    );
    expect(failureDocument(new Failure("broken", "it is")).error).to.deep.equal({
      code: "broken",
      message: "it is",
      file: null,
      line: null,
      column: null,
      fix: null,
    });
  });

  it("is read from the parser and from the file system, and from nothing else", () => {
    const parser = new CommanderError(1, "commander.unknownOption", "error: unknown option '-x'");
    expect(asFailure(parser)).to.include({
      code: "unknown-option",
      message: "unknown option '-x'",
    });
    const missing = Object.assign(new Error("ENOENT"), { code: "ENOENT", path: "a.csv" });
    expect(asFailure(missing)).to.deep.include({ code: "file-missing", place: { file: "a.csv" } });
    expect(asFailure(new TypeError("our bug"))).to.equal(undefined);
    expect(asFailure("thrown")).to.equal(undefined);
  });
});

describe("output", () => {
  it("prints money as decimal strings and the schema first", () => {
    expect(documentText({ gross: 2n ** 100n, count: 3 })).to.equal(
      '{"schema":1,"gross":"1267650600228229401496703205376","count":3}',
    );
  });

  it("sets numbers to the right and text to the left", () => {
    const rows = [
      ["a", 5],
      ["longer", 1_000n],
    ] as const;
    expect(
      tableText(
        ["name", "count"],
        rows.map((row) => [...row]),
      ).split("\n"),
    ).to.deep.equal(["name    count", "──────  ─────", "a           5", "longer   1000"]);
  });
});
