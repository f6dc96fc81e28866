/**
 * Two replicas of one account in one process: what the machine, its encodings and the signatures
 * cost together, without disk and network. Every message is encoded to bytes and decoded strictly,
 * every signature is made and checked; both sides send.
 */
import { decodeMessage, encodeMessage } from "../../keeper/account/codec.ts";
import type { AccountInput } from "../../keeper/account/input.ts";
import { openAccount } from "../../keeper/account/open.ts";
import { step } from "../../keeper/account/step.ts";
import type { Transaction } from "../../keeper/account/transaction.ts";
import type { Account, Context } from "../../keeper/account/types.ts";
import { assert } from "../../keeper/base/assert.ts";
import type { Bytes, Bytes32 } from "../../keeper/base/bytes.ts";
import { EMPTY_BYTES, equalBytes } from "../../keeper/base/bytes.ts";
import { addressEntity } from "../../keeper/codec/identity.ts";
import { keccakText } from "../../keeper/codec/keccak.ts";
import { signedDigest } from "../../keeper/codec/root.ts";
import {
  addressOf,
  publicKeyOf,
  signatureLibrary,
  signDigest,
  verifyWithPublicKey,
} from "../../keeper/codec/signature.ts";
import type { EntityId, Jurisdiction } from "../../keeper/jurisdiction/types.ts";
import type { BenchRow } from "./types.ts";

type Packet = {
  readonly bytes: Bytes;
  readonly digest: Bytes32 | null;
  readonly signature: Bytes;
};

type Peer = {
  account: Account;
  readonly id: EntityId;
  readonly privateKey: Bytes32;
  readonly publicKey: Bytes;
  inbox: Packet[];
};

const NOW = 1_700_000_000;
const TOKEN = 1;

const jurisdiction: Jurisdiction = {
  chainId: 31337,
  depository: new Uint8Array(20),
  entityProvider: new Uint8Array(20),
  domain: keccakText("bench"),
  deployedAt: 0,
  finalityDepth: 2,
  inclusionMargin: 60,
  responseTime: 3_600,
};

const context: Context = {
  jurisdiction,
  final: null,
  tokens: 0,
  now: NOW,
  plan: () => ({ acceptsHold: () => false, acceptsCertificate: () => false, mayAbort: false }),
};

const ROUNDS = 5;

const works = [
  { work: "frames-1-account-memory", unit: "frames/s", size: 1, frames: 1_500, goal: 6_500 },
  { work: "payments-10-memory", unit: "payments/s", size: 10, frames: 1_000, goal: null },
  { work: "payments-100-memory", unit: "payments/s", size: 100, frames: 500, goal: null },
  { work: "payments-1000-memory", unit: "payments/s", size: 1_000, frames: 150, goal: null },
] as const;

/**
 * `frames-1-account-memory` and `payments-N-memory` for N of 10, 100 and 1000: the median of five
 * warm rounds. The limit is one signature made and one checked a frame, measured between them.
 */
export function benchAccount(progress: (line: string) => void): readonly BenchRow[] {
  const note = `secp256k1 ${signatureLibrary}, writes not synced`;
  return works.map(({ work, unit, size, frames, goal }) => {
    progress(work);
    run(size, frames); // Warms up.
    const rates: number[] = [];
    const limits: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      limits.push(size / signatureSeconds());
      rates.push(size * run(size, frames));
    }
    const [value, limit] = [rates, limits].map((figures) => Math.round(medianOf(figures)));
    return { work, value: value ?? 0, unit, limit: limit ?? 0, goal, better: "higher", note };
  });
}

function medianOf(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Frames a second, `size` payments in each, both sides sending in turn. */
function run(size: number, frames: number): number {
  const [left, right] = openPeers();
  connect(left, right);
  const payments: Transaction[] = Array.from({ length: size }, (_, i) => ({
    kind: "pay",
    token: TOKEN,
    amount: BigInt(1_000_000 + i),
  }));
  const submit: AccountInput = { kind: "submit", transactions: payments };
  const first = left.account.state.number;
  tick(left, right, [submit]);
  const start = performance.now();
  for (let i = 0; i < frames; i++) {
    const [to, other] = i % 2 === 0 ? [right, left] : [left, right];
    tick(to, other, [...take(to, other), submit]);
  }
  const elapsed = (performance.now() - start) / 1_000;
  drain(left, right);
  assert(left.account.state.number > first, "nothing was agreed");
  assert(equalBytes(left.account.state.head, right.account.state.head), "the sides differ");
  return frames / elapsed;
}

/** One signature made and one checked, in seconds: what each frame needs at least. */
function signatureSeconds(): number {
  const [peer] = openPeers();
  const rounds = 300;
  let digest = keccakText("signatures");
  const start = performance.now();
  for (let i = 0; i < rounds; i++) {
    const signature = signDigest(peer.privateKey, digest);
    assert(verifyWithPublicKey(signature, digest, peer.publicKey), "a signature fails");
    digest = signature.slice(0, 32) as Bytes32;
  }
  return (performance.now() - start) / 1_000 / rounds;
}

/** One tick: inputs, flush, signatures, encoding. */
function tick(peer: Peer, other: Peer, inputs: readonly AccountInput[]): void {
  for (const input of [...inputs, { kind: "flush" } as const]) {
    const { account, effects } = step(peer.account, input, context);
    peer.account = account;
    for (const effect of effects) {
      if (effect.kind !== "send") continue;
      const { message, sign } = effect;
      const digest = sign?.digest ?? null;
      const root = digest && signedDigest(peer.id, digest, EMPTY_BYTES);
      const signature = root === null ? EMPTY_BYTES : signDigest(peer.privateKey, root);
      other.inbox.push({ bytes: encodeMessage(message), digest, signature });
    }
  }
}

/** All packets that wait, their signatures checked, decoded strictly. */
function take(peer: Peer, from: Peer): AccountInput[] {
  const packets = peer.inbox;
  peer.inbox = [];
  return packets.map(({ bytes, digest, signature }) => {
    const decoded = decodeMessage(bytes);
    assert(decoded.ok, "a message does not decode");
    if (digest !== null) {
      const root = signedDigest(from.id, digest, EMPTY_BYTES);
      assert(verifyWithPublicKey(signature, root, from.publicKey), "a signature fails");
    }
    const claim = digest === null ? null : { digest, signature };
    return { kind: "message", connection: 1, message: decoded.value, claim };
  });
}

function drain(left: Peer, right: Peer): void {
  while (left.inbox.length + right.inbox.length > 0) {
    tick(right, left, take(right, left));
    tick(left, right, take(left, right));
  }
}

function connect(left: Peer, right: Peer): void {
  const limit = 10n ** 30n;
  const credit: Transaction = { kind: "setCredit", token: TOKEN, limit, softLimit: 0n };
  for (const [peer, other] of [
    [left, right],
    [right, left],
  ] as const) {
    tick(peer, other, [{ kind: "connect", connection: 1 }]);
  }
  drain(left, right);
  tick(left, right, [{ kind: "submit", transactions: [credit] }]);
  drain(left, right);
  tick(right, left, [{ kind: "submit", transactions: [credit] }]);
  drain(left, right);
}

function openPeers(): [Peer, Peer] {
  const keys = [keccakText("bench key 1"), keccakText("bench key 2")].map((privateKey) => {
    const publicKey = publicKeyOf(privateKey);
    return { privateKey, publicKey, id: addressEntity(addressOf(publicKey)) };
  });
  const [a, b] = keys as [(typeof keys)[number], (typeof keys)[number]];
  const peerOf = (own: typeof a, other: typeof a): Peer => ({
    ...own,
    account: openAccount(own.id, other.id, jurisdiction),
    inbox: [],
  });
  return [peerOf(a, b), peerOf(b, a)];
}
