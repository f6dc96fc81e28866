import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Body, BodyRow, EnforcedCondition, Move } from "../../../keeper/account/body.ts";
import {
  type ClosedRow,
  closeAccount,
  type Evidence,
  type Funds,
  WHOLE_RATIO,
} from "../../../keeper/account/closing.ts";
import { MAX_AMOUNT } from "../../../keeper/base/amount.ts";
import { equalBytes } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import type { Side } from "../../../keeper/jurisdiction/types.ts";

const NOW = 1_000_000;
const LONGEST = 1_000;
const KEPT = { left: false, right: false };
const HASH = keccakText("hash");
const TRANSFORMER = new Uint8Array(20).fill(7);

function row(fields: Partial<BodyRow>): BodyRow {
  return { token: 1, offdelta: 0n, leftLimit: 0n, rightLimit: 0n, ...fields };
}

function bodyWith(rows: readonly Partial<BodyRow>[], ...slots: Body["slots"]): Body {
  return { rows: rows.map(row), slots };
}

/** The same money and reserves in every token. */
function funds(fields: {
  readonly collateral?: bigint;
  readonly ondelta?: bigint;
  readonly reserve?: bigint;
  readonly indebted?: Side;
}): Funds {
  const { collateral = 0n, ondelta = 0n, reserve = 0n, indebted } = fields;
  return {
    moneyOf: () => ({ collateral, ondelta }),
    reserveOf: () => reserve,
    hasDebts: (side) => side === indebted,
  };
}

function evidence(fields: Partial<Evidence>): Evidence {
  return {
    now: NOW,
    startedAt: NOW - LONGEST - 1,
    longestWindow: LONGEST,
    revealedAt: () => 0,
    committedAt: () => 0,
    ratioOf: () => 0n,
    answerOf: () => null,
    ...fields,
  };
}

function closed(
  body: Body,
  of: Funds,
  facts: Partial<Evidence> = {},
  retired = KEPT,
): readonly ClosedRow[] {
  const result = closeAccount(body, [], of, evidence(facts), retired);
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

/** What left has in the only token after the conditions, without limits in the way. */
function deltaAfter(condition: EnforcedCondition, facts: Partial<Evidence> = {}): bigint {
  const tokens = condition.moves.map(({ token }) => ({
    token,
    leftLimit: MAX_AMOUNT,
    rightLimit: MAX_AMOUNT,
  }));
  return (closed(bodyWith(tokens, condition), funds({}), facts)[0] as ClosedRow).delta;
}

const moves = (...amounts: readonly bigint[]): readonly Move[] =>
  amounts.map((amount, index) => ({ token: index + 1, amount }));

const EXAMPLES: readonly {
  readonly name: string;
  readonly row: Partial<BodyRow>;
  readonly of: Funds;
  readonly retired?: Readonly<Record<Side, boolean>>;
  readonly expected: readonly [bigint, bigint, Side | null, bigint, bigint];
}[] = [
  {
    name: "shares of the collateral",
    row: { offdelta: -30n },
    of: funds({ collateral: 100n, ondelta: 100n }),
    expected: [70n, 30n, null, 0n, 0n],
  },
  {
    name: "left owes, and can pay",
    row: { offdelta: -40n, leftLimit: 50n },
    of: funds({ collateral: 9n, reserve: 60n }),
    expected: [0n, 49n, "left", 40n, 0n],
  },
  {
    name: "left owes more than it has",
    row: { offdelta: -40n, leftLimit: 50n },
    of: funds({ reserve: 15n }),
    expected: [0n, 15n, "left", 15n, 25n],
  },
  {
    name: "left owes, and an older debt is open",
    row: { offdelta: -40n, leftLimit: 50n },
    of: funds({ reserve: 60n, indebted: "left" }),
    expected: [0n, 0n, "left", 0n, 40n],
  },
  {
    name: "right owes beyond the collateral",
    row: { offdelta: 15n, rightLimit: 40n },
    of: funds({ collateral: 100n, ondelta: 100n, reserve: 1n }),
    expected: [101n, 0n, "right", 1n, 14n],
  },
  {
    name: "what a limit does not cover is not owed",
    row: { offdelta: -40n, leftLimit: 10n },
    of: funds({ reserve: 60n }),
    expected: [0n, 10n, "left", 10n, 0n],
  },
  {
    name: "a side whose retired board signed owes nothing",
    row: { offdelta: 15n, rightLimit: 40n },
    of: funds({ collateral: 100n, ondelta: 100n, reserve: 60n }),
    retired: { left: false, right: true },
    expected: [100n, 0n, "right", 0n, 0n],
  },
];

describe("account/closing", () => {
  for (const { name, row: fields, of, retired, expected } of EXAMPLES) {
    it(`DIS-4: ${name}`, () => {
      const [only] = closed(bodyWith([fields]), of, {}, retired) as [ClosedRow];
      const { gain, debtor, paid, debt } = only;
      expect([gain.left, gain.right, debtor, paid, debt]).to.deep.equal(expected);
    });
  }

  it("DIS-4: a token that the body does not list is closed without credit", () => {
    const of = funds({ collateral: 10n, ondelta: 25n, reserve: 60n });
    const result = closeAccount(bodyWith([]), [3, 7], of, evidence({}), KEPT);
    const rows = result.ok ? result.value : [];
    expect(rows.map(({ token, gain, debtor }) => [token, gain, debtor])).to.deep.equal([
      [3, { left: 10n, right: 0n }, null],
      [7, { left: 10n, right: 0n }, null],
    ]);
  });

  it("CND-1: a lock applies if its fact was recorded in time", () => {
    const lock = { kind: "hashLock", hash: HASH, deadline: NOW - 10, moves: moves(5n) } as const;
    const at = (time: number) => ({ revealedAt: () => time });
    expect(deltaAfter(lock, at(NOW - 10))).to.equal(5n);
    expect(deltaAfter(lock, at(NOW - 9))).to.equal(0n);
    expect(deltaAfter(lock)).to.equal(0n);
    const plan = { kind: "planLock", plan: HASH, deadline: NOW - 10, moves: moves(5n) } as const;
    const committedAt = (hash: Uint8Array) => (equalBytes(hash, HASH) ? NOW - 10 : 0);
    expect(deltaAfter(plan, { committedAt })).to.equal(5n);
  });

  it("CND-2: a condition waits for its deadline, and no longer than the longest window", () => {
    const lock = { kind: "hashLock", hash: HASH, deadline: NOW, moves: moves(5n) } as const;
    const close = (condition: EnforcedCondition, facts: Partial<Evidence>) =>
      closeAccount(bodyWith([{}], null, condition), [], funds({}), evidence(facts), KEPT);
    const startedAt = NOW - 1;
    const early = close(lock, { startedAt });
    expect(early.ok ? null : early.refusal.details).to.deep.equal({ slot: "1", due: `${NOW}` });
    expect(close(lock, { startedAt, now: NOW + 1 }).ok).to.equal(true);
    expect(close(lock, { startedAt, revealedAt: () => NOW }).ok).to.equal(true);
    const far = { ...lock, deadline: NOW + 9 * LONGEST };
    expect(close(far, { startedAt, now: startedAt + LONGEST }).ok).to.equal(false);
    expect(close(far, { startedAt, now: startedAt + LONGEST + 1 }).ok).to.equal(true);
    const revealedAt = () => NOW - 1;
    expect(deltaAfter(far, { startedAt: NOW - 1 - LONGEST, revealedAt })).to.equal(5n);
    expect(deltaAfter(far, { startedAt: NOW - 2 - LONGEST, revealedAt })).to.equal(0n);
  });

  it("CND-1: an order is rounded against its taker", () => {
    const third = WHOLE_RATIO / 3n;
    const filled = (taker: Side, amount: bigint, ratio: bigint): bigint => {
      const terms = { kind: "limitOrder", order: HASH, deadline: NOW - 1 } as const;
      return deltaAfter({ ...terms, taker, moves: moves(amount) }, { ratioOf: () => ratio });
    };
    expect(filled("left", 100n, third)).to.equal(33n);
    expect(filled("left", -100n, third)).to.equal(-34n);
    expect(filled("right", 100n, third)).to.equal(34n);
    expect(filled("right", -100n, third)).to.equal(-33n);
    expect(filled("left", MAX_AMOUNT, WHOLE_RATIO)).to.equal(MAX_AMOUNT);
    expect(filled("right", -MAX_AMOUNT, WHOLE_RATIO)).to.equal(-MAX_AMOUNT);
  });

  it("CND-1: an order that is taken whole is decided, any other waits for its deadline", () => {
    const terms = { kind: "limitOrder", order: HASH, deadline: NOW, taker: "left" } as const;
    const body = bodyWith([{}], { ...terms, moves: moves(1n) });
    const close = (ratio: bigint) =>
      closeAccount(body, [], funds({}), evidence({ startedAt: NOW, ratioOf: () => ratio }), KEPT);
    expect(close(WHOLE_RATIO).ok).to.equal(true);
    expect(close(WHOLE_RATIO - 1n).ok).to.equal(false);
  });

  it("CND-1: a transformer moves nothing beyond its bounds, nor without an answer", () => {
    const terms = { kind: "transformer", transformer: TRANSFORMER, gas: 1, deadline: 1 } as const;
    const upper = moves(9n, 5n);
    const condition = { ...terms, lower: [2n, -5n], payload: TRANSFORMER, moves: upper };
    const answered = (...answer: bigint[]) => deltaAfter(condition, { answerOf: () => answer });
    expect(answered(9n, -5n)).to.equal(9n);
    expect(answered(2n, 5n)).to.equal(2n);
    for (const answer of [[10n, 0n], [1n, 0n], [9n, 6n], [9n, -6n], [9n], [9n, 0n, 0n]]) {
      expect(answered(...answer)).to.equal(0n);
    }
    expect(deltaAfter(condition)).to.equal(0n);
  });

  it("CND-1: all tokens of a condition move, or none; in the order of the slots", () => {
    const rows = [
      { token: 1, rightLimit: 10n },
      { token: 2, rightLimit: 3n },
    ];
    const lock = (...amounts: bigint[]) =>
      ({ kind: "hashLock", hash: HASH, deadline: NOW - 1, moves: moves(...amounts) }) as const;
    const deltas = (...slots: EnforcedCondition[]) =>
      closed(bodyWith(rows, ...slots), funds({}), { revealedAt: () => NOW - 1 }).map(
        ({ delta }) => delta,
      );
    expect(deltas(lock(1n, 3n))).to.deep.equal([1n, 3n]);
    expect(deltas(lock(1n, 4n))).to.deep.equal([0n, 0n]);
    expect(deltas(lock(1n, 4n), lock(0n, 2n), lock(0n, 2n))).to.deep.equal([0n, 2n]);
    expect(deltas(lock(0n, 2n), lock(2n, -2n), lock(1n, -1n))).to.deep.equal([2n, 0n]);
  });

  it("TST-3: what is paid out is there, and what is owed is paid or becomes a debt", () => {
    const amount = fc.bigInt({ min: 0n, max: MAX_AMOUNT });
    const delta = fc.bigInt({ min: -MAX_AMOUNT, max: MAX_AMOUNT });
    const all = fc.tuple(amount, amount, amount, amount, delta, delta, fc.boolean());
    fc.assert(
      fc.property(all, ([collateral, reserve, leftLimit, rightLimit, ondelta, offdelta, open]) => {
        const terms = { collateral, ondelta, reserve };
        const of = funds(open ? { ...terms, indebted: "left" } : terms);
        const [only] = closed(bodyWith([{ offdelta, leftLimit, rightLimit }]), of) as [ClosedRow];
        expect(only.gain.left + only.gain.right).to.equal(collateral + only.paid);
        expect(only.delta >= -leftLimit && only.delta <= collateral + rightLimit).to.equal(true);
        const owed = only.delta < 0n ? -only.delta : only.delta - collateral;
        expect(only.paid + only.debt).to.equal(owed > 0n ? owed : 0n);
        expect(
          only.paid <= reserve && (!open || only.debtor !== "left" || only.paid === 0n),
        ).to.equal(true);
      }),
      { seed: 0x584c4e },
    );
  });
});
