/** Commands of an entity's owner: each ends once, and a second run returns the first's result. */
import { unreachable } from "../../base/assert.ts";
import { equalBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { ensureAccount } from "../account.ts";
import { COMMAND_ID_MAX } from "../limit.ts";
import { coordinate } from "../plan.ts";
import { collectRows } from "../rows.ts";
import { fail, type Session, succeed } from "../session.ts";
import { proposeSettlement } from "../settlement.ts";
import type { Command, CommandId, OpenCommand } from "../types.ts";
import { requestBatch } from "./batch.ts";
import { transact } from "./transact.ts";

export function runCommand(session: Session, id: CommandId, command: Command): void {
  if (id.length === 0 || id.length > COMMAND_ID_MAX) {
    session.effects.push({
      kind: "result",
      id,
      result: {
        ok: false,
        refusal: { code: "badCommandId", message: `give 1 to ${COMMAND_ID_MAX} characters` },
      },
    });
    return;
  }
  const finished = session.entity.results.get(id);
  if (finished) {
    session.effects.push({ kind: "result", id, result: finished });
    return;
  }
  if (session.entity.open.has(id)) return;
  start(session, id, command);
}

function start(session: Session, id: CommandId, command: Command): void {
  switch (command.kind) {
    case "openAccount":
      return open(session, id, command.peer);
    case "transact":
      return transact(session, id, command.peer, command.transactions);
    case "batch":
      return requestBatch(session, { id, ...command });
    case "settle":
      return proposeSettlement(session, id, command);
    case "collectRows":
      return collectRows(session, id, command.from);
    case "coordinate":
      return coordinate(session, id, command.plan);
    case "setConsent":
      session.entity = { ...session.entity, consent: { netting: command.netting } };
      return succeed(session, id, { kind: "done" });
    default:
      return unreachable(command);
  }
}

function open(session: Session, id: CommandId, peer: EntityId): void {
  if (equalBytes(peer, session.entity.id)) {
    const message = "an account is between two: name another entity";
    return fail(session, id, { code: "accountWithItself", message });
  }
  ensureAccount(session, peer);
  succeed(session, id, { kind: "done" });
}

/** Remembers that the command goes on, and what will finish it. */
export function keepOpen(session: Session, command: OpenCommand): void {
  session.entity.open.set(command.id, command);
}

/** The open commands that wait for something of this kind. */
export function openOf<K extends OpenCommand["waitsFor"]["kind"]>(
  session: Session,
  kind: K,
): { id: CommandId; waitsFor: OpenCommand["waitsFor"] & { kind: K } }[] {
  const { open } = session.entity;
  const found: { id: CommandId; waitsFor: OpenCommand["waitsFor"] & { kind: K } }[] = [];
  for (const id of open.keys()) {
    const waitsFor = open.get(id)?.waitsFor;
    if (waitsFor?.kind === kind) {
      found.push({ id, waitsFor: waitsFor as OpenCommand["waitsFor"] & { kind: K } });
    }
  }
  return found;
}
