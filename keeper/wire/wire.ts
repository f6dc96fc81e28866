/** The listener, the diallers, and the connections that they bring up. */
import { randomInt } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import type { Bytes } from "../base/bytes.ts";
import { backoffMs } from "./backoff.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { Role } from "./handshake.ts";
import { LIMITS } from "./limit.ts";
import type { Address, Options, Wire } from "./types.ts";

export function createWire(options: Options): Wire {
  const connections = new Map<number, Connection>();
  const pending = new Set<Connection>();
  const timers = new Set<NodeJS.Timeout>();
  const { unproved } = { ...LIMITS, ...options.limits };
  const server = createServer((socket) => {
    // Strangers are turned away first: those who have proved their entities stay.
    if (pending.size >= unproved) socket.destroy();
    else adopt(socket, "listener", () => {});
  });
  let stopped = false;

  function adopt(socket: Socket, role: Role, ended: (wasOpen: boolean) => void): void {
    let number: number | null = null;
    const connection = createConnection(socket, role, options, {
      proved: (peers) => {
        number = options.nextConnection();
        pending.delete(connection);
        connections.set(number, connection);
        options.report({ kind: "connected", connection: number, peers });
      },
      message: (bytes) => {
        if (number !== null) options.report({ kind: "message", connection: number, bytes });
      },
      closed: (reason) => {
        pending.delete(connection);
        if (number !== null) {
          connections.delete(number);
          options.report({ kind: "disconnected", connection: number, reason });
        }
        ended(number !== null);
      },
    });
    pending.add(connection);
  }

  function dial(address: Address, attempt: number): void {
    if (stopped) return;
    adopt(connect(address), "dialler", (wasOpen) => {
      if (stopped) return;
      const next = wasOpen ? 0 : attempt + 1;
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          dial(address, next);
        },
        backoffMs(next, randomInt(1_000) / 1_000),
      );
      timers.add(timer);
    });
  }

  return {
    start: async () => {
      const address = await listen();
      for (const peer of options.dial) dial(peer, 0);
      return address;
    },
    send: (connection, messages: readonly Bytes[]) => connections.get(connection)?.send(messages),
    drop: (connection, reason) => connections.get(connection)?.close(reason),
    connections: () => connections.size,
    stop: async () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      for (const connection of [...connections.values(), ...pending]) connection.close("stopping");
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };

  function listen(): Promise<Address> {
    const { host, port } = options.listen;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        const bound = server.address();
        if (bound === null || typeof bound === "string") throw new Error("not a TCP address");
        resolve({ host, port: bound.port });
      });
    });
  }
}
