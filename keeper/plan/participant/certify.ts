import type { Bytes, Bytes32 } from "../../base/bytes.ts";
import { putParticipation } from "../book.ts";
import { encodeCertificate, verifyCertificate } from "../certificate.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext, PlanInput } from "../input.ts";
import { keyOf, type Outcome, refused, unchanged } from "../result.ts";
import type { Participation, PlanBook } from "../types.ts";
import { findParticipation } from "./find.ts";

/** Keeps a participation that learned a signature; the last one makes the certificate. */
export function certifyWhenComplete(book: PlanBook, participation: Participation): Outcome {
  const { phase, prepared } = participation;
  const signatures = prepared.filter((signature): signature is Bytes => signature !== null);
  if (phase !== "prepared" || signatures.length < prepared.length) {
    return { book: putParticipation(book, participation), effects: [] };
  }
  return certify(book, participation, encodeCertificate(signatures));
}

/**
 * A certificate from a peer's commit (NET-5). Once one is known another changes nothing. It cannot
 * be valid before this entity signed "prepared" itself, unless its disk is an older one: then it
 * may do neither, and refuses.
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
  if (participation.phase === "certified") return unchanged(book);
  if (participation.phase !== "prepared") {
    return refused(book, "notPrepared", "this entity has not signed under this plan");
  }
  const objection = verifyCertificate(participation.plan, input.plan, input.certificate, context);
  if (objection !== null) return { book, effects: [], refusal: objection };
  return certify(book, participation, input.certificate);
}

/** All legs count as committed from this one step on; each account is asked to apply its own. */
function certify(book: PlanBook, participation: Participation, certificate: Bytes): Outcome {
  const certified: Participation = { ...participation, phase: "certified", certificate };
  const plan: Bytes32 = participation.hash;
  const effects: PlanEffect[] = participation.accounts.map(({ peer }) => ({
    kind: "commit",
    peer,
    plan,
    certificate,
  }));
  return { book: putParticipation(book, certified), effects };
}
