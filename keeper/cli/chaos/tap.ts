/**
 * A door before each keeper's listener that passes bytes on and hears what keepers tell each
 * other: what is signed is judged from what really left, not from what a keeper says of itself.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Bytes } from "../../base/bytes.ts";
import { createReader } from "../../wire/framing.ts";
import { MESSAGE_BYTES_MAX } from "../../wire/limit.ts";
import type { Address } from "../../wire/types.ts";

export type Tap = {
  /** The address by which peers are to dial who listens there. */
  readonly door: (listen: Address) => Promise<Address>;
  readonly stop: () => Promise<void>;
};

/** Messages of a connection before the first envelope: random bytes, then proofs. */
const GREETINGS = 2;

export function createTap(heard: (envelope: Bytes) => void): Tap {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  function adopt(socket: Socket): Socket {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once("close", () => sockets.delete(socket));
    return socket;
  }

  /** One way of a connection; when one way ends, however it ends, both are over. */
  function pass(from: Socket, to: Socket): void {
    let messages = 0;
    const read = createReader(
      () => MESSAGE_BYTES_MAX,
      (message) => {
        messages++;
        if (messages > GREETINGS && message.length > 0) heard(message);
      },
    );
    from.on("data", (chunk) => {
      read(chunk);
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => from.resume());
    from.once("close", () => to.destroy());
    from.on("error", () => to.destroy());
  }

  async function door(listen: Address): Promise<Address> {
    const server = createServer((socket) => {
      const near = adopt(socket);
      const far = adopt(connect(listen));
      pass(near, far);
      pass(far, near);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, listen.host, resolve));
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error("not a TCP address");
    return { host: listen.host, port: bound.port };
  }

  return {
    door,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      );
    },
  };
}
