import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { exitCodeOf } from "../../../keeper/cli/what-if.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const HEADER = "left,right,token,delta,collateral,creditLeft,creditRight";
const RING = `${HEADER}\na,b,EUR,-60,0,100,100\nc,b,EUR,50,0,100,100\na,c,EUR,75,5,100,100\n`;
const ripple = join(root, "../shared/data/ripple-credit-network.csv");

describe("xln net", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "xln-net-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it("prints exactly the document of DESIGN section 13 on standard output", () => {
    const path = file("ring.csv", RING);
    const { status, stdout } = net(path, "--json");
    expect(status).to.equal(0);
    const { solveMs, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
    expect(solveMs).to.be.a("number").above(0);
    expect(rest).to.deep.equal({
      schema: 1,
      ledger: {
        file: path,
        sha256: createHash("sha256").update(RING).digest("hex"),
        entities: 3,
        accounts: 3,
      },
      netting: {
        objective: "value",
        softLimit: "50%",
        tokens: {
          EUR: {
            gross: "180",
            netInternalDebt: "20",
            optimum: "150",
            cleared: "150",
            gap: "0",
            overLimitBefore: 2,
            overLimitAfter: 0,
            refused: [],
          },
        },
      },
      flows: [
        { left: "a", right: "b", token: "EUR", amount: "50" },
        { left: "c", right: "b", token: "EUR", amount: "-50" },
        { left: "a", right: "c", token: "EUR", amount: "-50" },
      ],
    });
  });

  it("takes the objective and the soft limit from its options", () => {
    const path = file("options.csv", RING);
    const { netting } = document(path, "--objective", "excess", "--soft-limit", "40%");
    expect(netting).to.include({ objective: "excess", softLimit: "40%" });
    // 60, 50 and 70 over a limit of 40: the ring lets 30 go from each, 10 of b's.
    expect(netting.tokens.EUR).to.include({ optimum: "60", cleared: "60", overLimitBefore: 3 });
  });

  it("reads obligations by their header and reports what pairs cancel alone", () => {
    const path = file("owed.csv", "debtor,creditor,amount\na,b,10\nb,a,4\nb,c,6\nc,a,6\n");
    const { netting, flows } = document(path);
    expect(netting.tokens.UNIT).to.include({ bilateral: "8", gross: "18", cleared: "18" });
    expect(flows.map(({ amount }) => amount)).to.deep.equal(["6", "6", "6"]);
  });

  it("adds topology and participants to the document when asked, and changes nothing else", () => {
    const path = file("details.csv", RING);
    const plain = document(path);
    const detailed = document(path, "--details");
    expect(detailed).to.have.all.keys(...Object.keys(plain), "topology", "participants");
    expect(detailed.netting).to.deep.equal(plain.netting);
  });

  it("NET-8: tells people the network beside every percentage", () => {
    const { status, stdout } = net(file("text.csv", RING));
    expect(status).to.equal(0);
    expect(stdout).to.match(/network {2,}3 entities, 3 accounts, 1 token/);
    expect(stdout).to.match(/exposure, gross +180 +30 +−83\.33 %/);
    expect(stdout).to.match(/on cycles 3 \(100\.00 %\) with 100\.00 % of the value, in 1 core/);
    expect(stdout).to.match(/c owes a +█+░+ +70 +20 +50 +within/);
    for (const line of stdout.split("\n")) expect([...line].length).to.be.at.most(120);
  });

  it("draws the network before and after, and nobody's name becomes markup", () => {
    const path = file("drawn.csv", RING.replaceAll("b", "<b>&amp;"));
    const out = join(folder, "drawn.svg");
    const first = net(path, "--json", "--svg", out);
    expect(first.status).to.equal(0);
    const drawn = readFileSync(out, "utf8");
    expect(drawn).to.match(/^<svg .*<\/svg>\n$/s);
    expect(drawn).to.include("&lt;b&gt;&amp;amp;").and.not.include("<b>");
    net(path, "--json", "--svg", out);
    expect(readFileSync(out, "utf8")).to.equal(drawn);
  });

  it("exits with 2, the error document, and the same in words without a stack", () => {
    const path = file("bad.csv", `${HEADER}\na,b,EUR,1.5,0,100,100\n`);
    const { status, stdout, stderr } = net(path, "--json");
    expect(status).to.equal(2);
    expect(JSON.parse(stdout)).to.deep.equal({
      schema: 1,
      error: {
        code: "not-an-integer",
        message: 'expected "delta" to be a plain integer, found "1.5"',
        file: path,
        line: 2,
        column: 4,
        fix: "multiply by the token's decimals: amounts are in its smallest unit",
      },
    });
    expect(stderr)
      .to.include(`${path}:2:4: expected "delta"`)
      .and.not.match(/\n {4}at /);
    const words = net(path);
    expect([words.status, words.stdout]).to.deep.equal([2, ""]);
  });

  if (existsSync(ripple)) {
    it("NET-4: nets the real Ripple network whole, and says how little that is", () => {
      const { ledger, netting, flows } = document(ripple);
      expect(ledger).to.include({ entities: 65_393, accounts: 97_211 });
      const { XRPL } = netting.tokens;
      expect(XRPL).to.include({ optimum: "4760627771", cleared: "4760627771", gap: "0" });
      expect(flows.length).to.equal(20);
    });
  } else {
    // The data are no part of the project: a clone without them tests on its own ledgers only.
    it("finds no Ripple network in ../shared/data, so the sample is the largest here", () => {
      const { ledger } = document(join(root, "ledger/sample.csv"));
      expect(ledger).to.include({ entities: 120, accounts: 400 });
    });
  }

  it("exits with 1 when less than the proved optimum was cleared", () => {
    const token = { optimum: 5n, cleared: 5n, gap: 0n };
    const exitOf = (gap: bigint, proved: boolean) =>
      exitCodeOf({ A: { ...EMPTY, ...token }, B: { ...EMPTY, ...token, gap } }, proved);
    expect([exitOf(0n, true), exitOf(1n, true), exitOf(0n, false)]).to.deep.equal([0, 1, 1]);
  });
});

const EMPTY = {
  gross: 0n,
  netInternalDebt: 0n,
  overLimitBefore: 0,
  overLimitAfter: 0,
  refused: [],
};

type Document = {
  readonly ledger: Record<string, unknown>;
  readonly netting: { readonly tokens: Record<string, Record<string, unknown>> };
  readonly flows: readonly { readonly amount: string }[];
};

function document(...words: readonly string[]): Document {
  const { status, stdout, stderr } = net(...words, "--json");
  expect(status, stderr).to.equal(0);
  return JSON.parse(stdout) as Document;
}

/** The real command line in a process of its own. */
function net(...words: readonly string[]) {
  const main = join(root, "keeper/cli/main.ts");
  const flags = ["--disable-warning=ExperimentalWarning", main, "net"];
  return spawnSync(process.execPath, [...flags, ...words], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
}
