import { expect } from "chai";
import { describe, it } from "mocha";
import { type File, makeProject } from "../../scripts/tidy/project.ts";
import { rules } from "../../scripts/tidy/rules.ts";

const attacks = (rules: string, tests: string) => `## Attacks\n\n| it | ${rules} | ${tests} |\n`;

/** A project that breaks no rule; a test plants one file in it. */
const clean: readonly File[] = [
  file("keeper/README.md", "Owns `account/step.ts`; see `./xln net`."),
  file("keeper/account/README.md", ""),
  file("keeper/cli/README.md", ""),
  file("keeper/cli/net.ts", 'program.command("net").option("--json");'),
  file("test/README.md", ""),
  file("test/keeper/account.test.ts", 'it("ACC-1: one frame in flight", () => check());'),
  file("keeper/account/step.ts", 'import { assert } from "../base/assert.ts";'),
  ...["types", "codec", "input", "effect"].map((name) => file(`keeper/account/${name}.ts`, "")),
  file("DESIGN.md", "- **ACC-1** One own frame in flight.\n- **DEP-1** Tokens."),
  file("package.json", '{ "dependencies": { "lmdb": "3.5.6" } }'),
  file("package-lock.json", '{ "packages": { "": { "dependencies": { "lmdb": "3.5.6" } } } }'),
  file(".adr/0002-dependencies.md", "| `lmdb` | why | MIT |"),
  file("scripts/README.md", ""),
  file("scripts/plant/attack.ts", '    red: "test_DEP1_Red",'),
  file("test/contract/README.md", attacks("DEP-1", "`test_DEP1_Red`")),
  file("test/contract/solidity/A.t.sol", "function test_DEP1_Red() {}"),
];

const long = (count: number, line: string) => `${Array(count).fill(line).join("\n")}\n`;
const hex = (seed: string) => seed.repeat(64 / seed.length);

/** What each rule finds: the planted file, which replaces one of the same path. */
const planted: readonly (readonly [rule: string, path: string, text: string, found: string])[] = [
  ["floors", "keeper/base/a.ts", 'import type { X } from "../codec/a.ts";', "base may not import"],
  ["floors", "keeper/base/a.ts", 'import { readFileSync } from "node:fs";', "node:fs"],
  [
    "floors",
    "keeper/account/a.ts",
    'const a = await import("viem");',
    "account may not import viem",
  ],
  ["floors", "keeper/account/a.ts", 'export { a } from "../store/a.ts";', "may not import store"],
  ["floors", "keeper/store/a.ts", 'import "../wire/a.ts";', "store may not import wire"],
  ["floors", "keeper/store/a.ts", 'import "../cli/a.ts";', "store may not import cli"],
  ["floors", "keeper/plan/a.ts", 'import "../../typechain-types/A.ts";', "typechain-types"],
  ["floors", "keeper/plan/a.ts", 'import "../../scripts/tidy.ts";', "plan may not import scripts"],
  ["floors", "keeper/bazaar/a.ts", "", "no floor owns this file"],
  ["machines", "keeper/entity/step.ts", "", "has no types.ts"],
  ["file-length", "keeper/base/a.ts", long(401, "a();"), "401 lines"],
  ["file-length", "contracts/A.sol", long(401, "// a"), "401 lines"],
  ["errors-explained", "contracts/interface/IA.sol", "\n    error Bad(uint256 a);", "lacks Bad"],
  ["errors-tested", "contracts/interface/IA.sol", "\n    error Bad(uint256 a);", "expects Bad"],
  ["errors-tested", "contracts/interface/IA.sol", "\n    error Bad(uint256 a);", "throws Bad"],
  ["trust-shown", "contracts/README.md", "**T-1** Nobody owns it.", "without a test"],
  ["trust-shown", "contracts/README.md", "**T-1** So. `test_DEP1_A`", "no test is called"],
  ["attacks-shown", "test/contract/README.md", attacks("DEP-1", "`test_DEP1_B`"), "is called"],
  ["attacks-shown", "test/contract/README.md", attacks("ACC-1", "`test_DEP1_Red`"), "cites ACC-1"],
  ["attacks-shown", "test/contract/README.md", attacks("DEP-1", "`test_DEP1_B`"), "turns it red"],
  ["attacks-shown", "scripts/plant/attack.ts", '    red: "test_DEP1_C",', "names test_DEP1_C"],
  [
    "function-length",
    "keeper/base/a.ts",
    `export function f(x: { a: 1 }): { b: 2 } {\n${long(69, "a();")}}\n`,
    "a function of 71 lines",
  ],
  ["function-length", "keeper/base/a.ts", `const f = () => {\n${long(69, "a();")}};`, "71 lines"],
  ["function-length", "contracts/A.sol", `function f() external {\n${long(69, "a();")}}`, "71"],
  ["line-length", "keeper/base/a.ts", `// ${"é".repeat(98)}`, "101 characters"],
  ["words", "keeper/base/a.ts", "// TODO: later", 'the word "TODO"'],
  ["words", "README.md", "It does nothing for now.", 'the word "for now"'],
  ["words", "contracts/A.sol", "// a Stub of it", 'the word "Stub"'],
  ["names", "keeper/base/utils.ts", "", 'the name "utils"'],
  ["names", "keeper/store/checkpointManager.ts", "", 'the name "Manager"'],
  ["names", "keeper/common/README.md", "", 'the name "common"'],
  ["calls", "scripts/a.ts", "const x = Math.random();", "Math.random"],
  ["calls", "keeper/base/a.ts", "const now = Date.now();", "time is an input"],
  ["calls", "keeper/plan/a.ts", "const now = new Date();", "time is an input"],
  ["calls", "keeper/plan/a.ts", "const url = process.env.URL;", "sees no environment"],
  ["calls", "keeper/plan/a.ts", "setTimeout(f, 1);", "does nothing by itself"],
  ["calls", "keeper/cli/a.ts", "try { f(); } catch { /* fine */ }", "an empty catch"],
  ["calls", "keeper/cli/a.ts", "// @ts-ignore", "turns the checker off"],
  ["calls", "keeper/cli/a.ts", "f(x as any);", "turns the checker off"],
  ["calls", "test/a.test.ts", "it.only('a', f);", "every test runs"],
  ["calls", "test/a.test.ts", "describe.skip('a', f);", "every test runs"],
  ["calls", "test/a.test.ts", "await new Promise((f) => setTimeout(f, 9));", "not for time"],
  ["calls", "test/a.test.ts", 'import { setTimeout } from "node:timers/promises";', "not sleep"],
  ["secrets", "keeper/cli/a.ts", `const privateKey = "0x${hex("5a3c")}";`, "a private key"],
  ["secrets", "README.md", `-----BEGIN EC ${"PRIVATE"} KEY-----`, "a private key"],
  ["secrets", "keeper/cli/a.ts", '"redis://user:hunter2@example.org"', "a password"],
  ["paths", "keeper/cli/a.ts", `const data = "${["", "home", "alice", "x"].join("/")}";`, "alice"],
  ["paths", "README.md", `run it in ${["", "Users", "alice"].join("/")}`, "one machine"],
  ["stale-paths", "keeper/README.md", "See `keeper/account/gone.ts`.", "does not exist"],
  ["stale-paths", "keeper/README.md", "See [that](cli/gone.md).", "does not exist"],
  ["stale-commands", "README.md", "Run `./xln fly` now.", "./xln fly"],
  ["stale-commands", "README.md", "    ./xln net a.csv --fast", "--fast"],
  ["readme", "keeper/wire/wire.ts", "", "has no README.md"],
  ["rules-tested", "DESIGN.md", "- **ACC-1** One.\n- **ACC-2** Two.", "no test cites ACC-2"],
  ["rules-listed", "test/a.test.ts", 'it("DEP-9: unheard of", f);', "does not list DEP-9"],
  ["rules-listed", "contracts/A.t.sol", "function test_ENT9_X() {}", "does not list ENT-9"],
  ["pins", "package.json", '{ "dependencies": { "lmdb": "^3.5.6" } }', "not pinned"],
  ["pins", "package.json", '{ "dependencies": { "lmdb": "3.5.7" } }', "the lock file says 3.5.6"],
  ["reasons", ".adr/0002-dependencies.md", "", "no line for lmdb"],
  ["reasons", ".adr/0002-dependencies.md", "| `lmdb` | a |\n| `ox` | b |", "ox is no dependency"],
  ["declared", "scripts/a.ts", 'import { x } from "left-pad/x";', "left-pad is not declared"],
];

/** What looks like a violation and is none. */
const innocent: readonly (readonly [path: string, text: string])[] = [
  ["keeper/base/a.ts", `import { ${"a".repeat(90)} } from "./very-long.ts";`],
  ["keeper/base/a.ts", '// It reads "../store/a.ts" from "node:fs".\nconst s = `from "viem"`;'],
  ["keeper/base/a.ts", "const pattern = /\\/\\* Math.random() {/; const half = a / b / c;"],
  ["keeper/base/a.ts", "const point = updateDate(state.process.id); // new Date()"],
  ["test/a.test.ts", `describe("a", () => {\n${long(90, "a();")}});`],
  [
    "keeper/base/a.ts",
    `function f() {\n  function g() {\n${long(60, "a();")}  }\n${long(40, "g();")}}`,
  ],
  ["test/a.test.ts", 'it("reads ERC-20 and EIP-712", () => Buffer.from("lodash"));'],
  ["keeper/cli/a.ts", `const hash = "0x${hex("5a3c")}";`],
  ["keeper/cli/a.ts", `const privateKey = "0x${hex("01")}";`],
  [
    "keeper/cli/a.ts",
    'const privateKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";',
  ],
  [
    "README.md",
    "See https://example.org/home/page and `.xln/tmp/a`; `./xln hardhat node --port 1`",
  ],
];

function file(path: string, text: string): File {
  return { path, text };
}

function plant(path: string, text: string): ReadonlyMap<string, readonly string[]> {
  const project = makeProject([...clean.filter((one) => one.path !== path), file(path, text)]);
  return new Map(
    rules.map((rule) => [
      rule.name,
      rule.check(project).map((one) => `${one.path}:${one.line}: ${one.message}`),
    ]),
  );
}

describe("tidy", () => {
  it("finds nothing in a clean project", () => {
    const project = makeProject(clean);
    expect(rules.flatMap((rule) => rule.check(project))).to.deep.equal([]);
  });

  it("has a planted violation for every rule", () => {
    const covered = new Set(planted.map(([rule]) => rule));
    expect(rules.map((rule) => rule.name).filter((name) => !covered.has(name))).to.deep.equal([]);
  });

  for (const [rule, path, text, found] of planted) {
    it(`${rule}: sees "${found}" in ${path}`, () => {
      const violations = plant(path, text).get(rule) ?? [];
      expect(violations.join("\n")).to.include(found);
    });
  }

  for (const [path, text] of innocent) {
    it(`lets pass in ${path}: ${text.slice(0, 50).replaceAll("\n", " ")}`, () => {
      const isUsual = (line: string) => line.includes("has no README.md");
      const violations = [...plant(path, text).values()].flat().filter((line) => !isUsual(line));
      expect(violations).to.deep.equal([]);
    });
  }

  it("names the line of a violation", () => {
    const violations = plant("keeper/base/a.ts", "/* a\n b */\nconst x = 1;\nMath.random();\n");
    expect(violations.get("calls")?.[0]).to.match(/^keeper\/base\/a\.ts:4: Math\.random/);
  });
});
