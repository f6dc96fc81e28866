import type { Bytes, Bytes32 } from "../../base/bytes.ts";
import { putParticipation } from "../book.ts";
import { encodeCertificate, verifyCertificate } from "../certificate.ts";
import { applyBy } from "../clock.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext, PlanInput } from "../input.ts";
import { keyOf, type Outcome, refused, unchanged } from "../result.ts";
import type { Participation, PlanBook } from "../types.ts";
import { appeal } from "./chain.ts";
import { findParticipation } from "./find.ts";

/** Keeps a participation that learned a signature; the last one makes the certificate. */
export function certifyWhenComplete(
  book: PlanBook,
  participation: Participation,
  context: PlanContext,
): Outcome {
  const { phase, prepared, certificate } = participation;
  const signatures = prepared.filter((signature): signature is Bytes => signature !== null);
  const isComplete = signatures.length === prepared.length && certificate === null;
  if (phase !== "prepared" || !isComplete) {
    return { book: putParticipation(book, participation), effects: [] };
  }
  return certify(book, participation, encodeCertificate(signatures), context);
}

/**
 * A certificate from a peer's commit (NET-5). Once one is known another changes nothing. It cannot
 * be valid before this entity signed "prepared" itself, unless its disk is an older one: where that
 * is known it counts as what it is, and elsewhere it is refused.
 */
export function receiveCertificate(
  book: PlanBook,
  input: PlanInput & { kind: "certificate" },
  context: PlanContext,
): Outcome {
  const participation = findParticipation(book, input.plan);
  if (participation === undefined) {
    if (book.finished.has(keyOf(input.plan))) return unchanged(book);
    return refused(book, "planUnknown", "no plan of this hash was accepted here");
  }
  const { phase, plan } = participation;
  if (phase === "committed" || participation.certificate !== null) return unchanged(book);
  if (phase !== "prepared" && phase !== "recovered") {
    return refused(book, "notPrepared", "this entity has not signed under this plan");
  }
  const objection = verifyCertificate(plan, input.plan, input.certificate, context);
  if (objection !== null) return { book, effects: [], refusal: objection };
  return certify(book, participation, input.certificate, context);
}

/**
 * In time, all legs count as committed from this one step on, and each account is asked to apply
 * its own. Later, and with settlements, only the chain may say so.
 */
function certify(
  book: PlanBook,
  participation: Participation,
  certificate: Bytes,
  context: PlanContext,
): Outcome {
  const { plan } = participation;
  if (plan.settlements.length > 0 || context.now >= applyBy(plan, context)) {
    const shown: Participation = { ...participation, certificate };
    return { book: putParticipation(book, shown), effects: appeal(shown, context) };
  }
  const certified: Participation = { ...participation, phase: "certified", certificate };
  const hash: Bytes32 = participation.hash;
  const effects: PlanEffect[] = participation.accounts.map(({ peer }) => ({
    kind: "commit",
    peer,
    plan: hash,
    certificate,
  }));
  return { book: putParticipation(book, certified), effects };
}
