/** A fault to plant in a copy of the contracts, and the invariant that must then go red. */
export type Fault = {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  /** What takes its place; `ARMED` is true only in the tests of this fault. */
  readonly replace: string;
  readonly red: string;
};

/** One fault for each invariant. */
export const faults: readonly Fault[] = [
  {
    name: "a batch pays one less than the collateral that it makes",
    file: "contracts/library/BatchRun.sol",
    find: "            _fund(book, token, fundings[i].beneficiary",
    replace:
      "            if (ARMED) sum -= 1;\n            _fund(book, token, fundings[i].beneficiary",
    red: "invariant_RCP6_conservation",
  },
  {
    name: "a deposit credits what was asked for, not what came",
    file: "contracts/library/Assets.sol",
    find: "uint256 gain = held > before ? held - before : 0;",
    replace:
      "uint256 gain = held > before ? (ARMED ? amount : held - before) : 0;\n" +
      "        if (ARMED) held += amount;",
    red: "invariant_RCP6_solvency",
  },
  {
    name: "a used number is taken again",
    file: "contracts/library/SettlementRun.sol",
    find: "if (!_mayFollow(head, account.head)) ",
    replace:
      "if (!_mayFollow(head, ARMED && account.head != 0 ? account.head - 1 : account.head)) ",
    red: "invariant_DEP4_numbers",
  },
  {
    name: "a settlement leaves left's claim as it was",
    file: "contracts/library/SettlementRows.sol",
    find: "_computeRow(money, row, token, collateralDiff, ondeltaDiff);",
    replace: "_computeRow(money, row, token, collateralDiff, ARMED ? int256(0) : ondeltaDiff);",
    red: "invariant_DEP4_fairness",
  },
];
