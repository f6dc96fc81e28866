import { assert } from "../base/assert.ts";
import { type Bytes, type Bytes32, concatBytes, EMPTY_BYTES } from "../base/bytes.ts";
import { createInterner, type Interner } from "../base/intern.ts";
import { ok, type Result } from "../base/result.ts";
import { buildTwoLevelTree, leafHash } from "../codec/merkle.ts";
import { rootDigest } from "../codec/root.ts";
import { SIGNATURE_BYTES, signDigest } from "../codec/signature.ts";
import type { SignatureRequest } from "../runtime/types.ts";
import { encodeBoardSignature } from "./board.ts";
import { SignerError } from "./fault.ts";
import { type Admission, type Guard, openGuard } from "./guard.ts";
import { type Identity, identify, type Member } from "./identity.ts";
import type { GuardJournal, Recorder, Signer, SignerKey } from "./types.ts";

export type SignerOptions = {
  readonly keys: readonly SignerKey[];
  /** Made by the store, under the lock of the same data folder as the log. */
  readonly journal: GuardJournal;
  /** The store's: false once another keeper has the folder. Asked before every signing. */
  readonly isCurrent?: () => boolean;
  readonly record?: Recorder;
};

/**
 * Opens the guard and checks the keys.
 * @throws SignerError `keys` or `guard`
 */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const identities = options.keys.map(identify);
  const index = createInterner();
  for (const { entity } of identities) index.intern(entity);
  if (index.size < identities.length) {
    throw new SignerError("keys", "an entity is given twice", "name it once");
  }
  const guard = await openGuard(options.journal);
  return {
    entities: identities.map(({ entity }) => entity),
    sign: (requests) => sign(options, guard, identities, index, requests),
    remembers: guard.remembers,
    survey: guard.survey,
    close: () => guard.settle(),
  };
}

async function sign(
  options: SignerOptions,
  guard: Guard,
  identities: readonly Identity[],
  index: Interner,
  requests: readonly SignatureRequest[],
): Promise<readonly Result<Bytes>[]> {
  if (options.isCurrent?.() === false) {
    const message = "another keeper has taken this data folder over";
    throw new SignerError("fenced", message, "stop this one");
  }
  if (requests.length === 0) return [];
  const wanted = requests.map((request) => {
    const identity = identities[index.find(request.entity)];
    assert(identity !== undefined, "asked to sign for an entity without a key here");
    return { request, identity };
  });
  const admissions = guard.admit(requests);
  const written = guard.settle();
  // A failed write is told below; until then the process must not take it for forgotten.
  written.catch(() => undefined);
  // One turn, so that the guard's write is under way while this thread is busy with signing.
  await new Promise(setImmediate);
  const jobs = wanted.flatMap(({ request, identity }, at) => {
    const admission = admissions[at] as Admission;
    return admission.refusal === null ? [{ request, identity, at, line: admission.line }] : [];
  });
  const signatures = signAll(jobs, requests.length);
  await written;
  options.record?.(jobs.map(({ request }) => request));
  return admissions.map(({ refusal }, at) => refusal ?? ok(signatures[at] as Bytes));
}

type Job = {
  readonly request: SignatureRequest;
  readonly identity: Identity;
  /** Where the answer goes. */
  readonly at: number;
  readonly line: number;
};

/** One root for each keyring; requests marked `alone` have one of their own. */
function signAll(jobs: readonly Job[], count: number): readonly Bytes[] {
  const signatures = Array.from<Bytes>({ length: count }).fill(EMPTY_BYTES);
  const shared = new Map<string, Job[]>();
  for (const job of jobs) {
    const { identity, request } = job;
    if (request.alone) {
      const root = leafHash(request.entity, request.digest);
      signatures[job.at] = encode(identity, EMPTY_BYTES, EMPTY_BYTES, signRoot(identity, root));
      continue;
    }
    const others = shared.get(identity.keyring);
    if (others === undefined) shared.set(identity.keyring, [job]);
    else others.push(job);
  }
  for (const group of shared.values()) signTree(group, signatures);
  return signatures;
}

/** An account's leaves first, then one tree over accounts (SPEED 3), in the order asked. */
function signTree(jobs: readonly Job[], signatures: Bytes[]): void {
  const byLine = new Map<number, Job[]>();
  for (const job of jobs) {
    const others = byLine.get(job.line);
    if (others === undefined) byLine.set(job.line, [job]);
    else others.push(job);
  }
  const groups = [...byLine.values()];
  const tree = buildTwoLevelTree(
    groups.map((group) => group.map(({ request }) => leafHash(request.entity, request.digest))),
  );
  const first = jobs[0] as Job;
  const signed = signRoot(first.identity, tree.root);
  for (const [outer, group] of groups.entries()) {
    const above = tree.outerPaths[outer] as Bytes;
    for (const [inner, job] of group.entries()) {
      const within = tree.innerPaths[outer]?.[inner] as Bytes;
      signatures[job.at] = encode(job.identity, within, above, signed);
    }
  }
}

/** By address of the key. */
type RootSignatures = ReadonlyMap<string, Bytes>;

function signRoot(identity: Identity, root: Bytes32): RootSignatures {
  const digest = rootDigest(root);
  return new Map(
    identity.members.map(({ address, privateKey }) => [address, signDigest(privateKey, digest)]),
  );
}

/** A key signature or a board signature (Encodings, "What is signed"). */
function encode(identity: Identity, within: Bytes, above: Bytes, signed: RootSignatures): Bytes {
  const { board, members } = identity;
  if (board === null) {
    const signature = ownOf(signed, (members[0] as Member).address);
    // Put together by hand: this runs for every leaf of the tick.
    const bytes = new Uint8Array(SIGNATURE_BYTES + within.length + above.length);
    bytes.set(signature);
    bytes.set(within, SIGNATURE_BYTES);
    bytes.set(above, SIGNATURE_BYTES + within.length);
    return bytes;
  }
  const signatures = members.map(({ member, address }) => ({
    member,
    signature: ownOf(signed, address),
  }));
  return encodeBoardSignature(board, concatBytes(within, above), signatures);
}

function ownOf(signed: RootSignatures, address: string): Bytes {
  const signature = signed.get(address);
  assert(signature !== undefined, "a tree is signed by every key of its ring");
  return signature;
}
