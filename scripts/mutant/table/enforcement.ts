import type { Mutant } from "../types.ts";

/** Disputes, conditions, closings, debts. */
export const enforcementTable: readonly Mutant[] = [
  {
    name: "start: the starter's own signature will do",
    file: "library/DisputeRun.sol",
    find: "_judge(scope, head.counterparty, digest, signature, block.timestamp)",
    replace: "_judge(scope, scope.carrier, digest, signature, block.timestamp)",
  },
  {
    name: "start: the window may be longer than the longest",
    file: "library/DisputeRun.sol",
    find: "response > bounds.longest()",
    replace: "false",
  },
  {
    name: "start: the window may be shorter than the shortest",
    file: "library/DisputeRun.sol",
    find: "response < bounds.shortest()",
    replace: "false",
  },
  {
    name: "start: the sides are told apart the wrong way",
    file: "library/DisputeRun.sol",
    find: "byLeft ? Dispute.BY_LEFT : Dispute.BY_RIGHT | Dispute.STARTER_IS_RIGHT",
    replace: "byLeft ? Dispute.BY_RIGHT | Dispute.STARTER_IS_RIGHT : Dispute.BY_LEFT",
  },
  {
    name: "start: it is the other's board that is retired",
    file: "library/DisputeRun.sol",
    find: "byLeft ? Dispute.RIGHT_RETIRED : Dispute.LEFT_RETIRED",
    replace: "byLeft ? Dispute.LEFT_RETIRED : Dispute.RIGHT_RETIRED",
  },
  {
    name: "counter: the head's preimage is not compared",
    file: "library/DisputeRun.sol",
    find: "Accounts.disputeOf(stored) != Dispute.commitment(window, head.bodyHash)",
    replace: "false",
  },
  {
    name: "counter: an equal number wins",
    file: "library/DisputeRun.sol",
    find: "proof.number == one && !_clears(book, proof, window)",
    replace: "false",
  },
  {
    name: "counter: a lower number wins",
    file: "library/DisputeRun.sol",
    find: "head.number <= number && !again",
    replace: "false",
  },
  {
    name: "start: an equal number starts",
    file: "library/DisputeRun.sol",
    within: "head.number <= number && number != 0",
    find: "head.number <= number",
    replace: "head.number < number",
  },
  {
    name: "start: without a proof the shortest window",
    file: "library/DisputeRun.sol",
    within: `response = bounds.longest();
        } else {`,
    find: "bounds.longest()",
    replace: "bounds.shortest()",
  },
  {
    name: "counter: one past the window lands",
    file: "library/DisputeRun.sol",
    find: "block.timestamp > window.end()",
    replace: "block.timestamp > window.end() + 1",
  },
  {
    name: "counter: the window's last second is too late",
    file: "library/DisputeRun.sol",
    find: "block.timestamp > window.end()",
    replace: "block.timestamp >= window.end()",
  },
  {
    name: "counter: left counters itself alone",
    file: "library/DisputeRun.sol",
    find: "leftLength == 0 && proof.left == scope.carrier && !leftStarted",
    replace: "leftLength == 0 && proof.left == scope.carrier",
  },
  {
    name: "counter: right counters itself alone",
    file: "library/DisputeRun.sol",
    find: "rightLength == 0 && proof.right == scope.carrier && leftStarted",
    replace: "rightLength == 0 && proof.right == scope.carrier",
  },
  {
    name: "counter: boards are judged as of now",
    file: "library/DisputeRun.sol",
    find: "window.startedAt()",
    replace: "block.timestamp",
  },
  {
    name: "counter: it forgets who started",
    file: "library/DisputeRun.sol",
    find: "window.flagsOf() & Dispute.STARTER_IS_RIGHT",
    replace: "0",
  },
  {
    name: "counter: the second one takes the head's place",
    file: "library/DisputeRun.sol",
    within: "bool first = window.isOfStart();",
    find: "window.isOfStart()",
    replace: "true",
  },
  {
    name: "counter: the epoch is not signed",
    file: "library/DisputeRun.sol",
    find: "mstore(add(pointer, 0x40), epoch)",
    replace: "mstore(add(pointer, 0x40), 0)",
    as: "assembly",
  },
  {
    name: "finalise: the last second of the window counts as past",
    file: "library/Finalisation.sol",
    find: "block.timestamp > end",
    replace: "block.timestamp >= end",
  },
  {
    name: "finalise: who brought the proof accepts it",
    file: "library/Finalisation.sol",
    find: "run.flags & Dispute.BY_LEFT != 0 && carrier == run.right",
    replace: "run.flags & Dispute.BY_LEFT != 0 && carrier != 0",
  },
  {
    name: "finalise: an overtaken body is paid",
    file: "library/Finalisation.sol",
    find: "overtaken != Accounts.isOvertaken(stored)",
    replace: "overtaken && !Accounts.isOvertaken(stored)",
  },
  {
    name: "finalise: another body than the overtaking one is paid",
    file: "library/Finalisation.sol",
    find: "matches = word == Dispute.overtaking(number, window, bodyHash);",
    replace: "matches = word != 0;",
    as: "statement",
  },
  {
    name: "finalise: the least a delta may be is forgotten",
    file: "library/Finalisation.sol",
    find: `if slt(delta, least) {
                    delta := least
                }`,
    replace: "",
    as: "assembly",
  },
  {
    name: "finalise: the most a delta may be is forgotten",
    file: "library/Finalisation.sol",
    find: `if sgt(delta, most) {
                    delta := most
                }`,
    replace: "",
    as: "assembly",
  },
  {
    name: "finalise: left gets right's share",
    file: "library/Finalisation.sol",
    find: "_credit(book, run.left, token, uint256(delta));",
    replace: "_credit(book, run.left, token, collateral - uint256(delta));",
    as: "statement",
  },
  {
    name: "finalise: a retired board's signature charges left",
    file: "library/Finalisation.sol",
    find: "run.flags & Dispute.LEFT_RETIRED == 0",
    replace: "true",
  },
  {
    name: "finalise: a retired board's signature charges right",
    file: "library/Finalisation.sol",
    find: "run.flags & Dispute.RIGHT_RETIRED == 0",
    replace: "true",
  },
  {
    name: "finalise: the row keeps its money",
    file: "library/Finalisation.sol",
    find: "account.money[token] = 0;",
    replace: "",
    as: "statement",
  },
  {
    name: "finalise: the dispute stays",
    file: "library/Finalisation.sol",
    find: "account.head = closed;",
    replace: "account.head = stored;",
    as: "statement",
  },
  {
    name: "finalise: what overtook stays",
    file: "library/Finalisation.sol",
    find: "if (Accounts.isOvertaken(stored)) delete book.accounts.overtaking[key];",
    replace: "",
    as: "statement",
  },
  {
    name: "outcome: a lock revealed too late applies",
    file: "library/Outcome.sol",
    find: "time <= due",
    replace: "true",
  },
  {
    name: "outcome: a plan's lock looks at hashes",
    file: "library/Outcome.sol",
    find: "kind == Condition.HASH_LOCK",
    replace: "kind != 0",
  },
  {
    name: "outcome: an order is filled in full",
    file: "library/Outcome.sol",
    find: "evidence.ratios[key]",
    replace: "Evidence.WHOLE",
  },
  {
    name: "outcome: what does not fit stays applied",
    file: "library/Outcome.sol",
    find: `if fits {
                for {
                    let change := changes
                } lt(change, last) {
                    change := add(change, 0x20)
                } {
                    mstore(add(mload(add(change, size)), 0x20), mload(change))
                }
            }`,
    replace: `for {
                    let change := changes
                } lt(change, last) {
                    change := add(change, 0x20)
                } {
                    mstore(add(mload(add(change, size)), 0x20), mload(change))
                }`,
    as: "assembly",
  },
  {
    name: "outcome: a transformer goes above its bound",
    file: "library/Outcome.sol",
    find: "if (change > upper.signed() >> 128) return given;",
    replace: "",
    as: "statement",
  },
  {
    name: "transformer: a short answer will do",
    file: "library/Transformer.sol",
    find: "answered := and(answered, eq(returndatasize(), size))",
    replace: "",
    as: "assembly",
  },
  {
    name: "reveal: the last time counts",
    file: "library/Evidence.sol",
    find: "self.revealedAt[hash] != 0",
    replace: "false",
  },
  {
    name: "finalise: conditions wait for ever",
    file: "library/Finalisation.sol",
    find: "head.window.startedAt() + longest",
    replace: "type(uint256).max",
  },
  {
    name: "fill: a ratio may sink",
    file: "library/FillRun.sol",
    find: "ratio <= recorded",
    replace: "ratio == recorded",
  },
  {
    name: "fill: the maker fills",
    file: "library/FillRun.sol",
    find: "right == carrier ? 1 : 0",
    replace: "right == carrier ? 0 : 1",
  },
  {
    name: "debts: a reserve with an open debt pays for new ones",
    file: "library/DebtRun.sol",
    find: "if (!row.hasDebts()) paid = _lesser(uint128(row), amount);",
    replace: "paid = _lesser(uint128(row), amount);",
    as: "statement",
  },
  {
    name: "debts: the whole amount stays owed",
    file: "library/DebtRun.sol",
    find: "Debts.pack(creditor, amount - paid)",
    replace: "Debts.pack(creditor, amount)",
  },
  {
    name: "debts: what is paid in part is closed",
    file: "library/DebtRun.sol",
    find: "slots[index] = rest == 0 ? 0 : debt - paid;",
    replace: "slots[index] = 0;",
    as: "statement",
  },
  {
    name: "debts: the debtor keeps what it pays",
    file: "library/DebtRun.sol",
    find: "book.reserves.credit(creditor, token, paid);\n            row -= paid;",
    replace: "book.reserves.credit(creditor, token, paid);",
    as: "statement",
  },
  {
    name: "debts: anybody forgives",
    file: "library/DebtRun.sol",
    find: "!debt.isOwedTo(creditor)",
    replace: "false",
  },
  {
    name: "debts: the queue's head stays when its debt is forgiven",
    file: "library/DebtRun.sol",
    find: "if (row.headOf() == index) rows[token] = row + Reserves.ONE_DEBT_CLOSED;",
    replace: "",
    as: "statement",
  },
  {
    name: "debts: an open debt does not stop a debit",
    file: "library/Reserves.sol",
    find: "if (hasDebts(row)) revert IDepositoryErrors.DebtsOpen(entity, token);",
    replace: "",
    as: "statement",
  },
];
