import { createKeccak } from "hash-wasm";
import type { Bytes, Bytes32 } from "../base/bytes.ts";

/** Made once at load: the library's one-shot calls are asynchronous, this hasher is not. */
const hasher = await createKeccak(256);

const SCRATCH_BYTES = 4096;
const scratch = new Uint8Array(SCRATCH_BYTES);

/** Keccak-256 as in Ethereum (not SHA-3). Up to 135 bytes are one block, hence cheapest. */
export function keccak256(bytes: Bytes): Bytes32 {
  return hasher.init().update(bytes).digest("binary") as Bytes32;
}

/** Keccak-256 of two parts put together. The parts are not changed, nothing is allocated. */
export function keccakPair(first: Bytes, second: Bytes): Bytes32 {
  const length = first.length + second.length;
  if (length > SCRATCH_BYTES) return keccakParts([first, second]);
  scratch.set(first);
  scratch.set(second, first.length);
  return keccak256(scratch.subarray(0, length));
}

/** Keccak-256 of any number of parts put together. */
export function keccakParts(parts: readonly Bytes[]): Bytes32 {
  hasher.init();
  let filled = 0;
  for (const part of parts) {
    if (filled + part.length > SCRATCH_BYTES) {
      hasher.update(scratch.subarray(0, filled));
      filled = 0;
    }
    if (part.length > SCRATCH_BYTES) {
      hasher.update(part);
    } else {
      scratch.set(part, filled); // One call into the hasher costs more than copying a word.
      filled += part.length;
    }
  }
  if (filled > 0) hasher.update(scratch.subarray(0, filled));
  return hasher.digest("binary") as Bytes32;
}

const utf8 = new TextEncoder();

/** Keccak-256 of a text's UTF-8 bytes, as type strings and names are hashed. */
export function keccakText(text: string): Bytes32 {
  return keccak256(utf8.encode(text));
}
