import { concat, keccak256, solidityPacked, TypedDataEncoder, toBeHex, ZeroHash } from "ethers";

import type { BodyRowStruct, EnforcementStruct } from "../../typechain-types/Depository.ts";
import { type Key, lengthOf, signDigest } from "./entity.ts";
import type { Jurisdiction } from "./jurisdiction.ts";
import type { Domain } from "./operation.ts";

/** One token of a body; amounts in the token's smallest unit. */
export type Row = {
  readonly token: bigint;
  readonly offdelta: bigint;
  readonly leftLimit: bigint;
  readonly rightLimit: bigint;
};

/** What both sides sign. Each slot is a condition as it is hashed, or "0x" if it is empty. */
export type Proof = {
  readonly left: Key;
  readonly right: Key;
  readonly epoch?: bigint;
  readonly number: bigint;
  readonly leftResponse?: bigint;
  readonly rightResponse?: bigint;
  readonly frameHash?: string;
  readonly rows: readonly Row[];
  readonly slots?: readonly string[];
};

/** What an account's dispute commits to, as its events tell. */
export type Live = {
  readonly window: bigint;
  readonly bodyHash: string;
  readonly overtaking?: { readonly flags: bigint };
};

/** A part of an enforcement, with what it takes from the pools. */
export type Piece = Partial<EnforcementStruct>;

const PROOF_TYPES = {
  Proof: [
    { name: "account", type: "bytes32" },
    { name: "epoch", type: "uint64" },
    { name: "number", type: "uint64" },
    { name: "leftResponse", type: "uint32" },
    { name: "rightResponse", type: "uint32" },
    { name: "frameHash", type: "bytes32" },
    { name: "bodyHash", type: "bytes32" },
  ],
};
const PAGE = 16;

/** A condition that needs no data: kind 1 is a hash lock, kind 2 a plan lock. */
export function lock(
  kind: 1 | 2,
  subject: string,
  deadline: bigint,
  amounts: readonly { readonly token: bigint; readonly amount: bigint }[],
): string {
  return condition(kind, subject, deadline, amounts);
}

function condition(
  kind: number,
  subject: string,
  deadline: bigint,
  amounts: readonly { readonly token: bigint; readonly amount: bigint }[],
): string {
  const moves = amounts.map(({ token, amount }) =>
    solidityPacked(["uint32", "int128"], [token, amount]),
  );
  const head = solidityPacked(
    ["uint8", "uint64", "bytes32", "uint8"],
    [kind, deadline, subject, amounts.length],
  );
  return concat([head, ...moves]);
}

/** A limit order packed as it is hashed, which left takes. */
export function order(
  subject: string,
  deadline: bigint,
  amounts: readonly { readonly token: bigint; readonly amount: bigint }[],
): string {
  return concat([condition(3, subject, deadline, amounts), "0x00"]);
}

/** What a proof signs of its body. */
export function bodyHash(rows: readonly Row[], slots: readonly string[] = []): string {
  const packed = rows.map((row) =>
    solidityPacked(
      ["uint32", "int128", "uint128", "uint128"],
      [row.token, row.offdelta, row.leftLimit, row.rightLimit],
    ),
  );
  return keccak256(concat([...packed, conditionsRoot(slots)]));
}

function conditionsRoot(slots: readonly string[]): string {
  const pages: string[] = [];
  for (let first = 0; first < slots.length; first += PAGE) {
    const page = Array.from({ length: PAGE }, (_, i) => slots[first + i] ?? "0x");
    const hashes = page.map((slot) => (slot === "0x" ? ZeroHash : keccak256(slot)));
    pages.push(page.every((slot) => slot === "0x") ? ZeroHash : keccak256(concat(hashes)));
  }
  while (pages.at(-1) === ZeroHash) pages.pop();
  return pages.length === 0 ? ZeroHash : keccak256(concat(pages));
}

/** What both sides sign, as a leaf. */
export function proofDigest(domain: Domain, proof: Proof): string {
  return TypedDataEncoder.hash(domain, PROOF_TYPES, {
    account: keccak256(concat([proof.left.id, proof.right.id])),
    epoch: proof.epoch ?? 0n,
    bodyHash: bodyHash(proof.rows, proof.slots),
    ...terms(proof),
  });
}

function terms(proof: Proof) {
  return {
    number: proof.number,
    leftResponse: proof.leftResponse ?? 0n,
    rightResponse: proof.rightResponse ?? 0n,
    frameHash: proof.frameHash ?? ZeroHash,
  };
}

function pools(proof: Proof): { rows: BodyRowStruct[]; conditions: string } {
  const slots = proof.slots ?? [];
  return {
    rows: proof.rows.map((row) => ({ ...row })),
    conditions: concat(slots.flatMap((slot) => [toBeHex(lengthOf(slot), 2), slot])),
  };
}

/** The carrier starts a dispute; without a proof (number 0) nobody else signs. */
export function startOf(domain: Domain, carrier: Key, proof: Proof): Piece {
  const other = carrier.id === proof.left.id ? proof.right : proof.left;
  const body = pools(proof);
  const signed = proof.number === 0n ? "0x" : signDigest(other, proofDigest(domain, proof));
  const start = {
    counterparty: other.id,
    epoch: proof.epoch ?? 0n,
    ...terms(proof),
    rows: body.rows.length,
    conditionBytes: lengthOf(body.conditions),
    signatureLength: lengthOf(signed),
  };
  return { starts: [start], ...body, signatures: signed };
}

/** A newer proof, signed by both sides but the carrier. */
export function counterOf(domain: Domain, live: Live, proof: Proof, carrier?: Key): Piece {
  const digest = proofDigest(domain, proof);
  const [left, right] = [proof.left, proof.right].map((side) =>
    side.id === carrier?.id ? "0x" : signDigest(side, digest),
  ) as [string, string];
  const body = pools(proof);
  const counter = {
    left: proof.left.id,
    right: proof.right.id,
    window: live.window,
    bodyHash: live.bodyHash,
    ...terms(proof),
    rows: body.rows.length,
    conditionBytes: lengthOf(body.conditions),
    leftSignature: lengthOf(left),
    rightSignature: lengthOf(right),
  };
  return { counters: [counter], ...body, signatures: concat([left, right]) };
}

/** Ends a dispute with the proof that won it, and closes tokens that its body does not list. */
export function finalisationOf(live: Live, proof: Proof, tokens: readonly bigint[] = []): Piece {
  const body = pools(proof);
  const finalisation = {
    left: proof.left.id,
    right: proof.right.id,
    window: live.window,
    headBody: live.overtaking === undefined ? ZeroHash : live.bodyHash,
    overtakingFlags: live.overtaking?.flags ?? 0n,
    rows: body.rows.length,
    conditionBytes: lengthOf(body.conditions),
    tokens: tokens.length,
  };
  return { finalisations: [finalisation], ...body, tokens: [...tokens] };
}

/** One enforcement of many pieces: starts before counters before finalisations. */
export function enforcementOf(pieces: readonly Piece[]): EnforcementStruct {
  return {
    starts: pieces.flatMap((piece) => piece.starts ?? []),
    counters: pieces.flatMap((piece) => piece.counters ?? []),
    preimages: pieces.flatMap((piece) => piece.preimages ?? []),
    fills: pieces.flatMap((piece) => piece.fills ?? []),
    finalisations: pieces.flatMap((piece) => piece.finalisations ?? []),
    forgivenesses: pieces.flatMap((piece) => piece.forgivenesses ?? []),
    rows: pieces.flatMap((piece) => piece.rows ?? []),
    conditions: concat(pieces.map((piece) => piece.conditions ?? "0x")),
    tokens: pieces.flatMap((piece) => piece.tokens ?? []),
    signatures: concat(pieces.map((piece) => piece.signatures ?? "0x")),
  };
}

/** What the newest start or counter of each account committed to, by left's and right's id. */
export async function readDisputes(
  at: Jurisdiction,
  fromBlock: number,
): Promise<ReadonlyMap<string, Live>> {
  const { DisputeStarted, DisputeCountered } = at.depository.filters;
  const started = await at.depository.queryFilter(DisputeStarted(), fromBlock);
  const countered = await at.depository.queryFilter(DisputeCountered(), fromBlock);
  const lives = new Map<string, Live>();
  for (const { args } of started) lives.set(args.left + args.right, args);
  for (const { args } of countered) {
    const key = args.left + args.right;
    const head = lives.get(key);
    if (!args.overtaking || head === undefined) {
      lives.set(key, { window: args.window, bodyHash: args.bodyHash });
    } else {
      const flags = (args.window >> 128n) & 0xffn;
      lives.set(key, { ...head, overtaking: { flags } });
    }
  }
  return new Map(
    [...lives].map(([key, { window, bodyHash: hash, overtaking }]) => [
      key,
      overtaking === undefined
        ? { window, bodyHash: hash }
        : { window, bodyHash: hash, overtaking },
    ]),
  );
}
