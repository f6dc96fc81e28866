/**
 * The machine of one entity. A board of one validator commits each input at once; with a larger
 * board the same step runs for a proposal, and its effects are released by the certificate.
 */
import { unreachable } from "../base/assert.ts";
import { receiveAccountMessage, stepAccount } from "./account.ts";
import { nonceTaken } from "./command/batch.ts";
import { runCommand } from "./command/command.ts";
import type { EntityEffect } from "./effect.ts";
import { observeFinal } from "./final.ts";
import type { EntityInput } from "./input.ts";
import { receivePlanMessage, reconnectPlans, recoverPlans } from "./plan.ts";
import { resume } from "./resume.ts";
import { answerRows, askMissingRows, receiveRows } from "./rows.ts";
import { type EntityContext, findAccount, type Session } from "./session.ts";
import type { Entity } from "./types.ts";

/**
 * Applies the inputs in their order to a draft (see `draftEntity`) and returns the entity that
 * results, with everything it asks for, in order.
 */
export function step(
  draft: Entity,
  inputs: readonly EntityInput[],
  context: EntityContext,
  touched: Set<number> = new Set(),
): { readonly entity: Entity; readonly effects: readonly EntityEffect[] } {
  const session: Session = { entity: draft, effects: [], touched, context, accountContext: null };
  for (const input of inputs) {
    session.entity = { ...session.entity, height: session.entity.height + 1 };
    apply(session, input);
  }
  return { entity: session.entity, effects: session.effects };
}

function apply(session: Session, input: EntityInput): void {
  switch (input.kind) {
    case "command":
      return runCommand(session, input.id, input.command);
    case "message":
      return receive(session, input);
    case "connect": {
      const { peer, connection } = input;
      if (findAccount(session, peer)) stepAccount(session, peer, { kind: "connect", connection });
      askMissingRows(session, peer);
      return reconnectPlans(session, peer);
    }
    case "disconnect":
      if (findAccount(session, input.peer))
        stepAccount(session, input.peer, { kind: "disconnect" });
      return;
    case "final":
      return observeFinal(session, input.block);
    case "resume":
      return resume(session);
    case "older":
      return recoverPlans(session, null);
    case "numberTaken":
      if (findAccount(session, input.peer)) stepAccount(session, input.peer, input);
      return;
    case "nonceTaken":
      return nonceTaken(session, input.nonce);
    case "flush":
      return flush(session);
    default:
      return unreachable(input);
  }
}

function receive(session: Session, input: EntityInput & { kind: "message" }): void {
  const { from, message, claim } = input;
  switch (message.kind) {
    case "account":
      return receiveAccountMessage(session, from, input.connection, message.message, claim);
    case "plan":
      return receivePlanMessage(session, from, message.message, claim);
    case "askRows":
      return answerRows(session, from, message.request);
    case "rows":
      return receiveRows(session, from, message, claim);
    default:
      return unreachable(message);
  }
}

/**
 * Accounts that this tick touched may propose now: all that the tick brought goes into one frame.
 * A flush can touch further accounts (a plan moves on); they are flushed in the same go.
 */
function flush(session: Session): void {
  for (const index of session.touched) {
    const account = session.entity.accounts.get(index);
    if (account === undefined) continue;
    stepAccount(session, session.context.interner.bytesOf(index), { kind: "flush" });
  }
  session.touched.clear();
}
