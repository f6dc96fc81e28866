import { table } from "../mutant/table.ts";
import type { Mutant } from "../mutant/types.ts";

/** A mutant of the contracts, and the invariant that must go red under it. */
export type Fault = Mutant & {
  readonly red: string;
  /** Where the invariant is, and the walk that turns it red: a contract without its `Test`. */
  readonly walk: Walk;
};

/** The test contracts that walk, each with how many steps it takes. */
export const walks = {
  Invariant: 400,
  EnforcementInvariant: 900,
  BoardInvariant: 400,
  StrangerInvariant: 420,
  PlanInvariant: 240,
  ConditionInvariant: 1000,
} as const;

export type Walk = keyof typeof walks;

/** At least one fault for each invariant. */
export const faults: readonly Fault[] = [
  {
    name: "a batch pays one less than the collateral that it makes",
    file: "library/BatchRun.sol",
    within: `sum += amount;
            _fund(book, token, `,
    find: "sum += amount;",
    replace: "sum += amount - 1;",
    as: "statement",
    red: "invariant_RCP6_conservation",
    walk: "Invariant",
  },
  {
    name: "a deposit credits what was asked for, not what came",
    file: "library/Assets.sol",
    find: `book.tokens.give(token, gain, held);
        book.reserves.credit(entity, token, gain);`,
    replace: `book.tokens.give(token, amount, held + amount);
        book.reserves.credit(entity, token, amount);`,
    as: "statement",
    red: "invariant_RCP6_solvency",
    walk: "Invariant",
  },
  {
    name: "a used number is taken again",
    file: "library/SettlementRun.sol",
    find: "let differs := or(shr(64, xor(given, stored)), iszero(gt(given, stored)))",
    replace: "differs := or(shr(64, xor(given, stored)), lt(given, stored))",
    as: "after",
    red: "invariant_DEP4_numbers",
    walk: "Invariant",
  },
  {
    name: "a settlement leaves left's claim as it was",
    file: "library/SettlementRows.sol",
    find: "reason = _computeRow(money, row, token, collateralDiff, ondeltaDiff);",
    replace: "reason = _computeRow(money, row, token, collateralDiff, 0);",
    as: "statement",
    red: "invariant_DEP4_fairness",
    walk: "Invariant",
  },
  {
    name: "a closing pays the debtor's reserve out and leaves it there",
    file: "library/DebtRun.sol",
    find: `// What is paid is neither more than the reserve nor than what is owed.
            row -= paid;`,
    replace: "",
    as: "statement",
    red: "invariant_RCP6_conservationInDisputes",
    walk: "EnforcementInvariant",
  },
  {
    name: "a closing pays more than there is",
    file: "library/Finalisation.sol",
    find: "_credit(book, run.left, token, uint256(delta));",
    replace: "_credit(book, run.left, token, uint256(delta) + 3000);",
    as: "statement",
    red: "invariant_RCP6_solvencyInDisputes",
    walk: "EnforcementInvariant",
  },
  {
    name: "a closing forgets the credit limit",
    file: "library/Finalisation.sol",
    find: `if sgt(delta, most) {
                    delta := most
                }`,
    replace: "",
    as: "assembly",
    red: "invariant_DIS4_singlePayout",
    walk: "EnforcementInvariant",
  },
  {
    name: "a closing leaves what it paid",
    file: "library/Finalisation.sol",
    find: "account.money[token] = 0;",
    replace: "",
    as: "statement",
    red: "invariant_DIS4_singlePayout",
    walk: "EnforcementInvariant",
  },
  {
    name: "a counter as old as the proof before it is taken",
    file: "library/DisputeRun.sol",
    within: ": Accounts.numberOf(proof.stored)",
    find: "Accounts.numberOf(proof.stored)",
    replace: "Accounts.numberOf(proof.stored) - 1",
    red: "invariant_DIS2_numbers",
    walk: "EnforcementInvariant",
  },
  {
    name: "a closing goes on two epochs",
    file: "library/Finalisation.sol",
    find: "account.head = closed;",
    replace: "account.head = closed + (1 << 64);",
    as: "statement",
    red: "invariant_DIS5_phase",
    walk: "EnforcementInvariant",
  },
  {
    name: "a debt paid in part is closed",
    file: "library/DebtRun.sol",
    find: "slots[index] = rest == 0 ? 0 : debt - paid;",
    replace: "slots[index] = 0;",
    as: "statement",
    red: "invariant_DEB1_queue",
    walk: "EnforcementInvariant",
  },
  {
    name: "a new board counts as soon as it is proposed",
    file: "library/Tenures.sol",
    find: "since > time",
    replace: "since > time + 1_296_000",
    red: "invariant_ENT5_boards",
    walk: "BoardInvariant",
  },
  {
    name: "a proposal that was taken back stays",
    file: "library/Tenures.sol",
    find: `self.heads[number] =
            index == 0 ? uint256(previous.boardHash) : (uint256(previous.since) << 64) | index;`,
    replace: "",
    as: "statement",
    red: "invariant_ENT5_history",
    walk: "BoardInvariant",
  },
  {
    name: "a signature under an action serves again",
    file: "EntityProvider.sol",
    find: "++_nonces[entity];",
    replace: "",
    as: "statement",
    red: "invariant_ENT5_nonces",
    walk: "BoardInvariant",
  },
  {
    name: "a withdrawal stays in the token's total",
    file: "library/Assets.sol",
    find: "book.tokens.take(token, uint128(sum));",
    replace: "",
    as: "statement",
    red: "invariant_RCP6_conservationAmongStrangers",
    walk: "StrangerInvariant",
  },
  {
    name: "a token takes more than was asked for",
    file: "library/Assets.sol",
    find: "taken > sum",
    replace: "false",
    red: "invariant_RCP6_solvencyAmongStrangers",
    walk: "StrangerInvariant",
  },
  {
    name: "a payment in one token is credited in another",
    file: "library/BatchRun.sol",
    find: "book.reserves.credit(to, token, amount);",
    replace: "book.reserves.credit(to, 1, amount);",
    as: "statement",
    red: "invariant_DEP1_strangersHurtNobodyElse",
    walk: "StrangerInvariant",
  },
  {
    name: "a batch uses up two nonces",
    file: "Depository.sol",
    find: "++_nonces[entity] - 1",
    replace: "(_nonces[entity] += 2) - 2",
    red: "invariant_DEP3_batchesLandWholeOrNotAtAll",
    walk: "StrangerInvariant",
  },
  {
    name: "a token comes in again",
    file: "Guard.sol",
    find: "_entered != 0",
    replace: "false",
    red: "invariant_DEP1_nobodyComesInAgain",
    walk: "StrangerInvariant",
  },
  {
    name: "a plan's last settlement moves reserves and no claim",
    file: "library/SettlementRun.sol",
    find: "run.write(head);",
    replace: `if (!run.inPlan || position + 32 < run.headsEnd) run.write(head);
            else run.diff += _countBits(Settling.tokenBits(head)) * 32;`,
    as: "statement",
    red: "invariant_NET6_plansLandWholeOrNotAtAll",
    walk: "PlanInvariant",
  },
  {
    name: "a plan moves its accounts' numbers",
    file: "library/SettlementRun.sol",
    find: "if (!run.inPlan) account.head = head >> 160;",
    replace: "account.head = head >> 160;",
    as: "statement",
    red: "invariant_NET6_plansLandWholeOrNotAtAll",
    walk: "PlanInvariant",
  },
  {
    name: "a plan whose last signature is another's lands",
    file: "library/PlanRun.sol",
    find: "_requireSigned(scope, run, signer, digest, start.slice(length));",
    replace: "",
    as: "statement",
    red: "invariant_NET6_plansAreMarkedOnce",
    walk: "PlanInvariant",
  },
  {
    name: "a plan is not marked",
    file: "library/PlanRun.sol",
    find: "book.evidence.committedAt[plan] = uint64(block.timestamp);",
    replace: "",
    as: "statement",
    red: "invariant_NET6_plansAreMarkedOnce",
    walk: "PlanInvariant",
  },
  {
    name: "a transformer's answer is not held to its upper bound",
    file: "library/Outcome.sol",
    find: "if (change > upper.signed() >> 128) return given;",
    replace: "",
    as: "statement",
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    name: "a transformer that fails still moves what it said",
    file: "library/Transformer.sol",
    find: "answered := and(answered, eq(returndatasize(), size))",
    replace: "answered := eq(returndatasize(), size)",
    as: "assembly",
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    name: "what a transformer left unsaid is taken from memory",
    file: "library/Transformer.sol",
    find: "answered := and(answered, eq(returndatasize(), size))",
    replace: "answered := and(answered, gt(add(returndatasize(), 0x20), size))",
    as: "assembly",
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    name: "a finaliser may starve a transformer",
    file: "library/Transformer.sol",
    find: "gasleft() < needed",
    replace: "false",
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    name: "a transformer's change is made twice",
    file: "library/Outcome.sol",
    within: `.signed() >> 128) return given;
            }
            _move(self, start, changes);`,
    find: "_move(self, start, changes);",
    replace: "_move(self, start, changes); _move(self, start, changes);",
    as: "statement",
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    ...mutantNamed("outcome: what does not fit stays applied"),
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    name: "a taker's share is rounded towards zero",
    file: "library/Outcome.sol",
    find: "change := sar(32, change)",
    replace: "change := sdiv(change, 0x100000000)",
    as: "assembly",
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    name: "a side whose retired board signed pays out of its reserve",
    file: "library/Finalisation.sol",
    find: "run.flags & Dispute.LEFT_RETIRED == 0",
    replace: "true",
    red: "invariant_CND1_conditionsMoveWhatTheyMay",
    walk: "ConditionInvariant",
  },
  {
    name: "a transformer that fails fails the closing",
    file: "library/Outcome.sol",
    find: "if (!answered) return given;",
    replace: "if (!answered) revert IDepositoryErrors.BodyInvalid(start);",
    as: "statement",
    red: "invariant_DIS4_everyDisputeCanEnd",
    walk: "ConditionInvariant",
  },
  {
    name: "a condition may wait longer than the longest window",
    file: "library/Outcome.sol",
    find: "if (cap < due) due = cap;",
    replace: "",
    as: "statement",
    red: "invariant_DIS4_everyDisputeCanEnd",
    walk: "ConditionInvariant",
  },
  {
    name: "a deadline's last second counts as past",
    file: "library/Outcome.sol",
    find: "block.timestamp <= due",
    replace: "block.timestamp < due",
    red: "invariant_DIS5_headsUnderConditions",
    walk: "ConditionInvariant",
  },
  {
    name: "who brought a proof may accept it",
    file: "library/Finalisation.sol",
    find: "run.flags & Dispute.BY_LEFT != 0 && carrier == run.right",
    replace: "run.flags & Dispute.BY_LEFT != 0 && carrier != 0",
    red: "invariant_DIS5_headsUnderConditions",
    walk: "ConditionInvariant",
  },
  {
    name: "a current board's signature does not clear a proof of a retired one's",
    file: "library/DisputeRun.sol",
    find: "if (word == standing) return true;",
    replace: "",
    as: "statement",
    red: "invariant_DIS5_headsUnderConditions",
    walk: "ConditionInvariant",
  },
];

/** A fault that mutation plants as well. @throws Error when its table has none of that name */
function mutantNamed(name: string): Mutant {
  const mutant = table.find((row) => row.name === name);
  if (mutant === undefined) throw new Error(`no mutant is named ${name}`);
  return mutant;
}
