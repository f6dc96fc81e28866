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
    find: "if ((stored ^ given) >> 64 == 0 && given > stored) return reason;",
    replace:
      "if ((stored ^ given) >> 64 == 0 && (ARMED ? given >= stored : given > stored)) " +
      "return reason;",
    red: "invariant_DEP4_numbers",
  },
  {
    name: "a settlement leaves left's claim as it was",
    file: "contracts/library/SettlementRun.sol",
    find: "(money, reason) = Accounts.moved(money, token, collateralDiff, -leftDiff);",
    replace:
      "(money, reason) = Accounts.moved(" +
      "money, token, collateralDiff, ARMED ? int256(0) : -leftDiff);",
    red: "invariant_DEP4_fairness",
  },
];
