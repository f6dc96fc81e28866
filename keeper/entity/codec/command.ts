/** Commands in the log of inputs: canonical bytes, decoded strictly. */

import type { Transaction } from "../../account/transaction.ts";
import { unreachable } from "../../base/assert.ts";
import {
  fail,
  type RlpReader,
  readAmount,
  readBoolean,
  readItems,
  readList,
  readNumber,
} from "../../codec/rlp/decode.ts";
import type { RlpValue } from "../../codec/rlp/encode.ts";
import { operationsItem, readEntity, readOperations, readToken } from "../../jurisdiction/codec.ts";
import { planItem, readPlan } from "../../plan/codec.ts";
import { COMMAND_TRANSACTIONS_MAX, ROWS_FROM_MAX } from "../limit.ts";
import type { Command } from "../types.ts";

const KINDS = [
  "openAccount",
  "transact",
  "batch",
  "settle",
  "collectRows",
  "coordinate",
  "setConsent",
] as const;

/** Tokens of one command to settle. */
const SETTLE_TOKENS_MAX = 1_000;

export function commandItem(command: Command): RlpValue {
  return [KINDS.indexOf(command.kind), ...fieldsOf(command)];
}

function fieldsOf(command: Command): readonly RlpValue[] {
  switch (command.kind) {
    case "openAccount":
      return [command.peer];
    case "transact":
      return [command.peer, command.transactions.map(ownerTransactionItem)];
    case "batch":
      return [command.deadline, operationsItem(command.operations)];
    case "settle":
      return [command.peer, command.tokens, command.deadline];
    case "collectRows":
      return [command.from];
    case "coordinate":
      return [planItem(command.plan)];
    case "setConsent":
      return [command.netting];
    default:
      return unreachable(command);
  }
}

export function readCommand(reader: RlpReader): Command {
  return readList(reader, () => {
    const kind = KINDS[readNumber(reader, KINDS.length - 1)];
    switch (kind) {
      case "openAccount":
        return { kind, peer: readEntity(reader) };
      case "transact": {
        const peer = readEntity(reader);
        const maximum = COMMAND_TRANSACTIONS_MAX;
        return { kind, peer, transactions: readItems(reader, maximum, readOwnerTransaction) };
      }
      case "batch":
        return { kind, deadline: readNumber(reader), operations: readOperations(reader) };
      case "settle": {
        const peer = readEntity(reader);
        const tokens = readItems(reader, SETTLE_TOKENS_MAX, readToken);
        return { kind, peer, tokens, deadline: readNumber(reader) };
      }
      case "collectRows":
        return { kind, from: readItems(reader, ROWS_FROM_MAX, readEntity) };
      case "coordinate":
        return { kind, plan: readPlan(reader) };
      case "setConsent":
        return { kind, netting: readBoolean(reader) };
      default:
        return fail("an unknown command");
    }
  });
}

/** What an owner may put into an account; a command with anything else never gets here. */
export function ownerTransactionItem(transaction: Transaction): RlpValue {
  if (transaction.kind === "pay") return [1, transaction.token, transaction.amount];
  if (transaction.kind === "setCredit") {
    return [0, transaction.token, transaction.limit, transaction.softLimit];
  }
  throw new RangeError(`${transaction.kind} is not for owners`);
}

export function readOwnerTransaction(reader: RlpReader): Transaction {
  return readList(reader, () => {
    const isPay = readBoolean(reader);
    const token = readToken(reader);
    if (isPay) return { kind: "pay", token, amount: readAmount(reader) };
    const limit = readAmount(reader);
    return { kind: "setCredit", token, limit, softLimit: readAmount(reader) };
  });
}
