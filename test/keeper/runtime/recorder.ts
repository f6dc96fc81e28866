import { toHex } from "../../../keeper/base/bytes.ts";
import type { SignatureRequest } from "../../../keeper/runtime/types.ts";

/** Sees every signature request; a slot with two digests is a conflict. */
export function createRecorder() {
  const digests = new Map<string, string>();
  const conflicts: string[] = [];
  return {
    conflicts,
    see: ({ entity, slot, digest }: SignatureRequest) => {
      if (slot.kind === "rows") return;
      const parts = Object.values(slot).map((part) =>
        part instanceof Uint8Array ? toHex(part) : String(part),
      );
      // Frames and settlements of an account draw from one counter (ACC-9).
      const counter = slot.kind === "proof" || slot.kind === "settlement" ? parts.slice(1) : parts;
      const key = [toHex(entity), ...counter].join(" ");
      const known = digests.get(key);
      if (known !== undefined && known !== toHex(digest)) conflicts.push(key);
      digests.set(key, toHex(digest));
    },
  };
}
