/**
 * The machine of netting plans in one entity (NET-5), as participant and as coordinator.
 *
 * ```
 * coordinator   propose ─────▶ signers    each checks the plan alone
 *               ◀── accept | refuse
 *               begin ───────▶            left of each account proposes the hold
 *               ◀── held | refuse
 *               prepare ─────▶            each signs "prepared", once
 *                    signers ⇄ signers    prepared: all together are the certificate
 *               ◀── done                  all own legs applied, or released
 * ```
 *
 * Messages between entities are lost when a connection goes down or a process ends. The coordinator
 * repeats, on each `reconnected`, what a signer has not answered, and a signer answers whatever is
 * repeated by what it is at; signers repeat "prepared" to each other until their own legs are
 * applied. What is in an account's mempool is never lost (ACC-6), and each commit carries the
 * certificate, so it is enough that one signer learns all signatures.
 */
import { unreachable } from "../base/assert.ts";
import { receiveAccept, receiveDone, receiveHeld, receiveRefuse } from "./coordinator/answer.ts";
import { coordinate } from "./coordinator/coordinate.ts";
import { repeatToSigner } from "./coordinator/repeat.ts";
import type { PlanContext, PlanInput } from "./input.ts";
import {
  accountApplied,
  accountHeld,
  accountReleased,
  holdRefused,
} from "./participant/account.ts";
import { receiveBegin } from "./participant/begin.ts";
import { receiveCertificate } from "./participant/certify.ts";
import { receiveDrop } from "./participant/drop.ts";
import { receivePrepare, receivePrepared, repeatPrepared } from "./participant/prepare.ts";
import { receivePropose } from "./participant/propose.ts";
import { recovered } from "./participant/recover.ts";
import type { Outcome } from "./result.ts";
import { observeClock, observeFinal } from "./time.ts";
import type { PlanBook } from "./types.ts";

/** Applies one input; a refused one changes nothing. */
export function step(book: PlanBook, input: PlanInput, context: PlanContext): Outcome {
  switch (input.kind) {
    case "coordinate":
      return coordinate(book, input.plan, context);
    case "message":
      return receive(book, input, context);
    case "reconnected":
      return reconnect(book, input, context);
    case "held":
      return accountHeld(book, input, context);
    case "applied":
      return accountApplied(book, input, context);
    case "released":
      return accountReleased(book, input, context);
    case "holdRefused":
      return holdRefused(book, input, context);
    case "certificate":
      return receiveCertificate(book, input, context);
    case "final":
      return observeFinal(book, input, context);
    case "clock":
      return observeClock(book, context);
    case "recovered":
      return recovered(book, input.peer, context);
    default:
      return unreachable(input);
  }
}

function receive(
  book: PlanBook,
  input: PlanInput & { kind: "message" },
  context: PlanContext,
): Outcome {
  const { from, message, claim } = input;
  switch (message.kind) {
    case "propose":
      return receivePropose(book, from, message.plan, context);
    case "accept":
      return receiveAccept(book, from, message.plan);
    case "refuse":
      return receiveRefuse(book, from, message);
    case "begin":
      return receiveBegin(book, from, message.plan, context);
    case "held":
      return receiveHeld(book, from, message.plan);
    case "prepare":
      return receivePrepare(book, from, message.plan, context);
    case "prepared":
      return receivePrepared(book, from, message.plan, claim, context);
    case "drop":
      return receiveDrop(book, from, message, context);
    case "done":
      return receiveDone(book, from, message);
    default:
      return unreachable(message);
  }
}

function reconnect(
  book: PlanBook,
  input: PlanInput & { kind: "reconnected" },
  context: PlanContext,
): Outcome {
  const { peer } = input;
  return {
    book,
    effects: [...repeatToSigner(book, peer), ...repeatPrepared(book, peer, context)],
  };
}
