import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { encodeAbiParameters } from "viem";
import { type Bytes, equalBytes, toHex } from "../../../keeper/base/bytes.ts";
import type { Result } from "../../../keeper/base/result.ts";
import { addressOfEntity, numberedEntity } from "../../../keeper/codec/identity.ts";
import { leafHash } from "../../../keeper/codec/merkle.ts";
import { signedDigest } from "../../../keeper/codec/root.ts";
import { SIGNATURE_BYTES, verify } from "../../../keeper/codec/signature.ts";
import type { SignatureRequest } from "../../../keeper/runtime/types.ts";
import { hashOfBoard } from "../../../keeper/signer/board.ts";
import { SignerError } from "../../../keeper/signer/fault.ts";
import { parseKeys, readKeys } from "../../../keeper/signer/keys.ts";
import { createRecorder } from "../../../keeper/signer/recorder.ts";
import { openSigner, type SignerOptions } from "../../../keeper/signer/signer.ts";
import type { SignerKey } from "../../../keeper/signer/types.ts";
import { alice, ask, batch, keyOf, plan, proof, settlement } from "./fixture.ts";
import { createMemoryJournal } from "./memory-journal.ts";

const bob = keyOf("bob");

function open(more: Partial<SignerOptions> = {}) {
  return openSigner({ keys: [alice.key], journal: createMemoryJournal(), ...more });
}

function signatureOf(result: Result<Bytes> | undefined): Bytes {
  if (result?.ok !== true) throw new Error(`refused: ${result?.refusal.code}`);
  return result.value;
}

/** As the chain checks a key signature: 65 bytes, then the path. */
function holds(request: SignatureRequest, signature: Bytes, signer = request.entity): boolean {
  const digest = signedDigest(request.entity, request.digest, signature.subarray(SIGNATURE_BYTES));
  return verify(signature.subarray(0, SIGNATURE_BYTES), digest, addressOfEntity(signer));
}

function thousand(): SignatureRequest[] {
  return Array.from({ length: 1000 }, (_, i) => ask(proof(2, 0, `account ${i}`), `digest ${i}`));
}

async function faultOf(action: Promise<unknown>): Promise<SignerError> {
  const thrown = await action.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof SignerError) return thrown;
  throw new Error(`expected a SignerError, got ${String(thrown)}`);
}

describe("signer", () => {
  it("ENT-4: a thousand accounts, one signature, each with its path", async () => {
    const signer = await open();
    const requests = thousand();
    const signatures = (await signer.sign(requests)).map(signatureOf);
    for (const [i, request] of requests.entries()) {
      expect(holds(request, signatures[i] as Bytes), `${i}`).to.equal(true);
    }
    const made = new Set(signatures.map((one) => toHex(one.subarray(0, SIGNATURE_BYTES))));
    expect(made.size).to.equal(1);
    expect(Math.max(...signatures.map((one) => one.length))).to.equal(65 + 32 * 10);
  });

  it("ENT-4: what is meant for the chain is signed alone, in 65 bytes", async () => {
    const signer = await open();
    const requests = [
      ask(proof(2), "a"),
      ask(batch(1), "b", true),
      ask(settlement(1), "s", true),
      ask(plan("p"), "c"),
    ];
    const signatures = (await signer.sign(requests)).map(signatureOf);
    for (const [i, request] of requests.entries()) {
      expect(holds(request, signatures[i] as Bytes)).to.equal(true);
    }
    expect(signatures.map((one) => one.length)).to.deep.equal([97, 65, 65, 97]);
  });

  it("ENT-4: leaves of one account lie together, under the same path", async () => {
    const signer = await open();
    const requests = [
      ask(proof(2, 0, "one"), "a"),
      ask(proof(2, 0, "two"), "b"),
      ask(settlement(1, 0, "one"), "s"),
    ];
    const [first, second, third] = (await signer.sign(requests)).map(signatureOf);
    const outer = 32;
    expect((first as Bytes).length - (second as Bytes).length).to.equal(outer);
    expect(toHex((first as Bytes).slice(-outer))).to.equal(toHex((third as Bytes).slice(-outer)));
  });

  it("TST-3: the same requests give the same bytes, in another signer as well", async () => {
    const requests = [...thousand(), ask(batch(1), "b", true)];
    const signer = await open();
    const texts = async (one: typeof signer) =>
      (await one.sign(requests)).map((result) => toHex(signatureOf(result)));
    const first = await texts(signer);
    expect(await texts(signer)).to.deep.equal(first);
    expect(await texts(await open())).to.deep.equal(first);
  });

  it("BFT-4: a conflict is refused alone, and its digest is in no tree", async () => {
    const signer = await open();
    await signer.sign([ask(proof(2), "a")]);
    const requests = [ask(proof(2), "b"), ask(proof(3, 0, "other"), "c")];
    const [refused, signed] = await signer.sign(requests);
    expect(refused?.ok).to.equal(false);
    expect(refused?.ok === false && refused.refusal.code).to.equal("guardConflict");
    expect(signatureOf(signed).length, "a tree of one leaf").to.equal(65);
    expect(holds(requests[1] as SignatureRequest, signatureOf(signed))).to.equal(true);
  });

  it("BFT-4: two digests in one tick for one slot: the first alone is signed", async () => {
    const signer = await open();
    const [first, second] = await signer.sign([ask(proof(2), "a"), ask(proof(2), "b")]);
    expect([first?.ok, second?.ok]).to.deep.equal([true, false]);
  });

  it("ARC-3: no signature leaves before the guard's record is durable", async () => {
    const journal = createMemoryJournal();
    const signer = await open({ journal });
    const gate = journal.hold();
    let left = false;
    const signing = signer.sign([ask(proof(2), "a")]).then((signatures) => {
      left = true;
      return signatures;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(left).to.equal(false);
    expect(journal.durable()).to.have.length(0);
    // Killed here, the digest was never given out: another may be signed.
    const after = await open({ journal: createMemoryJournal(journal.durable()) });
    expect((await after.sign([ask(proof(2), "b")]))[0]?.ok).to.equal(true);
    gate.release();
    await signing;
    expect(left).to.equal(true);
    // Killed now, it may have been given out.
    const later = await open({ journal: createMemoryJournal(journal.durable()) });
    expect((await later.sign([ask(proof(2), "b")]))[0]?.ok).to.equal(false);
    expect((await later.sign([ask(proof(2), "a")]))[0]?.ok).to.equal(true);
  });

  it("RUN-1: one write of the guard for a tick, none for a repetition", async () => {
    const journal = createMemoryJournal();
    const signer = await open({ journal });
    await signer.sign(thousand());
    expect(journal.appends()).to.equal(1);
    await signer.sign(thousand());
    await signer.sign([]);
    expect(journal.appends()).to.equal(1);
  });

  it("ARC-2: a failed write of the guard gives out nothing, and may be tried again", async () => {
    const journal = createMemoryJournal();
    const signer = await open({ journal });
    journal.failNext(new Error("no room"));
    const failed = await signer.sign([ask(proof(2), "a")]).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(failed).to.equal("no room");
    expect((await signer.sign([ask(proof(2), "a")]))[0]?.ok).to.equal(true);
    expect(journal.durable()).to.have.length(1);
  });

  it("QUE-2: nothing is signed once another keeper has the folder", async () => {
    let isCurrent = true;
    const journal = createMemoryJournal();
    const signer = await open({ journal, isCurrent: () => isCurrent });
    await signer.sign([ask(proof(2), "a")]);
    isCurrent = false;
    expect((await faultOf(signer.sign([ask(proof(3), "b")]))).code).to.equal("fenced");
    expect(journal.durable()).to.have.length(1);
  });

  it("TST-4: the recorder has a line for each signature, and none for a refusal", async () => {
    const folder = mkdtempSync(join(tmpdir(), "xln-signer-"));
    try {
      const file = join(folder, "signed.jsonl");
      const signer = await open({ record: createRecorder(file) });
      await signer.sign([ask(proof(2), "a"), ask(proof(2), "b"), ask({ kind: "rows" }, "r")]);
      const text = readFileSync(file, "utf8");
      expect(text.trim().split("\n")).to.have.length(1);
      expect(text).not.to.contain(toHex(alice.privateKey).slice(2));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("TST-4: a recorder drops the line that a kill cut short, and goes on after it", () => {
    const folder = mkdtempSync(join(tmpdir(), "xln-record-"));
    try {
      const file = join(folder, "signatures.jsonl");
      createRecorder(file)([ask(proof(3), "a")]);
      appendFileSync(file, '{"entity":"0x');
      createRecorder(file)([ask(proof(5), "b")]);
      const lines = readFileSync(file, "utf8").split("\n");
      const numbers = lines.filter((line) => line !== "").map((line) => JSON.parse(line).number);
      expect(numbers).to.deep.equal([3, 5]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("boards", () => {
  const members = [alice, bob].sort((a, b) => (toHex(a.entity) < toHex(b.entity) ? -1 : 1));
  const single = { threshold: 1, members: [{ id: alice.entity, weight: 1 }] };
  const pair = { threshold: 2, members: members.map(({ entity }) => ({ id: entity, weight: 1 })) };
  const boardAbi = [
    {
      type: "tuple",
      components: [
        { type: "uint32", name: "threshold" },
        {
          type: "tuple[]",
          name: "members",
          components: [
            { type: "bytes32", name: "id" },
            { type: "uint32", name: "weight" },
          ],
        },
      ],
    },
    { type: "bytes32[]" },
    {
      type: "tuple[]",
      components: [
        { type: "uint8", name: "member" },
        { type: "bytes", name: "signature" },
      ],
    },
  ] as const;

  function abiOf(board: typeof pair, path: Bytes, signatures: readonly Bytes[]): string {
    const words = Array.from({ length: path.length / 32 }, (_, i) =>
      toHex(path.subarray(32 * i, 32 * i + 32)),
    );
    const boardValue = {
      threshold: board.threshold,
      members: board.members.map(({ id, weight }) => ({ id: toHex(id), weight })),
    };
    const signed = signatures.map((signature, member) => ({ member, signature: toHex(signature) }));
    return encodeAbiParameters(boardAbi, [boardValue, words, signed]);
  }

  it("ENT-3: a board signature is what an ABI encoder makes of it, under one root", async () => {
    const one = numberedEntity(7n);
    const two = hashOfBoard(pair);
    const keys: SignerKey[] = [
      { entity: one, board: single, privateKeys: [alice.privateKey] },
      { entity: two, board: pair, privateKeys: [bob.privateKey, alice.privateKey] },
      alice.key,
    ];
    const signer = await open({ keys });
    const requests = [
      { ...ask(proof(2), "a"), entity: one },
      { ...ask(proof(2), "b"), entity: two },
      ask(proof(2), "c"),
      { ...ask(batch(1), "d", true), entity: two },
    ];
    const [numbered, lazy, address, alone] = (await signer.sign(requests)).map(signatureOf);
    const own = (address as Bytes).subarray(0, 65);
    const sibling = requests[2] as SignatureRequest;
    const path = leafHash(sibling.entity, sibling.digest);
    expect(toHex(numbered as Bytes), "alice signs one root for both").to.equal(
      abiOf(single, path, [own]),
    );
    const parts = members.map((_, i) => signatureIn(lazy as Bytes, 2, i, 0));
    expect(toHex(lazy as Bytes)).to.equal(abiOf(pair, new Uint8Array(0), parts));
    for (const [i, part] of parts.entries()) {
      const member = members[i] as typeof alice;
      expect(holds(requests[1] as SignatureRequest, part, member.entity)).to.equal(true);
    }
    const aloneParts = members.map((_, i) => signatureIn(alone as Bytes, 2, i, 0));
    expect(toHex(alone as Bytes)).to.equal(abiOf(pair, new Uint8Array(0), aloneParts));
  });

  /** Where the i-th of n members' 65 bytes lie behind a board of n and a path of so many words. */
  function signatureIn(bytes: Bytes, n: number, i: number, words: number): Bytes {
    const list = 32 * (3 + 3 + 2 * n + 1 + words + 1);
    const at = list + 32 * n + i * 192 + 96;
    return bytes.subarray(at, at + 65);
  }

  it("ENT-2: keys that are not the entity's, or not enough of them, are refused", async () => {
    const two = hashOfBoard(pair);
    const wrong: readonly (readonly [string, SignerKey])[] = [
      ["is not its key", { entity: bob.entity, board: null, privateKey: alice.privateKey }],
      ["not one of secp256k1", { ...alice.key, privateKey: new Uint8Array(32) } as SignerKey],
      ["weigh 1 of the 2", { entity: two, board: pair, privateKeys: [bob.privateKey] }],
      ["given twice", { entity: two, board: pair, privateKeys: [bob.privateKey, bob.privateKey] }],
      ["no member", { entity: numberedEntity(1n), board: single, privateKeys: [bob.privateKey] }],
      ["not its board", { entity: two, board: single, privateKeys: [alice.privateKey] }],
      ["has no board", { entity: bob.entity, board: single, privateKeys: [alice.privateKey] }],
      [
        "rules of boards",
        { entity: numberedEntity(1n), board: { ...pair, threshold: 1 }, privateKeys: [] },
      ],
    ];
    for (const [words, key] of wrong) {
      const fault = await faultOf(open({ keys: [key] }));
      expect(fault.message).to.contain(words);
      expect(fault.message).not.to.contain(toHex(alice.privateKey).slice(2));
    }
    expect((await faultOf(open({ keys: [alice.key, alice.key] }))).message).to.contain("twice");
  });
});

describe("keys file", () => {
  it("reads keys of addresses and of boards of one", () => {
    const entity = toHex(numberedEntity(9n));
    const [own, other] = [toHex(alice.privateKey), toHex(bob.privateKey)];
    const text = `# keys\n${own}\n\n${entity} ${other} # nine\n`;
    const [first, second] = parseKeys(text, "text");
    expect(equalBytes(first?.entity ?? bob.entity, alice.entity)).to.equal(true);
    expect(second?.board?.members[0]?.weight).to.equal(1);
    expect(toHex(second?.entity ?? bob.entity)).to.equal(entity);
  });

  it("names the line of what it cannot read, and never a key", () => {
    const key = toHex(alice.privateKey);
    for (const line of [key.slice(0, -2), `${key} ${key}`, `${key} x`, "0x", `a ${key} c`]) {
      expect(() => parseKeys(`\n${line}`, "the file"), line)
        .to.throw(SignerError)
        .with.property("message")
        .that.contains("line 2 of the file")
        .and.does.not.contain(key.slice(10, 50));
    }
  });

  it("refuses a file that others may read, and one that is not there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "xln-keys-"));
    try {
      const file = join(folder, "keys");
      writeFileSync(file, toHex(alice.privateKey), { mode: 0o600 });
      expect(await readKeys(file)).to.have.length(1);
      chmodSync(file, 0o644);
      expect((await faultOf(readKeys(file))).message).to.contain("chmod 600");
      expect((await faultOf(readKeys(join(folder, "none")))).message).to.contain("ENOENT");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
