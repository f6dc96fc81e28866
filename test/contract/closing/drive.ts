/** Carries operations out on the chain, and holds what it says against what the world predicts. */
import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { type Body, hashBody, packSlots } from "../../../keeper/account/body.ts";
import { tailOf } from "../../../keeper/account/debt.ts";
import { proofDigest } from "../../../keeper/account/digest.ts";
import { windowWord } from "../../../keeper/account/dispute.ts";
import { type Bytes32, bigintFromBytes, fromHex, toHex } from "../../../keeper/base/bytes.ts";
import { keccak256 } from "../../../keeper/codec/keccak.ts";
import type { Side, TokenId } from "../../../keeper/jurisdiction/types.ts";
import type { EnforcementStruct, OperationsStruct } from "../../../typechain-types/Depository.ts";
import { enforcementOf, type Piece } from "../dispute.ts";
import { lengthOf } from "../entity.ts";
import type { Jurisdiction } from "../jurisdiction.ts";
import { batchOf } from "../operation.ts";
import type { Plan } from "../plan.ts";
import { currentKey, idOf, type Party, type Signer, signAs } from "./party.ts";
import {
  type Account,
  countBatch,
  type Line,
  type Live,
  moneyOf,
  type Proof,
  partyOf,
  queueOf,
  reserveOf,
  type World,
  wordsOf,
} from "./world.ts";

/** As much as any call may take; told, so that nothing is estimated beforehand. */
export const LIMIT = { gasLimit: 15_500_000n };

/** The chain, and the world that predicts it. */
export type Driven = {
  readonly at: Jurisdiction;
  readonly world: World;
  readonly domain: Bytes32;
  /** Of the EntityProvider. */
  readonly boards: Bytes32;
  /** What plan locks wait for. */
  readonly plans: readonly Plan[];
};

/** Moves both clocks: the next block has this time. */
export async function moveTo({ at, world }: Driven, time: number): Promise<void> {
  world.now = time;
  await at.time.setNextBlockTimestamp(time);
}

/** The time of the next block is one second after the last one, in both clocks. */
export async function tick(driven: Driven): Promise<void> {
  await moveTo(driven, driven.world.now + 1);
}

/** Sends a call, and compares its events with the predicted ones, whatever their order. */
export async function send(
  { at }: Driven,
  call: Promise<ContractTransactionResponse>,
  predicted: readonly Line[],
): Promise<void> {
  const receipt = await (await call).wait();
  const address = await at.depository.getAddress();
  const logs = (receipt?.logs ?? []).filter((log) => log.address === address);
  const lines = logs.map((log) => lineOf(at, log));
  expect(lines.sort()).to.deep.equal([...predicted].sort());
}

function lineOf(at: Jurisdiction, log: { topics: readonly string[]; data: string }): Line {
  const event = at.depository.interface.parseLog(log);
  if (event === null) throw new Error("an event that the interface does not know");
  const args = [...event.args].map(String);
  if (event.name === "EnforcementSkipped") args.push(errorLine(at, args.pop() ?? ""));
  return `${event.name}(${args.join(",")})`;
}

/** A custom error as one line. */
export function errorLine(at: Jurisdiction, data: string): Line {
  const error = at.depository.interface.parseError(data);
  return error === null ? data : `${error.name}(${[...error.args].map(String).join(",")})`;
}

/** An entity's batch; its events are those predicted, and that it has landed. */
export async function submit(
  driven: Driven,
  party: number,
  operations: Partial<OperationsStruct>,
  predicted: readonly Line[],
): Promise<void> {
  const { at, world } = driven;
  const key = world.parties[party] as Party;
  const batch = batchOf(key, BigInt(world.nonces[party] as number), operations);
  const digest = await at.depository.batchDigest(batch);
  const signature = signAs(key, currentKey(key, world.now), digest);
  const counted = countBatch(world, party);
  await send(driven, at.depository.processBatch(batch, signature, LIMIT), [counted, ...predicted]);
}

/** What anyone may do; or what a party's batch carries. */
export async function enforce(
  driven: Driven,
  carrier: number | null,
  pieces: readonly Piece[],
  predicted: readonly Line[],
): Promise<void> {
  const enforcement: EnforcementStruct = enforcementOf(pieces);
  if (carrier !== null) return submit(driven, carrier, { enforcements: [enforcement] }, predicted);
  return send(driven, driven.at.depository.enforce(enforcement, LIMIT), predicted);
}

/** One counter or finalisation through the door of its own, or through the one for many. */
export function call(
  { at: { depository } }: Driven,
  piece: Piece,
  alone: boolean,
): Promise<ContractTransactionResponse> {
  const { counters = [], finalisations = [], rows = [], conditions = "0x" } = piece;
  const [counter] = counters;
  if (alone && counter !== undefined) {
    return depository.counter(counter, rows, conditions, piece.signatures ?? "0x", LIMIT);
  }
  const [finalisation] = finalisations;
  if (alone && finalisation !== undefined) {
    return depository.finalise(finalisation, rows, conditions, piece.tokens ?? [], LIMIT);
  }
  return depository.enforce(enforcementOf([piece]), LIMIT);
}

/** A call that must fail, and why. */
export async function refuse(
  driven: Driven,
  sent: Promise<ContractTransactionResponse>,
  reason: Line,
): Promise<void> {
  const { at } = driven;
  let found = "nothing";
  try {
    await sent;
  } catch (error) {
    const { data } = error as { readonly data?: string };
    found = data === undefined ? String(error) : errorLine(at, data);
  }
  expect(found).to.equal(reason);
}

/** What a start made in the next block takes from the block before it. */
export async function nextSalt({ at }: Driven): Promise<bigint> {
  const block = await at.ethers.provider.getBlock("latest");
  return BigInt.asUintN(64, bigintFromBytes(fromHex(block?.hash ?? "0x")));
}

function digestOf({ domain }: Driven, account: Account, proof: Proof): string {
  const { number, leftResponse, rightResponse, frameHash, body } = proof;
  const { key, epoch } = account;
  const terms = { account: key, epoch, number, leftResponse, rightResponse, frameHash };
  return toHex(proofDigest(domain, { ...terms, bodyHash: hashBody(body) }));
}

function pools({ rows, slots }: Body): { rows: EnforcementStruct["rows"]; conditions: string } {
  return { rows: rows.map((row) => ({ ...row })), conditions: toHex(packSlots(slots)) };
}

function terms(proof: Proof) {
  const { number, leftResponse, rightResponse, frameHash, body } = proof;
  const conditionBytes = packSlots(body.slots).length;
  const lengths = { rows: body.rows.length, conditionBytes };
  return { number, leftResponse, rightResponse, frameHash: toHex(frameHash), ...lengths };
}

/** One side starts with what the other signed. */
export function startPiece(
  driven: Driven,
  account: Account,
  side: Side,
  proof: Proof,
  signer: Signer,
): Piece {
  const other = partyOf(account, side === "left" ? "right" : "left");
  const key = driven.world.parties[other] as Party;
  const digest = digestOf(driven, account, proof);
  const signature = proof.number === 0 ? "0x" : signAs(key, signer.key, digest);
  const start = {
    counterparty: key.id,
    epoch: account.epoch,
    ...terms(proof),
    signatureLength: lengthOf(signature),
  };
  return { starts: [start], ...pools(proof.body), signatures: signature };
}

/** A newer proof, signed by both but the side that carries it, of whom there is no signer. */
export function counterPiece(
  driven: Driven,
  account: Account,
  proof: Proof,
  signers: Readonly<Record<Side, Signer | null>>,
): Piece {
  const { parties } = driven.world;
  const [left, right] = [parties[account.left], parties[account.right]] as [Party, Party];
  const digest = digestOf(driven, account, proof);
  const signed = {
    left: signers.left === null ? "0x" : signAs(left, signers.left.key, digest),
    right: signers.right === null ? "0x" : signAs(right, signers.right.key, digest),
  };
  const live = account.live as Live;
  const counter = {
    left: left.id,
    right: right.id,
    window: windowWord(live.window),
    bodyHash: toHex(hashBody(live.body)),
    ...terms(proof),
    leftSignature: lengthOf(signed.left),
    rightSignature: lengthOf(signed.right),
  };
  const signatures = signed.left + signed.right.slice(2);
  return { counters: [counter], ...pools(proof.body), signatures };
}

/** The end of a dispute with its winning body. */
export function finalisationPiece(
  { world }: Driven,
  account: Account,
  extra: readonly TokenId[],
): Piece {
  const { window, body, overtaking } = account.live as Live;
  const winning = overtaking === null ? body : overtaking.body;
  const { left, right } = account;
  const finalisation = {
    left: (world.parties[left] as Party).id,
    right: (world.parties[right] as Party).id,
    window: windowWord(window),
    headBody: toHex(overtaking === null ? new Uint8Array(32) : hashBody(body)),
    overtakingFlags: overtaking?.flags ?? 0,
    rows: winning.rows.length,
    conditionBytes: packSlots(winning.slots).length,
    tokens: extra.length,
  };
  return { finalisations: [finalisation], ...pools(winning), tokens: [...extra] };
}

/** Every view of one account and its sides says what the world says. */
export async function compareAccount({ at, world }: Driven, account: Account): Promise<void> {
  const { depository } = at;
  const [left, right] = [account.left, account.right].map(
    (p) => (world.parties[p] as Party).id,
  ) as [string, string];
  const { head, overtaking } = wordsOf(account);
  const views = await Promise.all([
    depository.accountOf(left, right),
    depository.disputeOf(left, right),
    ...world.tokens.map((token) => depository.moneyOf(left, right, token)),
  ]);
  const money = world.tokens.map((token) => {
    const { ondelta, collateral } = moneyOf(account, token);
    return [ondelta, collateral];
  });
  const expected = [[BigInt(account.epoch), BigInt(account.number)], [head, overtaking], ...money];
  expect(views.map((view) => [...view])).to.deep.equal(expected);
  for (const party of [account.left, account.right]) await compareParty({ at, world }, party);
}

async function compareParty({ at, world }: Pick<Driven, "at" | "world">, party: number) {
  const { depository } = at;
  const { id } = world.parties[party] as Party;
  for (const token of world.tokens) {
    const queue = queueOf(world, party, token);
    const [reserve, ends] = await Promise.all([
      depository.reserveOf(id, token),
      depository.debtsOf(id, token),
    ]);
    const expected = [reserveOf(world, party, token), BigInt(queue.head), BigInt(tailOf(queue))];
    expect([reserve, ...ends], `party ${party}, token ${token}`).to.deep.equal(expected);
    for (const [place, debt] of queue.debts.entries()) {
      const found = await depository.debtAt(id, token, queue.head + place);
      const mark = debt === null ? 0n : markOf(debt.creditor);
      expect([...found]).to.deep.equal([mark, debt?.amount ?? 0n]);
    }
  }
}

/** How a debt's slot names its creditor. */
function markOf(creditor: Bytes32): bigint {
  return BigInt.asUintN(128, bigintFromBytes(keccak256(creditor)));
}

/** The nonce of every party, and every entity's place in the chain's books. */
export async function compareAll(driven: Driven): Promise<void> {
  const { at, world } = driven;
  for (const account of world.accounts) await compareAccount(driven, account);
  for (const [party, key] of world.parties.entries()) {
    expect(await at.depository.nonceOf(key.id)).to.equal(BigInt(world.nonces[party] as number));
    expect(toHex(idOf(key))).to.equal(key.id);
  }
}
