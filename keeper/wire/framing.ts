/** Messages on a byte stream: four bytes of length, big-endian, then the bytes. */
import type { Bytes } from "../base/bytes.ts";

/** Told by the reader when the peer's stream cannot be understood. */
export class FramingError extends Error {}

/** The frame of one message; an empty one is a sign of life. */
export function frameOf(message: Bytes): Buffer {
  const frame = Buffer.allocUnsafe(4 + message.length);
  frame.writeUInt32BE(message.length, 0);
  frame.set(message, 4);
  return frame;
}

/**
 * Cuts a stream into messages. The bytes handed on belong to the receiver.
 * @throws FramingError when a length is above `maximum`, before anything is allocated for it.
 */
export function createReader(
  maximum: () => number,
  deliver: (message: Bytes) => void,
): (chunk: Buffer) => void {
  let header = Buffer.allocUnsafe(0);
  let body: Buffer | null = null;
  let filled = 0;

  function startBody(length: number): void {
    if (length > maximum()) {
      throw new FramingError(`a message of ${length} bytes, at most ${maximum()} are taken`);
    }
    body = Buffer.allocUnsafeSlow(length);
    filled = 0;
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length || (body !== null && filled === body.length)) {
      if (body === null) {
        const take = Math.min(4 - header.length, chunk.length - at);
        header = Buffer.concat([header, chunk.subarray(at, at + take)]);
        at += take;
        if (header.length < 4) return;
        startBody(header.readUInt32BE(0));
        header = Buffer.allocUnsafe(0);
        continue;
      }
      const whole: Buffer = body;
      const take = Math.min(whole.length - filled, chunk.length - at);
      whole.set(chunk.subarray(at, at + take), filled);
      filled += take;
      at += take;
      if (filled < whole.length) return;
      body = null;
      deliver(new Uint8Array(whole.buffer, whole.byteOffset, whole.length));
    }
  };
}
