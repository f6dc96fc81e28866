import { expect } from "chai";
import { describe, it } from "mocha";
import { bound } from "../../../../keeper/netting/bound.ts";
import type { Objective, Position } from "../../../../keeper/netting/types.ts";
import { position } from "./sample.ts";

type Row = {
  readonly title: string;
  readonly objective: Objective;
  readonly delta: bigint;
  readonly rest?: Partial<Position>;
  readonly down: bigint;
  readonly up: bigint;
  readonly gain: bigint;
};

const wide = { leftLimit: 1000n, rightLimit: 1000n, leftSoftLimit: 40n, rightSoftLimit: 30n };

const rows: readonly Row[] = [
  { title: "right owes", objective: "value", delta: 70n, down: 70n, up: 0n, gain: 70n },
  { title: "left owes", objective: "value", delta: -70n, down: 0n, up: 70n, gain: 70n },
  { title: "nobody owes", objective: "value", delta: 0n, down: 0n, up: 0n, gain: 0n },
  {
    title: "right owes above the collateral",
    objective: "value",
    delta: 170n,
    rest: { collateral: 100n },
    down: 70n,
    up: 0n,
    gain: 70n,
  },
  {
    title: "within the collateral nothing moves",
    objective: "value",
    delta: 60n,
    rest: { collateral: 100n, ...wide },
    down: 0n,
    up: 0n,
    gain: 0n,
  },
  {
    title: "at the collateral's edge nothing moves",
    objective: "value",
    delta: 100n,
    rest: { collateral: 100n, ...wide },
    down: 0n,
    up: 0n,
    gain: 0n,
  },
  {
    title: "no consent",
    objective: "value",
    delta: 70n,
    rest: { consent: false },
    down: 0n,
    up: 0n,
    gain: 0n,
  },
  {
    title: "right is over left's soft limit: down to left's own debt at right's",
    objective: "excess",
    delta: 90n,
    rest: wide,
    down: 120n,
    up: 0n,
    gain: 50n,
  },
  {
    title: "left is over right's soft limit",
    objective: "excess",
    delta: -90n,
    rest: wide,
    down: 0n,
    up: 130n,
    gain: 60n,
  },
  {
    title: "exactly at the soft limit: may not rise, nothing to gain",
    objective: "excess",
    delta: 40n,
    rest: wide,
    down: 70n,
    up: 0n,
    gain: 0n,
  },
  {
    title: "below soft limits: both ways",
    objective: "excess",
    delta: 10n,
    rest: wide,
    down: 40n,
    up: 30n,
    gain: 0n,
  },
  {
    title: "within the collateral: both ways, across the whole of it",
    objective: "excess",
    delta: 60n,
    rest: { ...wide, collateral: 100n },
    down: 90n,
    up: 80n,
    gain: 0n,
  },
  {
    title: "the credit limit is below the soft limit",
    objective: "excess",
    delta: 10n,
    rest: { ...wide, leftLimit: 5n, rightLimit: 15n },
    down: 15n,
    up: 5n,
    gain: 0n,
  },
  {
    title: "zero limits: an account of pure collateral moves within it",
    objective: "excess",
    delta: 60n,
    rest: { collateral: 100n, leftLimit: 0n, rightLimit: 0n, leftSoftLimit: 9n },
    down: 60n,
    up: 40n,
    gain: 0n,
  },
  {
    title: "the largest amounts",
    objective: "excess",
    delta: 2n ** 128n - 2n,
    rest: {
      collateral: 2n ** 127n - 1n,
      leftLimit: 2n ** 127n - 1n,
      rightLimit: 2n ** 127n - 1n,
      rightSoftLimit: 2n ** 127n - 1n,
    },
    down: 2n ** 128n + 2n ** 127n - 3n,
    up: 0n,
    gain: 2n ** 127n - 1n,
  },
  {
    title: "no consent",
    objective: "excess",
    delta: 90n,
    rest: { ...wide, consent: false },
    down: 0n,
    up: 0n,
    gain: 0n,
  },
];

describe("netting: bounds of a position", () => {
  for (const { title, objective, delta, rest, down, up, gain } of rows) {
    it(`NET-2: ${objective}, ${title}`, () => {
      expect(bound(position(0, 1, delta, rest), objective)).deep.equal({ down, up, gain });
    });
  }
});
