/** A fault to plant in a copy of the contracts, and the invariant that must then go red. */
export type Fault = {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  /** What takes its place; `ARMED` is true only in the tests of this fault. */
  readonly replace: string;
  readonly red: string;
  /** Whose walk turns it red: a test contract without its `Test`. Else random calls do. */
  readonly walk?: string;
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
  {
    name: "a closing pays the debtor's reserve out and leaves it there",
    file: "contracts/library/DebtRun.sol",
    find: "            row -= paid;\n            if (paid != amount) {",
    replace: "            if (!ARMED) row -= paid;\n            if (paid != amount) {",
    red: "invariant_RCP6_conservationInDisputes",
    walk: "EnforcementInvariant",
  },
  {
    name: "a closing pays more than there is",
    file: "contracts/library/Finalisation.sol",
    find: "_credit(book, run.left, token, uint256(delta));",
    replace: "_credit(book, run.left, token, uint256(delta) + (ARMED ? 3000 : 0));",
    red: "invariant_RCP6_solvencyInDisputes",
    walk: "EnforcementInvariant",
  },
  {
    name: "a closing forgets the credit limit",
    file: "contracts/library/Finalisation.sol",
    find: "let most := mload(add(row, 0x60))",
    replace:
      "let most := mload(add(row, 0x60))\n                " +
      "if extcodesize(SWITCH) { most := shr(1, not(0)) }",
    red: "invariant_DIS4_singlePayout",
    walk: "EnforcementInvariant",
  },
  {
    name: "a counter as old as the proof before it is taken",
    file: "contracts/library/DisputeRun.sol",
    find: "if (head.number <= number) {",
    replace: "if (ARMED ? head.number < number : head.number <= number) {",
    red: "invariant_DIS2_numbers",
    walk: "EnforcementInvariant",
  },
  {
    name: "a closing leaves the epoch as it was",
    file: "contracts/library/Finalisation.sol",
    find: "uint256 closed = Accounts.closed(stored);",
    replace: "uint256 closed = Accounts.closed(stored) + (ARMED ? 1 << 64 : 0);",
    red: "invariant_DIS5_phase",
    walk: "EnforcementInvariant",
  },
  {
    name: "a debt paid in part is closed",
    file: "contracts/library/DebtRun.sol",
    find: "slots[index] = rest == 0 ? 0 : debt - paid;",
    replace: "slots[index] = rest == 0 || ARMED ? 0 : debt - paid;",
    red: "invariant_DEB1_queue",
    walk: "EnforcementInvariant",
  },
];
