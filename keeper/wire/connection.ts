/** One TCP connection: handshake, messages both ways, signs of life, an end that is told once. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { Bytes } from "../base/bytes.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import { createReader, FramingError, frameOf } from "./framing.ts";
import { challengeOf, decodeProofs, encodeProofs, type Role } from "./handshake.ts";
import { LIMITS, NONCE_BYTES } from "./limit.ts";
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
  options: Pick<Options, "prove" | "check" | "limits">,
  events: ConnectionEvents,
): Connection {
  const limits = { ...LIMITS, ...options.limits };
  const own = randomBytes(NONCE_BYTES);
  let other: Bytes = own;
  let phase: Phase = "nonce";
  /** What we send first must be our proofs: until they are out the connection is not open. */
  let proofsAreOut = false;
  let proven: readonly EntityId[] | null = null;

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
    if (socket.writableLength > limits.backlogBytes) close("the peer does not read");
  }

  function receive(message: Bytes): void {
    if (phase === "nonce") return greet(message);
    if (phase === "proofs") return prove(message);
    // An empty message only shows that the peer lives.
    if (phase === "open" && message.length > 0) events.message(message);
  }

  function greet(message: Bytes): void {
    if (message.length !== NONCE_BYTES) return close("the peer does not speak this protocol");
    other = message;
    phase = "proofs";
    const challenge = challengeOf(role, own, other);
    Promise.resolve(challenge)
      .then(options.prove)
      .then(
        (proofs) => {
          write([encodeProofs(proofs)]);
          proofsAreOut = true;
          open();
        },
        (error: unknown) => close(`own entities cannot be proved: ${String(error)}`),
      );
  }

  function prove(message: Bytes): void {
    if (proven !== null) return close("the peer spoke before it knew who we are");
    const proofs = decodeProofs(message);
    if (!proofs.ok) return close(proofs.refusal.message);
    const challenge = challengeOf(role === "dialler" ? "listener" : "dialler", other, own);
    const wrong = proofs.value.some((proof) => !options.check(proof, challenge));
    if (wrong) return close("the peer did not prove an entity that it claims");
    proven = proofs.value.map(({ entity }) => entity);
    open();
  }

  function open(): void {
    if (phase !== "proofs" || !proofsAreOut || proven === null) return;
    phase = "open";
    clearTimeout(deadline);
    socket.setTimeout(3 * limits.heartbeatMs);
    events.proved(proven);
  }

  const read = createReader(() => (phase === "nonce" ? NONCE_BYTES : limits.messageBytes), receive);
  const deadline = setTimeout(() => close("the handshake took too long"), limits.handshakeMs);
  const heartbeat = setInterval(() => {
    if (phase === "open") write([new Uint8Array(0)]);
  }, limits.heartbeatMs);
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
