/** The commands themselves, as processes: what scripts rely on (DESIGN.md, "Command line"). */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { smallLedger } from "./ledger.ts";
import { rpc } from "./rpc.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = "keeper/cli/main.ts";
const DIGITS = /^(0|[1-9][0-9]*)$/;

describe("up and net --execute as commands", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "xln-command-"));
  });

  after(() => rmSync(folder, { recursive: true }));

  function run(...words: readonly string[]) {
    const ran = spawnSync(process.execPath, [MAIN, ...words], { cwd: ROOT, encoding: "utf8" });
    const lines = ran.stdout.trimEnd().split("\n");
    return { status: ran.status, lines, err: ran.stderr };
  }

  it("nets and settles the sample ledger: the document is as fixed, and all is true", () => {
    const { status, lines, err } = run("up", "--once", "--json");
    expect(status, err).to.equal(0);
    expect(lines).to.have.length(1);
    const document = JSON.parse(lines[0] ?? "");
    const file = "ledger/sample.csv";
    const sha256 = createHash("sha256")
      .update(readFileSync(join(ROOT, file)))
      .digest("hex");
    const { netting, settlements, gas, seconds, ...rest } = document;
    expect(rest).to.deep.equal({
      schema: 1,
      ledger: { file, sha256, entities: 120, accounts: 400 },
      keepers: 3,
      queue: "redis",
      conserved: true,
      replayRootsEqual: true,
    });
    expect(Object.keys(document)).to.deep.equal([
      ...["schema", "ledger", "keepers", "queue", "netting", "settlements", "gas"],
      ...["conserved", "replayRootsEqual", "seconds"],
    ]);
    expect(netting).to.include({ objective: "excess", softLimit: "file" });
    expect(Object.keys(netting.tokens)).to.deep.equal(["DAI", "WETH"]);
    for (const token of Object.values(netting.tokens) as Record<string, unknown>[]) {
      const { gross, netInternalDebt, optimum, cleared, ...counts } = token;
      for (const money of [gross, netInternalDebt, optimum]) expect(money).to.match(DIGITS);
      expect(cleared).to.equal(optimum).and.not.equal("0");
      expect(counts).to.include({ gap: "0" });
      expect(counts.refused).to.deep.equal([]);
      expect(counts.overLimitAfter).to.be.lessThan(counts.overLimitBefore as number);
    }
    expect(settlements.after).to.be.lessThan(settlements.before / 4);
    expect(gas.after).to.be.lessThan(gas.before / 4);
    expect(seconds).to.be.a("number");
  });

  it("net --execute does obligations on a local chain and prints what moved", () => {
    const file = join(folder, "obligations.csv");
    writeFileSync(file, "debtor,creditor,amount\nA,B,30\nB,C,40\nC,A,50\nB,A,10\n");
    const { status, lines, err } = run("net", file, "--execute", "--json");
    expect(status, err).to.equal(0);
    const { solveMs, ledger, ...rest } = JSON.parse(lines.join("\n"));
    expect(solveMs).to.be.a("number");
    expect(ledger).to.include({ file, entities: 3, accounts: 3 });
    expect(rest).to.deep.equal({
      schema: 1,
      netting: {
        objective: "value",
        softLimit: "50%",
        tokens: {
          UNIT: {
            gross: "110",
            netInternalDebt: "30",
            optimum: "60",
            cleared: "60",
            gap: "0",
            overLimitBefore: 3,
            overLimitAfter: 1,
            refused: [],
            bilateral: "20",
          },
        },
      },
      flows: [
        { left: "A", right: "B", token: "UNIT", amount: "20" },
        { left: "B", right: "C", token: "UNIT", amount: "20" },
        { left: "C", right: "A", token: "UNIT", amount: "20" },
      ],
    });
  });

  it("stays up until a signal, then ends everything; its folder serves one run", async () => {
    const ledger = join(folder, "ledger.csv");
    const data = join(folder, "data");
    writeFileSync(ledger, smallLedger(3));
    const words = [MAIN, "up", "--ledger", ledger, "--data", data];
    const child = spawn(process.execPath, words, { cwd: ROOT });
    const said = await until(child, /chain +(http:\/\/\S+)/);
    const url = said[1] ?? "";
    expect(Number(await rpc<string>(url, "eth_blockNumber"))).to.be.greaterThan(0);
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).to.equal(0);
    const gone = await fetch(url, { method: "POST" }).catch(() => "gone");
    expect(gone).to.equal("gone");
    expect(readdirSync(data)).to.include.members(["deployment.json", "keeper-0", "keeper-2"]);
    const again = run("up", "--once", "--json", "--ledger", ledger, "--data", data);
    expect(again.status).to.equal(2);
    expect(JSON.parse(again.lines.join("")).error).to.include({ code: "data-in-use", file: data });
    const keeper = join(data, "keeper-0");
    const replayed = run("replay", "--config", join(keeper, "config.json"), "--json");
    expect(replayed.status, replayed.err).to.equal(0);
  });
});

/** What a process says on standard error, when it has said this. */
function until(child: ChildProcess, wanted: RegExp): Promise<RegExpExecArray> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = wanted.exec(said);
      if (found !== null && /Ctrl-C/.test(said)) resolve(found);
    });
    child.once("exit", () => reject(new Error(`it ended before:\n${said}`)));
  });
}
