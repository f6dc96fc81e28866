import { expect } from "chai";
import { describe, it } from "mocha";
import { parseLedger } from "../../../../keeper/netting/ledger/parse.ts";
import type { Ledger } from "../../../../keeper/netting/ledger/types.ts";
import { participantsOf } from "../../../../keeper/netting/report/participant.ts";
import { flowsOf, reportOf } from "../../../../keeper/netting/report/report.ts";
import { topologyOf } from "../../../../keeper/netting/report/topology.ts";
import { solve } from "../../../../keeper/netting/solve.ts";
import type { Objective } from "../../../../keeper/netting/types.ts";

const HEADER = "left,right,token,delta,collateral,creditLeft,creditRight";
/** a owes b 60, b owes c 50, c owes a 70 (beyond 5 of collateral), d owes c 90. */
const RING = `${HEADER}
a,b,EUR,-60,0,100,100
c,b,EUR,50,0,100,100
a,c,EUR,75,5,100,100
c,d,EUR,90,0,100,100
`;

describe("netting/report", () => {
  it("NET-8: gross, net internal debt, optimum, cleared, gap and counts, worked by hand", () => {
    // 50 of the ring can go. Net: a +10, b +10, c +70 (50 + 90 − 70), d −90: together 90.
    expect(report(RING, "value")).to.deep.equal({
      objective: "value",
      softLimit: "50%",
      tokens: {
        EUR: {
          gross: 270n,
          netInternalDebt: 90n,
          optimum: 150n,
          cleared: 150n,
          gap: 0n,
          overLimitBefore: 3,
          overLimitAfter: 1,
          refused: [],
        },
      },
    });
  });

  it("NET-8: for excess, optimum and cleared count what is above soft limits", () => {
    const { EUR } = report(RING, "excess").tokens;
    // 60, 70 and 90 over a limit of 50; nothing can be done about d.
    expect(EUR).to.include({ optimum: 30n, cleared: 30n, gap: 0n });
    expect(EUR).to.include({ overLimitBefore: 3, overLimitAfter: 1 });
  });

  it("NET-8: cleared is computed from what was executed, not taken from the solver", () => {
    const ledger = read(RING);
    const refused = [{ left: "a", right: "b", code: "CONSENT" }];
    const nothing = [0n, 0n, 0n, 0n];
    const { EUR } = reportOf(ledger, "value", [{ optimum: 150n, flows: nothing, refused }]).tokens;
    expect(EUR).to.include({ optimum: 150n, cleared: 0n, gap: 150n });
    expect(EUR?.refused).to.deep.equal(refused);
    const part = [20n, -20n, -20n, 0n];
    const shrunk = reportOf(ledger, "value", [{ optimum: 150n, flows: part }]).tokens;
    expect(shrunk.EUR).to.include({ cleared: 60n, gap: 90n });
  });

  it("NET-8: bilateral stands in the report of obligations only", () => {
    const text = "debtor,creditor,amount\na,b,10\nb,a,4\n";
    expect(report(text, "value").tokens.UNIT).to.include({ gross: 6n, bilateral: 8n, cleared: 0n });
    expect(report(RING, "value").tokens.EUR).to.not.have.property("bilateral");
  });

  it("keys tokens by the file's names, whatever they are", () => {
    const text = `${HEADER}\na,b,__proto__,-1,0,9,9\na,b,7,-2,0,9,9\n`;
    const document = JSON.stringify(report(text, "value").tokens, (_key, value: unknown) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    expect(document).to.match(/"__proto__":\{"gross":"1"/);
    expect(document).to.match(/"7":\{"gross":"2"/);
  });

  it("gives flows in the file's order over all tokens, in its orientation, without zeros", () => {
    const ledger = read(`${HEADER}\na,b,EUR,-1,0,9,9\na,b,USD,2,0,9,9\nb,c,EUR,-3,0,9,9\n`);
    const flows = flowsOf(ledger, [[1n, -3n], [0n]]);
    expect(flows).to.deep.equal([
      { left: "a", right: "b", token: "EUR", amount: 1n },
      { left: "b", right: "c", token: "EUR", amount: -3n },
    ]);
    expect(flowsOf(ledger, [[0n, 5n], [7n]]).map(({ token }) => token)).to.deep.equal([
      "USD",
      "EUR",
    ]);
  });

  it("NET-8: every participant before and after; nobody's net position changes", () => {
    const ledger = read(RING);
    const flows = [solve((ledger.tokens[0] as Ledger["tokens"][0]).network, "value").flows];
    const rows = participantsOf(ledger, flows);
    expect(rows.map(({ entity }) => entity)).to.deep.equal(["a", "b", "c", "d"]);
    expect(rows[0]).to.deep.equal({
      entity: "a",
      token: "EUR",
      owesBefore: 60n,
      owesAfter: 10n,
      owedBefore: 70n,
      owedAfter: 20n,
      legs: 2,
    });
    for (const row of rows) {
      expect(row.owedAfter - row.owesAfter).to.equal(row.owedBefore - row.owesBefore);
    }
    expect(rows[3]?.legs).to.equal(0);
  });

  it("NET-8: names the topology that a percentage belongs to", () => {
    const topology = topologyOf(read(`${RING}c,d,USD,1,0,9,9\n`));
    expect(topology.entities).to.equal(4);
    expect(topology.accounts).to.equal(4);
    expect(topology.hubs.slice(0, 2)).to.deep.equal([
      { entity: "c", accounts: 3 },
      { entity: "a", accounts: 2 },
    ]);
    expect(topology.tokens.EUR).to.deep.equal({
      positions: 4,
      exposed: 4,
      onCycles: 3,
      valueOnCycles: 180n,
      cores: 1,
      onChains: 1,
      valueOnChains: 90n,
      payers: 1,
      receivers: 3,
    });
    expect(topology.tokens.USD).to.include({ exposed: 1, onCycles: 0 });
  });
});

function report(text: string, objective: Objective) {
  const ledger = read(text);
  const outcomes = ledger.tokens.map(({ network }) => {
    const { cleared, flows } = solve(network, objective);
    return { optimum: cleared, flows };
  });
  return reportOf(ledger, objective, outcomes);
}

function read(text: string): Ledger {
  const parsed = parseLedger(new TextEncoder().encode(text));
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return parsed.value;
}
