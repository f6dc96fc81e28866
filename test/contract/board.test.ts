import { expect } from "chai";
import hre from "hardhat";
import { before, describe, it } from "mocha";

import { TIMES } from "../../ignition/modules/Jurisdiction.ts";
import {
  asBytes32,
  type Bytes,
  type Bytes32,
  bigintFromBytes,
  compareBytes,
  concatBytes,
  fromHex,
  toHex,
} from "../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../keeper/base/random.ts";
import { verifyEntitySignature, verifyProofSignature } from "../../keeper/codec/authority.ts";
import { type Board, boardHash } from "../../keeper/codec/board.ts";
import {
  encodeBoardSignature,
  encodeKeySignature,
  encodeNestedSignature,
  type NestedSignature,
} from "../../keeper/codec/board-signature.ts";
import { entityClass, numberedEntity } from "../../keeper/codec/identity.ts";
import { buildTree, leafHash } from "../../keeper/codec/merkle.ts";
import { rootDigest } from "../../keeper/codec/root.ts";
import { signDigest } from "../../keeper/codec/signature.ts";
import { standingBoards, type Tenure } from "../../keeper/codec/tenure.ts";
import { actionDigest, entityProviderDomain } from "../../keeper/jurisdiction/action.ts";
import { type DevKey, devKeys } from "../../scripts/vector/dev-key.ts";
import type { EntityProvider } from "../../typechain-types/EntityProvider.ts";

const keys = devKeys(9);
const NUMBERS = 12;
const CASES = 600;

/** Boards by their hash, and the boards that each number has had. */
type World = {
  readonly boards: Map<string, Board>;
  readonly tenures: Tenure[][];
};

const keyOf = (id: Bytes32): DevKey | undefined =>
  keys.find(({ entity }) => compareBytes(entity, id) === 0);

/** A board of keys, numbers and boards that are known already; now and then it is none. */
function randomBoard(random: Random, world: World): Board {
  const ids = new Map<string, Bytes32>();
  const lazy = [...world.boards.keys()].map(fromHex).map(asBytes32);
  for (let i = random.between(1, 5); i > 0; i--) {
    const kind = random.below(4);
    const id =
      kind === 0
        ? numberedEntity(BigInt(random.between(1, NUMBERS + 1)))
        : kind === 1 && lazy.length > 0
          ? random.pick(lazy)
          : random.pick(keys).entity;
    ids.set(toHex(id), id);
  }
  const members = [...ids.values()].sort(compareBytes).map((id) => ({
    id,
    weight: random.chance(1, 60) ? 0 : random.between(1, 4),
  }));
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  const lowest = members.length === 1 ? 1 : Math.floor((2 * total) / 3) + 1;
  const threshold = random.chance(1, 25)
    ? random.below(total + 2)
    : random.between(lowest, Math.max(lowest, total));
  const board = { threshold, members: random.chance(1, 40) ? members.reverse() : members };
  world.boards.set(toHex(boardHash(board)), board);
  return board;
}

/** A board that signs for the entity: mostly its own, or one that it had, or any. */
function boardFor(random: Random, world: World, id: Bytes32): Board {
  const any = (): Board => random.pick([...world.boards.values()]);
  if (random.chance(1, 30)) return any();
  if (entityClass(id) === "lazy") return world.boards.get(toHex(id)) ?? any();
  const tenures = world.tenures[Number(bigintFromBytes(id)) - 1] ?? [];
  if (tenures.length === 0) return any();
  const { boardHash: hash } = random.pick(tenures);
  return world.boards.get(toHex(hash)) ?? any();
}

/** What a board signs, by so many of its members as are needed, or a few more or less. */
function signBoard(
  random: Random,
  world: World,
  board: Board,
  signed: Bytes32,
  depth: number,
): NestedSignature {
  const signatures: { member: number; signature: Bytes }[] = [];
  const enough = random.chance(1, 12) ? 0 : board.threshold;
  let weight = 0;
  for (const member of random.shuffle(board.members.map((_, index) => index))) {
    if (weight >= enough && !random.chance(1, 6)) continue;
    const { id, weight: share } = board.members[member] as Board["members"][number];
    const signature = signMember(random, world, id, signed, depth);
    if (signature === undefined) continue;
    signatures.push({ member, signature });
    weight += share;
  }
  if (!random.chance(1, 60)) signatures.sort((a, b) => a.member - b.member);
  return { board, signatures };
}

function signMember(
  random: Random,
  world: World,
  id: Bytes32,
  signed: Bytes32,
  depth: number,
): Bytes | undefined {
  if (entityClass(id) === "address") {
    const key = random.chance(1, 80) ? random.pick(keys) : keyOf(id);
    return key === undefined ? undefined : signDigest(key.privateKey, signed);
  }
  if (depth === 0) return undefined;
  return encodeNestedSignature(
    signBoard(random, world, boardFor(random, world, id), signed, depth - 1),
  );
}

type Claim = { readonly entity: Bytes32; readonly digest: Bytes32; readonly signature: Bytes };

/** A number, a lazy board or a key signs, under a tree of some leaves; then bytes may change. */
function randomClaim(random: Random, world: World): Claim {
  const digest = asBytes32(random.bytes(32));
  const lazy = [...world.boards.keys()].map(fromHex).map(asBytes32);
  const kind = random.below(10);
  const entity =
    kind === 0
      ? random.pick(keys).entity
      : kind < 5
        ? numberedEntity(BigInt(random.between(1, NUMBERS)))
        : random.pick(lazy);
  const others = Array.from({ length: random.below(4) }, () => asBytes32(random.bytes(32)));
  const { root, paths } = buildTree([leafHash(entity, digest), ...others]);
  const signed = rootDigest(random.chance(1, 40) ? leafHash(entity, entity) : root);
  const path = paths[0] as Bytes;
  const key = keyOf(entity);
  const signature =
    key === undefined
      ? encodeBoardSignature({
          ...signBoard(random, world, boardFor(random, world, entity), signed, 5),
          path,
        })
      : encodeKeySignature(signDigest(key.privateKey, signed), path);
  return { entity, digest, signature: changed(random, signature) };
}

function changed(random: Random, signature: Bytes): Bytes {
  if (!random.chance(1, 8)) return signature;
  const bytes = signature.slice();
  const at = random.below(bytes.length);
  switch (random.below(4)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return concatBytes(bytes, random.bytes(32));
    default:
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
  }
}

describe("boards of boards, the keeper and the contract", () => {
  let provider: EntityProvider;
  let now: number;
  const random = createRandom("boards of boards");
  const world: World = { boards: new Map(), tenures: [] };

  before(async () => {
    const { ethers, networkHelpers } = await hre.network.create();
    const times = [TIMES.delay, TIMES.grace];
    provider = (await ethers.deployContract("EntityProvider", times)) as unknown as EntityProvider;
    for (let i = 0; i < 6; i++) randomBoard(random, world);
    // Every number begins as a key, so that its first replacement needs no other's signature.
    const firsts: DevKey[] = [];
    for (let i = 0; i < NUMBERS; i++) {
      const key = random.pick(keys);
      firsts.push(key);
      const board = { threshold: 1, members: [{ id: key.entity, weight: 1 }] };
      world.boards.set(toHex(boardHash(board)), board);
      world.tenures.push([{ boardHash: boardHash(board), since: 0 }]);
      await provider.registerEntity(toHex(boardHash(board)));
    }
    const { chainId } = await ethers.provider.getNetwork();
    const address = fromHex(await provider.getAddress());
    const domain = entityProviderDomain(Number(chainId), address);
    // Most numbers are replaced, at different times; some replacements are still pending.
    for (const [i, key] of firsts.entries()) {
      if (i % 4 === 3) continue;
      const number = BigInt(i + 1);
      const entity = numberedEntity(number);
      const incoming = boardHash(randomBoard(random, world));
      const action = { kind: "replaceBoard", number, boardHash: incoming } as const;
      const signed = rootDigest(leafHash(entity, actionDigest(domain, action, 0)));
      const board = { threshold: 1, members: [{ id: key.entity, weight: 1 }] };
      const signatures = [{ member: 0, signature: signDigest(key.privateKey, signed) }];
      const signature = encodeBoardSignature({ board, path: new Uint8Array(0), signatures });
      await provider.proposeBoard(number, toHex(incoming), toHex(signature));
      const [, since] = await provider.tenureOf(number, 1);
      world.tenures[i]?.push({ boardHash: incoming, since: Number(since) });
      await networkHelpers.time.increase(random.between(1, TIMES.grace / 4));
    }
    for (let i = 0; i < 12; i++) randomBoard(random, world);
    await networkHelpers.time.increase(Math.floor((3 * TIMES.delay) / 4));
    now = await networkHelpers.time.latest();
  });

  const outcome = async (judged: Promise<unknown>): Promise<string> => {
    try {
      return String(await judged);
    } catch (error) {
      expect(String(error)).to.match(/revert/);
      return "refused";
    }
  };

  const tenuresOf = (entity: Bytes32): readonly Tenure[] =>
    world.tenures[Number(bigintFromBytes(entity)) - 1] ?? [];

  it("TST-2, ENT-2, ENT-5: both judge random trees of boards alike, now and as of any time", async () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < CASES; i++) {
      const claim = randomClaim(random, world);
      const { entity, digest, signature } = claim;
      const args = [toHex(entity), toHex(digest), toHex(signature)] as const;
      const current = (id: Bytes32) => standingBoards(tenuresOf(id), now, 0)?.current;
      const ours = verifyEntitySignature({ ...claim, boardHash: current });
      const theirs = await outcome(provider.verify(...args));
      expect(ours.ok ? "0" : "refused", `case ${i}, now`).to.equal(theirs);

      const asOf = random.chance(1, 4) ? now : now - random.below(TIMES.delay);
      const boards = (id: Bytes32) => standingBoards(tenuresOf(id), asOf, TIMES.grace);
      const then = verifyProofSignature({ ...claim, boards });
      const judged = then.ok ? `${then.value.retired}` : "refused";
      expect(judged, `case ${i}, as of ${asOf - now}`).to.equal(
        await outcome(provider.verifyAsOf(...args, asOf)),
      );
      const kind = then.ok ? judged : then.refusal.code;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    // The cases reach what they are for.
    for (const kind of ["false", "true", "boardHash", "boardWeight", "signatureSigner"]) {
      expect(seen.get(kind) ?? 0, kind).to.be.at.least(10);
    }
  });
});
