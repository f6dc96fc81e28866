import { expect } from "chai";
import { AbiCoder, solidityPackedKeccak256 } from "ethers";
import { describe, it } from "mocha";
import { InvariantError } from "../../../keeper/base/assert.ts";
import {
  asBytes32,
  type Bytes32,
  bigintFromBytes,
  bytes32FromBigint,
  bytes32FromHex,
  fromHex,
  toHex,
} from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import { type EntityClaim, verifyEntitySignature } from "../../../keeper/codec/authority.ts";
import { type Board, boardHash, checkBoard } from "../../../keeper/codec/board.ts";
import {
  decodeBoardSignature,
  encodeBoardSignature,
  MAX_BOARD_SIGNATURE_BYTES,
} from "../../../keeper/codec/board-signature.ts";
import {
  addressEntity,
  addressOfEntity,
  entityClass,
  numberedEntity,
} from "../../../keeper/codec/identity.ts";
import { readVectors } from "./vector.ts";

type PlainBoard = {
  readonly threshold: string;
  readonly members: readonly { readonly id: string; readonly weight: string }[];
};
type Vectors = {
  readonly numbers: readonly string[];
  readonly boards: readonly (PlainBoard & {
    readonly name: string;
    readonly hash: string;
    readonly refusal: string;
  })[];
  readonly signatures: readonly {
    readonly name: string;
    readonly entity: string;
    readonly digest: string;
    readonly signature: string;
    readonly refusal: string;
  }[];
};

const vectors = readVectors<Vectors>("board.json");
const SIGNATURE_TYPES = [
  "tuple(uint32 threshold, tuple(bytes32 id, uint32 weight)[] members)",
  "bytes32[]",
  "tuple(uint8 member, bytes signature)[]",
];

const boardOf = ({ threshold, members }: PlainBoard): Board => ({
  threshold: Number(threshold),
  members: members.map(({ id, weight }) => ({ id: bytes32FromHex(id), weight: Number(weight) })),
});

const claimOf = (vector: Vectors["signatures"][number]): EntityClaim => ({
  entity: bytes32FromHex(vector.entity),
  digest: bytes32FromHex(vector.digest),
  signature: fromHex(vector.signature),
  boardHash: (entity) => {
    const hash = vectors.numbers[Number(bigintFromBytes(entity)) - 1];
    return hash === undefined ? null : bytes32FromHex(hash);
  },
});

const outcome = (claim: EntityClaim): string => {
  const verified = verifyEntitySignature(claim);
  return verified.ok ? "" : verified.refusal.code;
};

const found = (name: string): Vectors["signatures"][number] => {
  const vector = vectors.signatures.find((candidate) => candidate.name === name);
  if (vector === undefined) throw new Error(`no vector is named ${name}`);
  return vector;
};

describe("entity ids", () => {
  it("ENT-1: three classes by range, and nobody is 0", () => {
    const classOf = (id: bigint): string | undefined => entityClass(bytes32FromBigint(id));
    expect(classOf(0n)).to.equal(undefined);
    expect([1n, 2n ** 64n - 1n].map(classOf)).to.deep.equal(["numbered", "numbered"]);
    expect([2n ** 64n, 2n ** 160n - 1n].map(classOf)).to.deep.equal(["address", "address"]);
    expect([2n ** 160n, 2n ** 256n - 1n].map(classOf)).to.deep.equal(["lazy", "lazy"]);
    for (let bit = 0n; bit < 256n; bit++) {
      const expected = bit < 64n ? "numbered" : bit < 160n ? "address" : "lazy";
      expect(classOf(1n << bit)).to.equal(expected);
    }
    const address = createRandom("address").bytes(20);
    expect(toHex(addressOfEntity(addressEntity(address)))).to.equal(toHex(address));
    expect(() => addressEntity(new Uint8Array(20))).to.throw(InvariantError);
    expect(() => addressOfEntity(numberedEntity(1n))).to.throw(InvariantError);
    expect(() => numberedEntity(0n)).to.throw(InvariantError);
    expect(() => numberedEntity(2n ** 64n)).to.throw(InvariantError);
  });
});

describe("boards", () => {
  for (const vector of vectors.boards) {
    it(`ENT-2: ${vector.name}: ${vector.refusal || "valid"}`, () => {
      const checked = checkBoard(boardOf(vector));
      expect(checked.ok ? "" : checked.refusal.code).to.equal(vector.refusal);
      const types = vector.members.flatMap(() => ["bytes32", "uint32"]);
      const values = vector.members.flatMap(({ id, weight }) => [id, weight]);
      const hash = solidityPackedKeccak256(["uint32", ...types], [vector.threshold, ...values]);
      expect(hash).to.equal(vector.hash);
      expect(toHex(boardHash(boardOf(vector)))).to.equal(hash);
    });
  }

  it("ENT-2: 64 members are a board, 65 are none", () => {
    const members = Array.from({ length: 65 }, (_, i) => ({
      id: bytes32FromBigint(2n ** 64n + BigInt(i)),
      weight: 1,
    }));
    expect(checkBoard({ threshold: 43, members: members.slice(0, 64) }).ok).to.equal(true);
    const checked = checkBoard({ threshold: 64, members });
    expect(!checked.ok && checked.refusal.code).to.equal("boardSize");
  });
});

describe("authority", () => {
  for (const vector of vectors.signatures) {
    it(`ENT-3: ${vector.name}: ${vector.refusal || "valid"}`, () => {
      expect(outcome(claimOf(vector))).to.equal(vector.refusal);
    });
  }

  it("ENT-1: nobody's id, and a number whose board is unknown, sign nothing", () => {
    const claim = claimOf(found("a numbered entity"));
    expect(outcome(claim)).to.equal("");
    expect(outcome({ ...claim, boardHash: () => null })).to.equal("boardUnknown");
    expect(outcome({ ...claim, boardHash: undefined })).to.equal("boardUnknown");
    expect(outcome({ ...claim, entity: bytes32FromBigint(0n) })).to.equal("entityClass");
  });

  it("ENT-3, TST-2: a board signature is abi.encode's bytes, and nothing else decodes", () => {
    const random = createRandom("board signatures");
    for (let i = 0; i < 40; i++) {
      const count = random.below(5);
      const signature = {
        board: {
          threshold: random.uint32(),
          members: Array.from({ length: random.below(6) }, () => ({
            id: asBytes32(random.bytes(32)),
            weight: random.uint32(),
          })),
        },
        path: random.bytes(32 * random.below(5)),
        signatures: Array.from({ length: count }, () => ({
          member: random.below(256),
          signature: random.bytes(random.below(200)),
        })),
      };
      const bytes = encodeBoardSignature(signature);
      const { board, path, signatures } = signature;
      const words = toHex(path).slice(2).match(/.{64}/g) ?? [];
      const values = [board, words.map((word) => `0x${word}`), signatures];
      expect(toHex(bytes)).to.equal(AbiCoder.defaultAbiCoder().encode(SIGNATURE_TYPES, values));
      const decoded = decodeBoardSignature(bytes);
      expect(decoded.ok && plain(decoded.value)).to.deep.equal(plain(signature));
    }
  });

  it("ENT-3, TST-3: one flipped byte of any signature is noticed", () => {
    for (const name of ["three of four", "key: a tree of two"]) {
      const claim = claimOf(found(name));
      for (let at = 0; at < claim.signature.length; at += 1) {
        const signature = claim.signature.slice();
        signature[at] = (signature[at] as number) ^ 1;
        expect(outcome({ ...claim, signature }), `${name}, byte ${at}`).to.not.equal("");
      }
      for (const part of ["entity", "digest"] as const) {
        const changed = claim[part].slice() as Bytes32;
        changed[31] = (changed[31] as number) ^ 1;
        expect(outcome({ ...claim, [part]: changed }), part).to.not.equal("");
      }
    }
  });

  it("ACC-10: a signature longer than any board's is refused before it is read", () => {
    const board = { threshold: 1, members: [{ id: bytes32FromBigint(2n ** 64n), weight: 1 }] };
    const withBytes = (length: number): Uint8Array =>
      encodeBoardSignature({
        board,
        path: new Uint8Array(0),
        signatures: [{ member: 0, signature: new Uint8Array(length) }],
      });
    const rest = MAX_BOARD_SIGNATURE_BYTES - withBytes(0).length;
    expect(withBytes(rest).length).to.equal(MAX_BOARD_SIGNATURE_BYTES);
    expect(decodeBoardSignature(withBytes(rest)).ok).to.equal(true);
    const longer = decodeBoardSignature(new Uint8Array(MAX_BOARD_SIGNATURE_BYTES + 32));
    expect(!longer.ok && longer.refusal.details?.fault).to.equal("too long");
  });
});

/** Bytes as hexadecimal, so that chai compares what they hold. */
function plain(value: unknown): unknown {
  const replacer = (_: string, item: unknown): unknown =>
    item instanceof Uint8Array ? toHex(item) : item;
  return JSON.parse(JSON.stringify(value, replacer));
}
