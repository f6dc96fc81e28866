import type { Claim } from "../../account/message.ts";
import { type Bytes32, equalBytes } from "../../base/bytes.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import { putParticipation } from "../book.ts";
import { shareOfCertificate } from "../certificate.ts";
import { applyBy } from "../clock.ts";
import { preparedDigest } from "../digest.ts";
import type { PlanEffect } from "../effect.ts";
import type { PlanContext } from "../input.ts";
import { keyOf, type Outcome, refused, send, unchanged } from "../result.ts";
import { signerIndex } from "../shape.ts";
import type { Participation, PlanBook } from "../types.ts";
import { certifyWhenComplete } from "./certify.ts";
import { letGo } from "./drop.ts";
import { allAre, answerOf, findParticipation, heardFrom } from "./find.ts";

/**
 * The one place where "prepared" is signed: every own leg is in a frame signed by both, and there
 * is time left to go by the certificate. From here on this entity drops nothing before the chain
 * has shown that the plan did not commit (NET-5). The message goes to all signers and to itself,
 * which is how the machine learns its own signature.
 */
export function receivePrepare(
  book: PlanBook,
  from: EntityId,
  plan: Bytes32,
  context: PlanContext,
): Outcome {
  const heard = heardFrom(book, from, plan);
  if ("outcome" in heard) return heard.outcome;
  const { participation } = heard;
  const { phase } = participation;
  if (phase === "accepted" || (phase === "holding" && !allAre(participation, "held"))) {
    return refused(book, "notHeld", "a leg is not in a frame signed by both");
  }
  if (phase === "recovered") {
    return refused(book, "afterRecovery", "this side may have dropped the plan, and signs nothing");
  }
  if (phase !== "holding") return { book, effects: answerOf(participation) };
  if (context.now >= applyBy(participation.plan, context)) {
    return letGo(book, participation, { own: true, code: "planExpired" }, context);
  }

  const prepared: Participation = { ...participation, phase: "prepared" };
  const effects = participation.plan.signers.map((signer) =>
    sendPrepared(prepared, signer, context),
  );
  return { book: putParticipation(book, prepared), effects };
}

function sendPrepared(
  participation: Participation,
  to: EntityId,
  context: PlanContext,
): PlanEffect {
  const { hash } = participation;
  return send(to, { kind: "prepared", plan: hash }, preparedDigest(context.domain, hash));
}

/**
 * "Prepared" again, to a signer that can be reached again. Once all own legs are applied nobody
 * needs it: the neighbours have the certificate then, and hand it on by their own commits.
 */
export function repeatPrepared(
  book: PlanBook,
  peer: EntityId,
  context: PlanContext,
): readonly PlanEffect[] {
  const effects: PlanEffect[] = [];
  for (const participation of book.participations.values()) {
    const { phase, plan } = participation;
    if (phase !== "prepared" && phase !== "certified") continue;
    if (signerIndex(plan, peer) < 0) continue;
    effects.push(sendPrepared(participation, peer, context));
  }
  return effects;
}

/** A signer's "prepared". It may come before this entity's own turn. */
export function receivePrepared(
  book: PlanBook,
  from: EntityId,
  plan: Bytes32,
  claim: Claim | null,
  context: PlanContext,
): Outcome {
  const participation = findParticipation(book, plan);
  if (participation === undefined) {
    if (book.finished.has(keyOf(plan))) return unchanged(book);
    return refused(book, "planUnknown", "no plan of this hash was accepted here");
  }
  const index = signerIndex(participation.plan, from);
  if (index < 0) return refused(book, "notSigner", "the plan does not name this sender");
  const digest = preparedDigest(participation.plan.domain, plan);
  if (claim === null || !equalBytes(claim.digest, digest)) {
    return refused(book, "preparedUnsigned", "sign Prepared of this very plan");
  }
  if (claim.signature.length > shareOfCertificate(participation.plan.signers.length)) {
    return refused(book, "preparedTooLong", "the chain would not take so long a certificate");
  }
  const { phase } = participation;
  const isOver = phase === "certified" || phase === "committed" || phase === "dropped";
  if (isOver || participation.prepared[index] !== null) return unchanged(book);
  // A copy: the claim's bytes are a view into the message that brought them.
  const prepared = participation.prepared.with(index, claim.signature.slice());
  return certifyWhenComplete(book, { ...participation, prepared }, context);
}
