import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { type Bytes32, equalBytes, toHex } from "../../../keeper/base/bytes.ts";
import { verifyEntitySignature } from "../../../keeper/codec/authority.ts";
import { leafHash } from "../../../keeper/codec/merkle.ts";
import { rootDigest } from "../../../keeper/codec/root.ts";
import { signDigest } from "../../../keeper/codec/signature.ts";
import { createReader, frameOf } from "../../../keeper/wire/framing.ts";
import { challengeOf, encodeProofs } from "../../../keeper/wire/handshake.ts";
import type { Options, Proof, Wire, WireEvent } from "../../../keeper/wire/types.ts";
import { createWire } from "../../../keeper/wire/wire.ts";
import { type DevKey, devKeys } from "../../../scripts/vector/dev-key.ts";

const [alice, bob, mallory] = devKeys(3) as [DevKey, DevKey, DevKey];

type Side = {
  readonly wire: Wire;
  readonly events: WireEvent[];
  /** Resolves with the first event for which it holds, past ones included. */
  readonly until: (holds: (event: WireEvent) => boolean) => Promise<WireEvent>;
};

describe("the wire", function () {
  this.timeout(20_000);
  const wires: Wire[] = [];
  const sockets: Socket[] = [];

  function side(key: DevKey, options: Partial<Options> = {}): Side {
    const events: WireEvent[] = [];
    const asked: { holds: (event: WireEvent) => boolean; tell: (event: WireEvent) => void }[] = [];
    let connections = 0;
    const wire = createWire({
      listen: { host: "127.0.0.1", port: 0 },
      dial: [],
      prove: async (challenge) => [proofOf(key, challenge)],
      check,
      nextConnection: () => ++connections,
      report: (event) => {
        events.push(event);
        for (const { holds, tell } of asked) if (holds(event)) tell(event);
      },
      ...options,
    });
    wires.push(wire);
    const until = (holds: (event: WireEvent) => boolean) => {
      const past = events.find(holds);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise<WireEvent>((tell) => asked.push({ holds, tell }));
    };
    return { wire, events, until };
  }

  async function pair(options: Partial<Options> = {}): Promise<[Side, Side]> {
    const listener = side(alice, options);
    const address = await listener.wire.start();
    const dialler = side(bob, { ...options, dial: [address] });
    await dialler.wire.start();
    await Promise.all([listener.until(isConnected), dialler.until(isConnected)]);
    return [listener, dialler];
  }

  /** A stranger that speaks bytes; `ended` resolves when the other side hangs up. */
  async function stranger(port: number) {
    const socket = connect({ host: "127.0.0.1", port });
    sockets.push(socket);
    const messages: Uint8Array[] = [];
    const heard: (() => void)[] = [];
    socket.on("error", () => socket.destroy());
    const read = createReader(
      () => 1 << 24,
      (message) => {
        messages.push(message);
        for (const tell of heard.splice(0)) tell();
      },
    );
    socket.on("data", read);
    const ended = once(socket, "close");
    await once(socket, "connect");
    const message = async (index: number): Promise<Uint8Array> => {
      while (messages[index] === undefined) {
        await new Promise<void>((resolve) => heard.push(resolve));
      }
      return messages[index];
    };
    return { socket, message, ended };
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(wires.splice(0).map((wire) => wire.stop()));
  });

  it("NETW-2: both sides prove their entities; messages keep their order, large ones too", async () => {
    const [listener, dialler] = await pair();
    expect(listener.events[0]).to.deep.include({ kind: "connected", peers: [bob.entity] });
    expect(dialler.events[0]).to.deep.include({ kind: "connected", peers: [alice.entity] });
    const sent = Array.from({ length: 200 }, (_, index) => new Uint8Array(index + 1).fill(index));
    sent.push(new Uint8Array(4 * 1024 * 1024).fill(9), Uint8Array.of(255, 1));
    dialler.wire.send(1, sent.slice(0, 100));
    dialler.wire.send(1, sent.slice(100));
    await listener.until(
      (event) =>
        event.kind === "message" &&
        event.bytes[1] === 1 &&
        event.bytes.length === 2 &&
        event.bytes[0] === 255,
    );
    const got = listener.events.flatMap((event) => (event.kind === "message" ? [event.bytes] : []));
    expect(got.length).to.equal(sent.length);
    expect(got.every((bytes, index) => equalBytes(bytes, sent[index] as Uint8Array))).to.equal(
      true,
    );
  });

  it("NETW-2: nothing is sent before the own proofs, however long the signer takes", async () => {
    const signed = Promise.withResolvers<null>();
    const listener = side(alice);
    const address = await listener.wire.start();
    const checked = Promise.withResolvers<null>();
    const dialler = side(bob, {
      dial: [address],
      prove: async (challenge) => {
        await signed.promise;
        return [proofOf(bob, challenge)];
      },
      check: (proof, challenge) => {
        checked.resolve(null);
        return check(proof, challenge);
      },
    });
    await dialler.wire.start();
    await checked.promise;
    // The listener has proved itself; the dialler is not open all the same.
    expect(dialler.wire.connections()).to.equal(0);
    signed.resolve(null);
    await dialler.until(isConnected);
    dialler.wire.send(1, [Uint8Array.of(1)]);
    await listener.until(({ kind }) => kind === "message");
  });

  const wrong: Record<string, (own: Uint8Array, other: Uint8Array) => Proof> = {
    "another key's signature": (own, other) => ({
      ...proofOf(mallory, challengeOf("dialler", own, other)),
      entity: bob.entity,
    }),
    "a proof of another connection": (own) =>
      proofOf(bob, challengeOf("dialler", own, new Uint8Array(32))),
    "a proof in the listener's role": (own, other) =>
      proofOf(bob, challengeOf("listener", own, other)),
  };
  for (const [what, make] of Object.entries(wrong)) {
    it(`NETW-2: refuses ${what}`, async () => {
      const { wire, events } = side(alice);
      const { port } = await wire.start();
      const peer = await stranger(port);
      const own = new Uint8Array(32).fill(7);
      peer.socket.write(frameOf(own));
      const other = await peer.message(0);
      peer.socket.write(frameOf(encodeProofs([make(own, other)])));
      await peer.ended;
      expect(events).to.deep.equal([]);
    });
  }

  it("NETW-2: refuses its own bytes and proofs sent back to it", async () => {
    const { wire, events } = side(alice);
    const { port } = await wire.start();
    const peer = await stranger(port);
    peer.socket.write(frameOf(await peer.message(0)));
    peer.socket.write(frameOf(await peer.message(1)));
    await peer.ended;
    expect(events).to.deep.equal([]);
  });

  const garbage: Record<string, Uint8Array> = {
    "a nonce that is too short": frameOf(new Uint8Array(31)),
    "a length of four gigabytes": Uint8Array.of(255, 255, 255, 255),
    "another protocol": Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "proofs that cannot be read": Buffer.concat(
      [new Uint8Array(32), new Uint8Array(9)].map(frameOf),
    ),
    "no proof at all": Buffer.concat([new Uint8Array(32), new Uint8Array(4)].map(frameOf)),
  };
  for (const [what, bytes] of Object.entries(garbage)) {
    it(`NETW-2: hangs up on ${what}`, async () => {
      const { wire, events } = side(alice);
      const { port } = await wire.start();
      const peer = await stranger(port);
      peer.socket.write(bytes);
      await peer.ended;
      expect(events).to.deep.equal([]);
    });
  }

  it("NETW-2: hangs up on a peer that says nothing, and on too many strangers", async () => {
    const { wire } = side(alice, { limits: { handshakeMs: 30, unproved: 1 } });
    const { port } = await wire.start();
    const [first, second] = await Promise.all([stranger(port), stranger(port)]);
    await Promise.all([first.ended, second.ended]);
  });

  it("NETW-2: gives up a peer that does not read", async () => {
    const { wire, events, until } = side(alice, { limits: { backlogBytes: 1 << 20 } });
    const { port } = await wire.start();
    const peer = await stranger(port);
    const own = new Uint8Array(32).fill(7);
    peer.socket.write(frameOf(own));
    const challenge = challengeOf("dialler", own, await peer.message(0));
    peer.socket.write(frameOf(encodeProofs([proofOf(bob, challenge)])));
    await until(isConnected);
    peer.socket.pause();
    for (let sent = 0; sent < 64 && wire.connections() > 0; sent++) {
      wire.send(1, [new Uint8Array(1 << 20)]);
    }
    expect(events.at(-1)).to.deep.include({ reason: "the peer does not read" });
  });

  it("NETW-1: dials again when the listener comes back, under a new number", async () => {
    const first = side(alice);
    const address = await first.wire.start();
    const dialler = side(bob, { dial: [address] });
    await dialler.wire.start();
    await dialler.until(isConnected);
    await first.wire.stop();
    await dialler.until(({ kind }) => kind === "disconnected");
    const second = side(alice, { listen: address });
    await second.wire.start();
    await dialler.until((event) => isConnected(event) && event.connection === 2);
    dialler.wire.send(1, [Uint8Array.of(1)]);
    dialler.wire.send(2, [Uint8Array.of(2)]);
    const got = await second.until(({ kind }) => kind === "message");
    expect(got).to.deep.include({ bytes: Uint8Array.of(2) });
  });

  it("NETW-1: both sides may dial: each connection stands for itself", async () => {
    const first = side(alice);
    const address = await first.wire.start();
    const second = side(bob, { dial: [address] });
    const back = await second.wire.start();
    const third = side(alice, { dial: [back] });
    await third.wire.start();
    await Promise.all([first.until(isConnected), third.until(isConnected)]);
    await second.until((event) => isConnected(event) && event.connection === 2);
    expect(second.wire.connections()).to.equal(2);
  });

  it("NETW-1: an address that is taken is an error", async () => {
    const address = await side(alice).wire.start();
    const error = await side(bob, { listen: address })
      .wire.start()
      .catch((reason) => reason);
    expect(String(error)).to.contain(`${address.port}`);
  });

  it("NETW-1: a process whose wire has stopped ends by itself", async () => {
    const script = join(import.meta.dirname, "stopped.ts");
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "inherit", "inherit"] });
    const [code] = await once(child, "exit");
    expect(code).to.equal(0);
  });
});

function isConnected(event: WireEvent): boolean {
  return event.kind === "connected";
}

function proofOf({ entity, privateKey }: DevKey, challenge: Bytes32): Proof {
  return { entity, signature: signDigest(privateKey, rootDigest(leafHash(entity, challenge))) };
}

function check({ entity, signature }: Proof, digest: Bytes32): boolean {
  expect(toHex(entity)).to.have.length(66);
  return verifyEntitySignature({ entity, digest, signature }).ok;
}
