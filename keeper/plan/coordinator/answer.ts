import type { Bytes32 } from "../../base/bytes.ts";
import { equalBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { endCoordination, putCoordination } from "../book.ts";
import type { PlanMessage } from "../message.ts";
import { keyOf, type Outcome, refused, send, unchanged } from "../result.ts";
import type { Coordination, PlanBook } from "../types.ts";
import { dropMessage, heardFromSigner, sendToAll } from "./find.ts";

/** A signer accepted; when all have, the holds begin. */
export function receiveAccept(book: PlanBook, from: EntityId, plan: Bytes32): Outcome {
  const heard = heardFromSigner(book, from, plan);
  if ("outcome" in heard) return heard.outcome;
  const { coordination, index } = heard;
  switch (coordination.stage) {
    case "proposing": {
      const accepted = coordination.accepted.with(index, true);
      const all = accepted.every((answer) => answer);
      const next: Coordination = {
        ...coordination,
        accepted,
        stage: all ? "holding" : "proposing",
      };
      return {
        book: putCoordination(book, next),
        effects: all ? sendToAll(next.plan, { kind: "begin", plan }) : [],
      };
    }
    case "holding":
    case "preparing":
      return unchanged(book);
    case "dropping":
      return { book, effects: [send(from, dropMessage(coordination))] };
  }
}

/** A signer's legs are all held; when everybody's are, everybody is asked to sign. */
export function receiveHeld(book: PlanBook, from: EntityId, plan: Bytes32): Outcome {
  const heard = heardFromSigner(book, from, plan);
  if ("outcome" in heard) return heard.outcome;
  const { coordination, index } = heard;
  switch (coordination.stage) {
    case "proposing":
      return refused(book, "notBegun", "nothing is held before all have accepted");
    case "holding": {
      const held = coordination.held.with(index, true);
      const all = held.every((answer) => answer);
      const next: Coordination = { ...coordination, held, stage: all ? "preparing" : "holding" };
      return {
        book: putCoordination(book, next),
        effects: all ? sendToAll(next.plan, { kind: "prepare", plan }) : [],
      };
    }
    case "preparing":
      return unchanged(book);
    case "dropping":
      return { book, effects: [send(from, dropMessage(coordination))] };
  }
}

/** A signer will not, or could not hold: all let go, unless they were asked to sign already. */
export function receiveRefuse(
  book: PlanBook,
  from: EntityId,
  message: PlanMessage & { kind: "refuse" },
): Outcome {
  // No answer where the plan is forgotten: whoever refuses lets go by itself.
  if (!book.coordinations.has(keyOf(message.plan))) return unchanged(book);
  const heard = heardFromSigner(book, from, message.plan);
  if ("outcome" in heard) return heard.outcome;
  const { coordination } = heard;
  switch (coordination.stage) {
    case "proposing":
    case "holding":
      return giveUp(book, withRefusal(coordination, from, message.code));
    case "preparing":
      return refused(book, "tooLate", "all legs were held, and all were asked to sign");
    case "dropping":
      return {
        book: putCoordination(book, withRefusal(coordination, from, message.code)),
        effects: [],
      };
  }
}

/** It has ended for a signer; when it has for all, the outcome is known. */
export function receiveDone(
  book: PlanBook,
  from: EntityId,
  message: PlanMessage & { kind: "done" },
): Outcome {
  if (!book.coordinations.has(keyOf(message.plan))) return unchanged(book);
  const heard = heardFromSigner(book, from, message.plan);
  if ("outcome" in heard) return heard.outcome;
  const { coordination, index } = heard;
  switch (coordination.stage) {
    case "proposing":
    case "holding":
      if (message.committed) {
        return refused(book, "notPrepared", "nothing commits before all were asked to sign");
      }
      return giveUp(book, withRefusal(coordination, from, "dropped"));
    case "preparing":
    case "dropping": {
      const kept = coordination.stage === "preparing" && !message.committed;
      const judged = kept ? withRefusal(coordination, from, "dropped") : coordination;
      return endWhenDone(book, { ...judged, done: judged.done.with(index, true) });
    }
  }
}

export function giveUp(book: PlanBook, coordination: Coordination): Outcome {
  const dropping: Coordination = { ...coordination, stage: "dropping" };
  return {
    book: putCoordination(book, dropping),
    effects: sendToAll(dropping.plan, dropMessage(dropping)),
  };
}

export function withRefusal(coordination: Coordination, by: EntityId, code: string): Coordination {
  const { refusals } = coordination;
  if (refusals.some((refusal) => equalBytes(refusal.by, by))) return coordination;
  return { ...coordination, refusals: [...refusals, { by, code }] };
}

function endWhenDone(book: PlanBook, coordination: Coordination): Outcome {
  if (!coordination.done.every((answer) => answer)) {
    return { book: putCoordination(book, coordination), effects: [] };
  }
  return endWith(book, coordination);
}

/** The outcome as far as it is known here: the chain's word is enough for a commit. */
export function endWith(book: PlanBook, coordination: Coordination): Outcome {
  const { hash, stage, onChain, refusals } = coordination;
  const committed = onChain || (stage === "preparing" && refusals.length === 0);
  return {
    book: endCoordination(book, keyOf(hash)),
    effects: [{ kind: "outcome", plan: hash, committed, refusals }],
  };
}
