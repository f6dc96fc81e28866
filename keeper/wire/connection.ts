/** One TCP connection: handshake, messages both ways, signs of life, an end that is told once. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { Bytes } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { createReader, FramingError, frameOf } from "./framing.ts";
import { challengeOf, decodeProofs, encodeProofs, type Role } from "./handshake.ts";
import {
  BACKLOG_BYTES_MAX,
  HANDSHAKE_BYTES_MAX,
  HANDSHAKE_MS,
  HEARTBEAT_MS,
  MESSAGE_BYTES_MAX,
} from "./limit.ts";
import type { Options } from "./types.ts";

export type Connection = {
  readonly send: (messages: readonly Bytes[]) => void;
  readonly close: (reason: string) => void;
};

export type ConnectionEvents = {
  /** The other side has proved its entities. */
  readonly proved: (peers: readonly EntityId[]) => void;
  readonly message: (bytes: Bytes) => void;
  /** Told once, whether the handshake was over or not. */
  readonly closed: (reason: string) => void;
};

type Phase = "nonce" | "proofs" | "open" | "closed";

export function createConnection(
  socket: Socket,
  role: Role,
  options: Pick<Options, "prove" | "check">,
  events: ConnectionEvents,
): Connection {
  const own = randomBytes(32);
  let other: Bytes = own;
  let phase: Phase = "nonce";

  function close(reason: string): void {
    if (phase === "closed") return;
    phase = "closed";
    clearTimeout(deadline);
    clearInterval(heartbeat);
    socket.destroy();
    events.closed(reason);
  }

  function write(messages: readonly Bytes[]): void {
    if (phase === "closed") return;
    socket.cork();
    for (const message of messages) socket.write(frameOf(message));
    socket.uncork();
    if (socket.writableLength > BACKLOG_BYTES_MAX) close("the peer does not read");
  }

  function receive(message: Bytes): void {
    if (phase === "nonce") return greet(message);
    if (phase === "proofs") return prove(message);
    // An empty message only shows that the peer lives.
    if (phase === "open" && message.length > 0) events.message(message);
  }

  function greet(message: Bytes): void {
    if (message.length !== 32) return close("the peer does not speak this protocol");
    other = message;
    phase = "proofs";
    options.prove(challengeOf(role, own, other)).then(
      (proofs) => write([encodeProofs(proofs)]),
      (error: unknown) => close(`own entities cannot be proved: ${String(error)}`),
    );
  }

  function prove(message: Bytes): void {
    const proofs = decodeProofs(message);
    if (!proofs.ok) return close(proofs.refusal.message);
    const challenge = challengeOf(role === "dialler" ? "listener" : "dialler", other, own);
    const wrong = proofs.value.some((proof) => !options.check(proof, challenge));
    if (wrong) return close("the peer did not prove an entity that it claims");
    phase = "open";
    clearTimeout(deadline);
    socket.setTimeout(3 * HEARTBEAT_MS);
    events.proved(proofs.value.map(({ entity }) => entity));
  }

  const read = createReader(
    () => (phase === "open" ? MESSAGE_BYTES_MAX : HANDSHAKE_BYTES_MAX),
    receive,
  );
  const deadline = setTimeout(() => close("the handshake took too long"), HANDSHAKE_MS);
  const heartbeat = setInterval(() => {
    if (phase === "open") write([new Uint8Array(0)]);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    try {
      if (phase !== "closed") read(chunk);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      close(error.message);
    }
  });
  socket.on("timeout", () => close("the peer fell silent"));
  socket.on("error", (error) => close(error.message));
  socket.on("close", () => close("the peer closed the connection"));
  write([own]);
  return { send: (messages) => phase === "open" && write(messages), close };
}
