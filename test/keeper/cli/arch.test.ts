import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import {
  type Floor,
  findFloor,
  floorOf,
  floors,
  importersOf,
  importsOf,
  mayImportPackage,
  packageOf,
} from "../../../keeper/architecture.ts";
import { dotText, machineOf, mermaidText } from "../../../keeper/cli/arch-answer.ts";
import { readUnions } from "../../../keeper/cli/union.ts";

const main = fileURLToPath(new URL("../../../keeper/cli/main.ts", import.meta.url));
const xln = (...words: readonly string[]) =>
  execFileSync(process.execPath, [main, ...words], { encoding: "utf8", stdio: "pipe" });
const floor = (name: string): Floor => findFloor(name) ?? floors[0] ?? expect.fail(name);
const names = (list: readonly Floor[]) => list.map((one) => one.name);

describe("the floors", () => {
  it("ARC-1: each machine has inputs and effects as closed unions, named apart", () => {
    const machines = floors.filter(({ name, machine }) => machine && name !== "runtime");
    expect(names(machines)).to.deep.equal(["jurisdiction", "account", "plan", "entity"]);
    for (const one of machines) {
      const { inputs, effects } = machineOf(one);
      for (const unions of [inputs, effects]) {
        const arms = unions.flatMap((union) => union.arms.map((arm) => arm.name));
        expect(arms, one.name).to.have.length.above(1);
        expect(new Set(arms).size, one.name).to.equal(arms.length);
      }
    }
  });

  it("let a pure floor import the pure ones above it, and no other", () => {
    expect(names(importsOf(floor("account")))).to.deep.equal(["base", "codec", "jurisdiction"]);
    expect(names(importsOf(floor("base")))).to.deep.equal([]);
    const pure = floors.filter((one) => one.kind === "pure");
    for (const one of pure) {
      expect(names(importsOf(one))).to.deep.equal(names(pure.slice(0, pure.indexOf(one))));
    }
  });

  it("let a shell floor import pure floors and observe, never another shell floor", () => {
    const pure = names(floors.filter((one) => one.kind === "pure"));
    for (const one of floors.filter((other) => other.kind === "shell")) {
      const observe = one.name === "observe" ? [] : ["observe"];
      expect(names(importsOf(one))).to.deep.equal([...pure, ...observe]);
    }
    expect(names(importersOf(floor("store")))).to.deep.equal(["cli"]);
  });

  it("give typechain-types to the floors that speak to contracts", () => {
    const users = floors.filter((one) => one.folders.includes("typechain-types"));
    expect(names(users)).to.deep.equal(["jurisdiction", "chain", "cli"]);
  });

  it("own files by folder; those beside the floors belong to the root", () => {
    expect(floorOf("keeper/account/transaction/pay.ts")?.name).to.equal("account");
    expect(floorOf("keeper/loop.ts")?.name).to.equal("cli");
    expect(floorOf("keeper/bazaar/a.ts")).to.equal(undefined);
  });

  it("tell packages from their subpaths", () => {
    expect(packageOf("@scope/name/sub/path")).to.equal("@scope/name");
    expect(packageOf("viem/utils")).to.equal("viem");
    expect(mayImportPackage(floor("chain"), "viem/chains")).to.equal(true);
    expect(mayImportPackage(floor("store"), "node:fs/promises")).to.equal(true);
    expect(mayImportPackage(floor("account"), "node:fs")).to.equal(false);
  });
});

describe("xln arch", () => {
  it("prints every floor, and one document with --json", () => {
    const table = xln("arch");
    for (const { name } of floors) expect(table).to.match(new RegExp(`^${name}\\b`, "m"));
    const document = JSON.parse(xln("arch", "--json"));
    expect(document.schema).to.equal(1);
    expect(document.floors.map((one: Floor) => one.name)).to.deep.equal(names(floors));
  });

  it("answers who may import a floor", () => {
    expect(JSON.parse(xln("arch", "--who", "queue", "--json"))).to.deep.include({
      floor: "queue",
      importedBy: ["cli"],
    });
  });

  it("draws the floors without arrows that others imply", () => {
    expect(mermaidText()).to.include("codec --> base").and.not.include("account --> base");
    expect(dotText()).to.match(/^digraph xln \{\n {2}base \[shape=box\];/);
  });

  it("reads inputs and effects from the types", () => {
    const { inputs, effects } = machineOf(floor("account"));
    const arms = inputs.flatMap((union) => union.arms.map((arm) => arm.name));
    expect(arms).to.include.members(["submit", "message", "flush"]);
    expect(effects).to.not.deep.equal([]);
  });
});

describe("unions", () => {
  it("are read with their kinds and the first sentence of their comments", () => {
    const text = `
      type Hidden = { readonly kind: "no" };
      export type Input =
        /** Begin. Not before. */
        | { readonly kind: "start"; readonly inner: { readonly kind: "deep" } }
        // a comment with | and "kind"
        | { readonly at: number; readonly kind: "stop" };
      export type Phase = "idle" | "busy";
      export type Row = { readonly amount: bigint };
    `;
    expect(readUnions(text)).to.deep.equal([
      {
        name: "Input",
        arms: [
          { name: "start", about: "Begin." },
          { name: "stop", about: "" },
        ],
      },
      {
        name: "Phase",
        arms: [
          { name: "idle", about: "" },
          { name: "busy", about: "" },
        ],
      },
    ]);
  });
});
