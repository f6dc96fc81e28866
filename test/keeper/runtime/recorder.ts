import { toHex } from "../../../keeper/base/bytes.ts";
import type { SignatureRequest } from "../../../keeper/runtime/types.ts";

/**
 * Sees every signature request; a slot with two digests is a conflict, but for a batch that follows
 * one that a final block past its deadline lacked.
 */
export function createRecorder() {
  const digests = new Map<string, string>();
  const deadlines = new Map<string, number>();
  const conflicts: string[] = [];
  return {
    conflicts,
    see: ({ entity, slot, digest }: SignatureRequest) => {
      if (slot.kind === "rows") return;
      const {
        deadline = 0,
        unused = 0,
        ...place
      } = { ...slot } as {
        readonly [name: string]: unknown;
        readonly deadline?: number;
        readonly unused?: number;
      };
      const parts = Object.values(place).map((part) =>
        part instanceof Uint8Array ? toHex(part) : String(part),
      );
      // Frames and settlements of an account draw from one counter (ACC-9).
      const counter = slot.kind === "proof" || slot.kind === "settlement" ? parts.slice(1) : parts;
      const key = [toHex(entity), ...counter].join(" ");
      const known = digests.get(key);
      const isOther = known !== undefined && known !== toHex(digest);
      if (isOther && unused <= (deadlines.get(key) ?? 0)) conflicts.push(key);
      deadlines.set(key, deadline);
      digests.set(key, toHex(digest));
    },
  };
}
