import {
  accountKey,
  bodyHash,
  conditionsRoot,
  frameHash,
  packedConditionHash,
  pageHash,
  proofDigest,
} from "../../keeper/account/digest.ts";
import { MAX_AMOUNT } from "../../keeper/base/amount.ts";
import {
  asBytes32,
  type Bytes32,
  bytes32FromBigint,
  compareBytes,
  isZeroBytes,
  toHex,
  ZERO_BYTES32,
} from "../../keeper/base/bytes.ts";
import { compareNumbers } from "../../keeper/base/order.ts";
import { createRandom, type Random } from "../../keeper/base/random.ts";
import {
  depositDigest,
  depositoryDomain,
  diffsHash,
  hashBatch,
  settlementDigest,
  settlementHash,
} from "../../keeper/jurisdiction/digest.ts";
import type { Settlement, SettlementDiff } from "../../keeper/jurisdiction/types.ts";
import { legsHash, planHash, preparedDigest, signersHash } from "../../keeper/plan/digest.ts";
import type { Plan } from "../../keeper/plan/types.ts";

const MAX_TOKEN = 2 ** 32 - 1;
const CHAIN = 31_337;
const PAGE = 16;
/** As many slots as fill no page, one, and more; `1` is one condition in the first slot. */
const SLOTS = [0, 1, 15, 16, 17, 33, 40];

/** Every digest of the section "Encodings", over random cases and the borders of each range. */
export function digestVectors(): unknown {
  const random = createRandom("digest vectors");
  const depository = random.bytes(20);
  const domain = depositoryDomain(CHAIN, depository);
  const some = <T>(count: number, make: (random: Random, index: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(random, index));
  return {
    domain: {
      chainId: `${CHAIN}`,
      verifyingContract: toHex(depository),
      separator: toHex(domain),
    },
    accounts: some(3, accountCase),
    frames: some(4, frameCase),
    bodies: some(8, bodyCase),
    conditions: some(10, conditionCase),
    conditionsRoots: SLOTS.flatMap((count) => [
      slotsCase(random, count, 0),
      slotsCase(random, count, 3),
      slotsCase(random, count, PAGE),
    ]),
    proofs: some(6, (_, index) => proofCase(random, domain, index)),
    settlements: some(8, (_, index) => settlementCase(random, domain, index)),
    batches: some(4, (_, index) => batchCase(random, domain, index)),
    deposits: some(4, (_, index) => depositCase(random, domain, index)),
    plans: some(6, (_, index) => planCase(random, domain, index)),
  };
}

const word = (random: Random): Bytes32 => asBytes32(random.bytes(32));

/** A safe integer: 0 and the greatest one first, then random ones of any size. */
function counter(random: Random, index: number): number {
  if (index === 0) return 0;
  if (index === 1) return Number.MAX_SAFE_INTEGER;
  return Number(random.bigintBelow(2n ** BigInt(random.between(1, 53))));
}

function seconds(random: Random, index: number): number {
  if (index < 2) return index * MAX_TOKEN;
  return random.below(2 ** random.between(1, 32));
}

function amount(random: Random, index: number): bigint {
  if (index < 2) return index === 0 ? 0n : MAX_AMOUNT;
  return random.bigintBelow(2n ** BigInt(random.between(1, 127)));
}

/** The borders of both signs first, then random sizes of either sign. */
function delta(random: Random, index: number): bigint {
  const borders = [0n, MAX_AMOUNT, -MAX_AMOUNT, -1n, 2n ** 64n, -(2n ** 64n)];
  const border = borders[index];
  if (border !== undefined) return border;
  return amount(random, index) * (random.chance(1, 2) ? 1n : -1n);
}

/** Distinct and ascending; longer lists reach the greatest token. */
function tokens(random: Random, count: number): number[] {
  const chosen = new Set<number>(count > 2 ? [0, MAX_TOKEN] : []);
  while (chosen.size < count) chosen.add(random.below(2 ** 32));
  return [...chosen].sort(compareNumbers);
}

function ascending(random: Random, count: number): Bytes32[] {
  return Array.from({ length: count }, () => word(random)).sort(compareBytes);
}

function accountCase(random: Random, index: number): object {
  const low = bytes32FromBigint(BigInt(index + 1));
  const [left, right] = [low, word(random)];
  return { left: toHex(left), right: toHex(right), key: toHex(accountKey(left, right)) };
}

function frameCase(random: Random, index: number): object {
  const [account, previousHash] = [word(random), word(random)];
  const proposer = index % 2 === 0 ? "left" : "right";
  const frame = random.bytes([0, 39, 135, 5000][index] ?? 0);
  return {
    account: toHex(account),
    previousHash: toHex(previousHash),
    proposer,
    frame: toHex(frame),
    hash: toHex(frameHash(account, previousHash, proposer, frame)),
  };
}

function bodyCase(random: Random, index: number): object {
  const rows = tokens(random, [0, 1, 2, 3, 4, 8, 40, 128][index] ?? 0).map((token, i) => ({
    token,
    offdelta: delta(random, i),
    leftLimit: amount(random, i),
    rightLimit: amount(random, i + 1),
  }));
  const root = index % 2 === 0 ? ZERO_BYTES32 : word(random);
  return {
    rows: rows.map((row) => ({
      token: `${row.token}`,
      offdelta: `${row.offdelta}`,
      leftLimit: `${row.leftLimit}`,
      rightLimit: `${row.rightLimit}`,
    })),
    conditionsRoot: toHex(root),
    hash: toHex(bodyHash({ tokens: rows, conditionsRoot: root })),
  };
}

function conditionCase(random: Random, index: number): object {
  const moves = tokens(random, [0, 1, 2, 3, 6, 255][index] ?? 2).map((token, i) => ({
    token,
    amount: delta(random, i),
  }));
  const condition = {
    kind: (index % 4) + 1,
    deadline: counter(random, index),
    subject: word(random),
    moves,
    data: random.bytes([0, 1, 32, 0, 100][index % 5] ?? 0),
  };
  return {
    kind: `${condition.kind}`,
    deadline: `${condition.deadline}`,
    subject: toHex(condition.subject),
    amounts: moves.map((move) => ({ token: `${move.token}`, amount: `${move.amount}` })),
    data: toHex(condition.data),
    hash: toHex(packedConditionHash(condition)),
  };
}

/** Slots of which every `gap`-th is empty, the last ones of all too if `gap` is a page. */
function slotsCase(random: Random, count: number, gap: number): object {
  const slots = Array.from({ length: count }, (_, slot) => {
    const empty = gap === PAGE ? slot < PAGE || slot >= 2 * PAGE : gap > 0 && slot % gap === 1;
    return empty ? ZERO_BYTES32 : word(random);
  });
  const pages = pagesOf(slots);
  return {
    slots: slots.map(toHex),
    pages: pages.map(toHex),
    root: toHex(conditionsRoot(pages)),
  };
}

function pagesOf(slots: readonly Bytes32[]): Bytes32[] {
  const pages: Bytes32[] = [];
  for (let first = 0; first < slots.length; first += PAGE) {
    const page = Array.from({ length: PAGE }, (_, i) => slots[first + i] ?? ZERO_BYTES32);
    pages.push(page.every(isZeroBytes) ? ZERO_BYTES32 : pageHash(page));
  }
  return pages;
}

function proofCase(random: Random, domain: Bytes32, index: number): object {
  const proof = {
    account: word(random),
    epoch: counter(random, index),
    number: counter(random, index),
    leftResponse: seconds(random, index),
    rightResponse: seconds(random, index + 1),
    frameHash: index === 0 ? ZERO_BYTES32 : word(random),
    bodyHash: word(random),
  };
  return {
    account: toHex(proof.account),
    epoch: `${proof.epoch}`,
    number: `${proof.number}`,
    leftResponse: `${proof.leftResponse}`,
    rightResponse: `${proof.rightResponse}`,
    frameHash: toHex(proof.frameHash),
    bodyHash: toHex(proof.bodyHash),
    digest: toHex(proofDigest(domain, proof)),
  };
}

/** Fair by itself; ranges hold for the sum as well, so the borders are those of one term. */
function diffOf(random: Random, token: number, index: number): SettlementDiff {
  const leftDiff = delta(random, index) / 2n;
  const rightDiff = index === 1 ? -leftDiff : delta(random, index + 7) / 2n;
  const collateralDiff = -leftDiff - rightDiff;
  return { token, leftDiff, rightDiff, collateralDiff, ondeltaDiff: delta(random, index) };
}

function settlementOf(random: Random, index: number, inPlan: boolean): Settlement {
  const [left, right] = ascending(random, 2) as [Bytes32, Bytes32];
  const count = [0, 1, 2, 3, 8, 40][index] ?? 1;
  return {
    left,
    right,
    epoch: counter(random, index),
    number: inPlan ? 0 : counter(random, index + 1),
    deadline: counter(random, index + 2),
    plan: inPlan || index % 2 === 0 ? ZERO_BYTES32 : word(random),
    diffs: tokens(random, count).map((token, i) => diffOf(random, token, i)),
  };
}

function plainSettlement(settlement: Settlement): object {
  return {
    left: toHex(settlement.left),
    right: toHex(settlement.right),
    epoch: `${settlement.epoch}`,
    number: `${settlement.number}`,
    deadline: `${settlement.deadline}`,
    plan: toHex(settlement.plan),
    diffs: settlement.diffs.map((diff) => ({
      token: `${diff.token}`,
      leftDiff: `${diff.leftDiff}`,
      rightDiff: `${diff.rightDiff}`,
      collateralDiff: `${diff.collateralDiff}`,
      ondeltaDiff: `${diff.ondeltaDiff}`,
    })),
    diffsHash: toHex(diffsHash(settlement.diffs)),
    structHash: toHex(settlementHash(settlement)),
  };
}

function settlementCase(random: Random, domain: Bytes32, index: number): object {
  const settlement = settlementOf(random, index, false);
  const digest = toHex(settlementDigest(domain, settlement));
  return { ...plainSettlement(settlement), digest };
}

function batchCase(random: Random, domain: Bytes32, index: number): object {
  const batch = {
    entity: index === 0 ? bytes32FromBigint(1n) : word(random),
    nonce: counter(random, index),
    deadline: counter(random, index + 1),
    operationsHash: word(random),
  };
  return {
    entity: toHex(batch.entity),
    nonce: `${batch.nonce}`,
    deadline: `${batch.deadline}`,
    operationsHash: toHex(batch.operationsHash),
    digest: toHex(hashBatch(domain, batch)),
  };
}

function depositCase(random: Random, domain: Bytes32, index: number): object {
  const deposit = {
    entity: word(random),
    token: index === 0 ? MAX_TOKEN : random.below(2 ** 16),
    amount: amount(random, index),
    nonce: index === 0 ? 2n ** 256n - 1n : random.bigintBelow(2n ** 200n),
    deadline: counter(random, index),
  };
  return {
    entity: toHex(deposit.entity),
    token: `${deposit.token}`,
    amount: `${deposit.amount}`,
    nonce: `${deposit.nonce}`,
    deadline: `${deposit.deadline}`,
    digest: toHex(depositDigest(domain, deposit)),
  };
}

function planCase(random: Random, domain: Bytes32, index: number): object {
  const signers = ascending(random, [2, 3, 5, 8, 31, 32][index] ?? 3);
  const plan: Plan = {
    domain,
    signers,
    legs: signers.slice(1).map((_, i) => ({
      left: i,
      right: i + 1,
      token: i === 0 ? MAX_TOKEN : random.below(9),
      amount: delta(random, i),
    })),
    settlements: Array.from({ length: index % 3 }, (_, i) => settlementOf(random, i + 1, true)),
    salt: word(random),
    commitBy: counter(random, index),
  };
  const hash = planHash(plan);
  return {
    signers: signers.map(toHex),
    legs: plan.legs.map((leg) => ({
      left: `${leg.left}`,
      right: `${leg.right}`,
      token: `${leg.token}`,
      amount: `${leg.amount}`,
    })),
    settlements: plan.settlements.map(plainSettlement),
    salt: toHex(plan.salt),
    commitBy: `${plan.commitBy}`,
    signersHash: toHex(signersHash(plan.signers)),
    legsHash: toHex(legsHash(plan.legs)),
    hash: toHex(hash),
    prepared: toHex(preparedDigest(domain, hash)),
  };
}
