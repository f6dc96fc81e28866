import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { MAX_AMOUNT } from "../../../../keeper/base/amount.ts";
import { parseLedger } from "../../../../keeper/netting/ledger/parse.ts";
import type {
  Ledger,
  LedgerFault,
  LedgerOptions,
} from "../../../../keeper/netting/ledger/types.ts";
import { MAX_BYTES, MAX_ROWS, MAX_TOKENS } from "../../../../keeper/netting/ledger/types.ts";

const HEADER = "left,right,token,delta,collateral,creditLeft,creditRight";
const WITH_SOFT = `${HEADER},softLimitLeft,softLimitRight`;

describe("netting/ledger: a ledger", () => {
  it("reads every cell where DESIGN section 12 puts it", () => {
    const ledger = read(`${WITH_SOFT}\nalice,bob,EUR,-5,7,10,20,3,4\n`);
    expect(ledger).to.deep.equal({
      kind: "ledger",
      names: ["alice", "bob"],
      accounts: 1,
      softLimit: "file",
      tokens: [
        {
          name: "EUR",
          bilateral: 0n,
          lines: [2],
          network: {
            entities: 2,
            positions: [
              {
                left: 0,
                right: 1,
                delta: -5n,
                collateral: 7n,
                leftLimit: 10n,
                rightLimit: 20n,
                leftSoftLimit: 3n,
                rightSoftLimit: 4n,
                consent: true,
              },
            ],
          },
        },
      ],
    });
  });

  it("takes any order of columns, CRLF, a byte order mark, quotes, empty lines at the end", () => {
    const plain = read(`${HEADER}\na,"b, c",EUR,-5,7,10,20\na,"say ""d""",EUR,1,0,0,1\n`);
    const dressed = read(
      '\ufeff"creditRight",left,token,right,delta,collateral,creditLeft\r\n' +
        '20,a,"EUR","b, c",-5,7,10\r\n1,a,EUR,"say ""d""",1,0,0\r\n\r\n\r\n',
    );
    expect(dressed).to.deep.equal(plain);
    expect(plain.names).to.deep.equal(["a", "b, c", 'say "d"']);
  });

  it("needs no line end after the last row", () => {
    expect(read(`${HEADER}\na,b,EUR,0,0,0,0`).accounts).to.equal(1);
  });

  it("counts pairs, keeps each row's orientation, and numbers names over all tokens", () => {
    const ledger = read(`${HEADER}\na,b,EUR,0,0,0,0\nb,a,USD,0,0,0,0\nb,c,USD,0,0,0,0\n`);
    expect(ledger.accounts).to.equal(2);
    expect(ledger.names).to.deep.equal(["a", "b", "c"]);
    expect(ledger.tokens.map(({ name, lines }) => [name, lines])).to.deep.equal([
      ["EUR", [2]],
      ["USD", [3, 4]],
    ]);
    const [, usd] = ledger.tokens;
    expect(usd?.network.positions.map(({ left, right }) => [left, right])).to.deep.equal([
      [1, 0],
      [1, 2],
    ]);
  });

  it("takes any name, those of JavaScript's own included", () => {
    const ledger = read(`${HEADER}\n__proto__,constructor,toString,0,0,0,0\n銀行,é 1,0,0,0,0,0\n`);
    expect(ledger.names).to.deep.equal(["__proto__", "constructor", "銀行", "é 1"]);
    expect(ledger.tokens.map(({ name }) => name)).to.deep.equal(["toString", "0"]);
  });

  it("NET-1: soft limits are what was asked, else the file's, else half the credit limit", () => {
    const softLimits = (text: string, options?: LedgerOptions) => {
      const ledger = read(text, options);
      const position = ledger.tokens[0]?.network.positions[0];
      return [ledger.softLimit, position?.leftSoftLimit, position?.rightSoftLimit];
    };
    const without = `${HEADER}\na,b,EUR,0,0,11,21\n`;
    const file = `${WITH_SOFT}\na,b,EUR,0,0,11,21,1,2\n`;
    expect(softLimits(without)).to.deep.equal(["50%", 10n, 5n]);
    expect(softLimits(without, { softLimitPercent: 100 })).to.deep.equal(["100%", 21n, 11n]);
    expect(softLimits(without, { softLimitPercent: 0 })).to.deep.equal(["0%", 0n, 0n]);
    expect(softLimits(file)).to.deep.equal(["file", 1n, 2n]);
    expect(softLimits(file, { softLimitPercent: 20 })).to.deep.equal(["20%", 4n, 2n]);
  });

  it("RCP-1: takes a delta at either end of its range, and refuses one unit past it", () => {
    for (const [low, high] of [
      [-10n, 27n],
      [-MAX_AMOUNT, MAX_AMOUNT],
    ] as const) {
      const row = (delta: bigint) => {
        const limits = high === 27n ? "7,10,20" : `0,${MAX_AMOUNT},${MAX_AMOUNT}`;
        return `${HEADER}\na,b,EUR,${delta},${limits}\n`;
      };
      expect(read(row(low)).tokens[0]?.network.positions[0]?.delta).to.equal(low);
      expect(read(row(high)).tokens[0]?.network.positions[0]?.delta).to.equal(high);
      const code = high === 27n ? "RCP_1" : "OUT_OF_RANGE";
      expect(refused(row(low - 1n))).to.include({ code, line: 2, column: 4 });
      expect(refused(row(high + 1n))).to.include({ code, line: 2, column: 4 });
    }
  });

  it("limits rows, tokens and bytes before it spends memory on them", () => {
    const tokens = Array.from({ length: MAX_TOKENS + 1 }, (_, i) => `a,b,T${i},0,0,0,0`);
    expect(refused(`${HEADER}\n${tokens.join("\n")}`)).to.include({
      code: "TOKENS_TOO_MANY",
      line: MAX_TOKENS + 2,
      column: 3,
    });
    const rows = `debtor,creditor,amount\n${"a,b,1\n".repeat(MAX_ROWS + 1)}`;
    expect(refused(rows)).to.include({ code: "ROWS_TOO_MANY", line: MAX_ROWS + 2, column: 1 });
    const large = parseLedger(new Uint8Array(MAX_BYTES + 1));
    expect(large.ok ? undefined : large.refusal).to.include({ code: "FILE_TOO_LARGE", line: null });
  });
});

describe("netting/ledger: obligations", () => {
  it("sums a pair into one account whose left is the first row's debtor", () => {
    const ledger = read("debtor,creditor,amount\nb,a,10\na,b,4\nb,a,1\nc,a,5\n");
    expect(ledger.kind).to.equal("obligations");
    expect(ledger.names).to.deep.equal(["b", "a", "c"]);
    expect(ledger.accounts).to.equal(2);
    const [unit] = ledger.tokens;
    expect(unit?.name).to.equal("UNIT");
    expect(unit?.bilateral).to.equal(8n);
    expect(unit?.lines).to.deep.equal([2, 5]);
    expect(unit?.network.positions[0]).to.deep.equal({
      left: 0,
      right: 1,
      delta: -7n,
      collateral: 0n,
      leftLimit: 7n,
      rightLimit: 0n,
      leftSoftLimit: 0n,
      rightSoftLimit: 3n,
      consent: true,
    });
  });

  it("keeps the first debtor left when the pair's balance turns around", () => {
    const [unit] = read("debtor,creditor,amount\nb,a,10\na,b,14\n").tokens;
    expect(unit?.network.positions[0]).to.include({ left: 0, delta: 4n, rightLimit: 4n });
    expect(unit?.network.positions[0]?.leftLimit).to.equal(0n);
    expect(unit?.bilateral).to.equal(20n);
  });

  it("keeps tokens apart where the file has them", () => {
    const { tokens } = read("token,debtor,creditor,amount\nEUR,a,b,1\nUSD,b,a,2\nEUR,a,b,3\n");
    expect(tokens.map(({ name, network }) => [name, network.positions[0]?.delta])).to.deep.equal([
      ["EUR", -4n],
      ["USD", -2n],
    ]);
  });

  it("what is left and what was cancelled make up all rows", () => {
    const row = fc.tuple(fc.nat(3), fc.nat(3), fc.bigInt(0n, 1000n));
    const rows = fc
      .array(row, { maxLength: 30 })
      .map((all) => all.filter(([debtor, creditor]) => debtor !== creditor));
    fc.assert(
      fc.property(rows, (all) => {
        fc.pre(all.length > 0);
        const lines = all.map((cells) => cells.join(","));
        const [unit] = read(`debtor,creditor,amount\n${lines.join("\n")}`).tokens;
        const written = all.reduce((sum, [, , amount]) => sum + amount, 0n);
        const left = unit?.network.positions.reduce(
          (sum, { delta }) => sum + (delta < 0n ? -delta : delta),
          unit.bilateral,
        );
        expect(left).to.equal(written);
      }),
      { seed: 12, numRuns: 200 },
    );
  });
});

describe("netting/ledger: faults", () => {
  const name = fc.stringMatching(/^[a-z", ]{0,4}[a-z]$/).filter((text) => text.trim() === text);
  const amount = fc.bigInt(0n, MAX_AMOUNT);
  const cells = fc
    .record({ token: name, collateral: amount, creditLeft: amount, creditRight: amount })
    .chain((row) =>
      fc
        .bigInt(-row.creditLeft, min(row.collateral + row.creditRight, MAX_AMOUNT))
        .map((delta) => [row.token, delta, row.collateral, row.creditLeft, row.creditRight]),
    );
  const rows = fc.array(cells, { minLength: 1, maxLength: 12 });
  const csv = (all: readonly (readonly (string | bigint)[])[]) =>
    [HEADER, ...all.map((row, i) => [`l${i}`, `r${i}`, ...row].map(quoted).join(","))].join("\n");

  it("what is written can be read back", () => {
    fc.assert(
      fc.property(rows, (all) => {
        const ledger = read(csv(all));
        const found = ledger.tokens.flatMap((token) =>
          token.network.positions.map((position, i) => ({
            line: token.lines[i] as number,
            cells: [
              token.name,
              position.delta,
              position.collateral,
              position.leftLimit,
              position.rightLimit,
            ],
          })),
        );
        const ordered = found.sort((a, b) => a.line - b.line);
        expect(ordered.map((row) => row.cells)).to.deep.equal(all);
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  it("a spoilt cell is named by its line and column, whichever it is", () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat(), (all, atRow, atCell) => {
        const row = atRow % all.length;
        const cell = 2 + (atCell % 5);
        const lines = csv(all).split("\n");
        const spoilt = [`l${row}`, `r${row}`, ...(all[row] ?? [])].map(quoted);
        spoilt[cell] = cell === 2 ? "" : "12x";
        lines[row + 1] = spoilt.join(",");
        const fault = refused(lines.join("\n"));
        expect(fault).to.include({ line: row + 2, column: cell + 1 });
      }),
      { seed: 14, numRuns: 300 },
    );
  });

  it("any bytes give a ledger or a fault with a place, a code and a fix, and never throw", () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: "binary", maxLength: 100 }).map((text) => encode(`${HEADER}\n${text}`)),
      fc.stringMatching(/^[a-b0-2",\r\n-]{0,80}$/).map((text) => encode(`${HEADER}\n${text}`)),
      fc
        .stringMatching(/^[a-c0-9",\n-]{0,80}$/)
        .map((text) => encode(`debtor,creditor,amount\n${text}`)),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        const parsed = parseLedger(bytes);
        if (parsed.ok) {
          expect(parsed.value.accounts).to.be.greaterThan(0);
          return;
        }
        const { code, message, fix, line, column } = parsed.refusal;
        expect(code).to.match(/^[A-Z0-9_]+$/);
        expect(message).to.match(/expected/);
        expect(message).to.not.match(/[\p{Cc}]/u);
        expect(fix).to.not.equal("");
        expect(line).to.be.at.least(1);
        expect(column).to.be.at.least(1);
      }),
      { seed: 15, numRuns: 1000 },
    );
  });

  it("names the line on which a quote was opened, not the one on which the file ends", () => {
    const rest = "a,b,EUR,0,0,0,0\n".repeat(50);
    const fault = refused(`${HEADER}\nc,d,EUR,0,0,0,0\n"e,f,EUR,0,0,0,0\n${rest}`);
    expect(fault).to.include({ code: "QUOTE_INVALID", line: 3, column: 1 });
  });

  it("finds the cell of a byte that is not UTF-8 behind quoted commas", () => {
    const bytes = [...encode(`${HEADER}\n"a,b",`), 0xff, ...encode(",EUR,0,0,0,0\n")];
    const parsed = parseLedger(Uint8Array.from(bytes));
    expect(parsed.ok ? undefined : parsed.refusal).to.include({
      code: "ENCODING_INVALID",
      line: 2,
      column: 2,
    });
  });
});

function read(text: string, options?: LedgerOptions): Ledger {
  const parsed = parseLedger(encode(text), options);
  if (!parsed.ok) throw new Error(`${parsed.refusal.line}: ${parsed.refusal.message}`);
  return parsed.value;
}

function refused(text: string): LedgerFault {
  const parsed = parseLedger(encode(text));
  if (parsed.ok) throw new Error("expected a fault");
  return parsed.refusal;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function quoted(cell: string | bigint): string {
  const text = `${cell}`;
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
