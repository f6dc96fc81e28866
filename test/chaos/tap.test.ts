import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect } from "chai";
import { describe, it } from "mocha";
import { toHex } from "../../keeper/base/bytes.ts";
import { createTap } from "../../keeper/cli/chaos/tap.ts";
import { frameOf } from "../../keeper/wire/framing.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** A listener behind a door, and a connection through it. */
async function connected(heard: (envelope: Uint8Array) => void) {
  const tap = createTap(heard);
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const near = connect(await tap.door({ host: "127.0.0.1", port }));
  const [far] = (await once(server, "connection")) as [Socket];
  const end = async () => {
    await tap.stop();
    near.destroy();
    far.destroy();
    server.close();
  };
  return { near, far, end };
}

describe("the door before a keeper", () => {
  it("NETW-2: passes all bytes on both ways and hears what follows the greetings", async () => {
    const heard: string[] = [];
    const { near, far, end } = await connected((envelope) => heard.push(toHex(envelope)));
    const there = [bytes(1), bytes(2), bytes(3, 4), bytes(), bytes(5)].map(frameOf);
    const back = [bytes(6), bytes(7), bytes(8)].map(frameOf);
    const pieces = { far: [] as Buffer[], near: [] as Buffer[] };
    far.on("data", (chunk: Buffer) => pieces.far.push(chunk));
    near.on("data", (chunk: Buffer) => pieces.near.push(chunk));
    for (const byte of Buffer.concat(there)) near.write(Uint8Array.of(byte));
    far.write(Buffer.concat(back));
    near.end();
    await once(far, "close");
    await once(near, "close");
    expect(Buffer.concat(pieces.far)).to.deep.equal(Buffer.concat(there));
    expect(heard.toSorted()).to.deep.equal(["0x0304", "0x05", "0x08"]);
    expect(Buffer.concat(pieces.near)).to.deep.equal(Buffer.concat(back));
    await end();
  });

  it("NETW-1: closes the one side when the other has died", async () => {
    const { near, far, end } = await connected(() => undefined);
    far.destroy();
    await once(near, "close");
    await end();
  });
});
