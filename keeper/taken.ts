/** What the machines are told when the guard refuses: their log is older than it (BFT-4). */
import type { Bytes } from "./base/bytes.ts";
import type { Result } from "./base/result.ts";
import type { RuntimeInput } from "./runtime/input.ts";
import type { Ready } from "./runtime/types.ts";

/**
 * The inputs by which the machines go on above what the guard remembers, where it refused: else an
 * account would wait for an answer to a frame that never left, and a command for a batch.
 * @param signatures one for each of `ready.signatures`, as the signer gave them
 */
export function takenInputs(
  ready: Pick<Ready, "signatures" | "messages" | "transactions">,
  signatures: readonly Result<Bytes>[],
): readonly RuntimeInput[] {
  const told: RuntimeInput[] = [];
  for (const { from: entity, to: peer, signature } of ready.messages) {
    const slot = ready.signatures[signature]?.slot;
    if (slot?.kind !== "proof" && slot?.kind !== "settlement") continue;
    const details = conflictOf(signatures[signature]);
    if (details === null || details.epoch !== `${slot.epoch}`) continue;
    const { epoch, number } = slot;
    told.push({ kind: "numberTaken", entity, peer, epoch, number, mark: Number(details.mark) });
  }
  for (const request of ready.transactions) {
    if (request.kind !== "batch" || conflictOf(signatures[request.signature]) === null) continue;
    const { entity, nonce } = request.batch;
    told.push({ kind: "nonceTaken", entity, nonce });
  }
  return told;
}

/** What the guard said of its line, if it was the guard that refused. */
function conflictOf(signature: Result<Bytes> | undefined): Readonly<Record<string, string>> | null {
  if (signature === undefined || signature.ok) return null;
  const { code, details } = signature.refusal;
  return code === "guardConflict" ? (details ?? null) : null;
}
