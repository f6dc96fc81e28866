/** One account from its money to its end, at random, each step held against the prediction. */

import { TIMES } from "../../../ignition/modules/Jurisdiction.ts";
import type { LimitOrder } from "../../../keeper/account/body.ts";
import { WHOLE_RATIO } from "../../../keeper/account/closing.ts";
import { orderKey, WINDOW_FLAG } from "../../../keeper/account/dispute.ts";
import { isDelta, minBigint } from "../../../keeper/base/amount.ts";
import { asBytes32, bigintFromBytes, fromHex, toHex } from "../../../keeper/base/bytes.ts";
import type { Random } from "../../../keeper/base/random.ts";
import { actionDigest } from "../../../keeper/jurisdiction/action.ts";
import type { Side, TokenId } from "../../../keeper/jurisdiction/types.ts";
import { type Key, keyOf } from "../entity.ts";
import { layOut, type Settlement } from "../operation.ts";
import { layOutPlan, planHash } from "../plan.ts";
import { drawAmount, drawBare, drawNumber, drawProof, drawTokens, PREIMAGES } from "./draw.ts";
import {
  call,
  compareAccount,
  counterPiece,
  type Driven,
  enforce,
  finalisationPiece,
  LIMIT,
  moveTo,
  nextSalt,
  refuse,
  send,
  startPiece,
  submit,
  tick,
} from "./drive.ts";
import { settleDebts } from "./owing.ts";
import {
  boardHashOf,
  currentKey,
  idOf,
  type Party,
  type Signer,
  signAs,
  signersOf,
} from "./party.ts";
import { countClosing } from "./tally.ts";
import {
  type Account,
  addReserve,
  counterDispute,
  fillOrder,
  finalise,
  type Line,
  type Live,
  moneyOf,
  partyOf,
  predictClosing,
  reach,
  reveal,
  setMoney,
  spendable,
  startDispute,
  winnerOf,
} from "./world.ts";

const SIDES: readonly Side[] = ["left", "right"];

/** Starts, counters and finalises one account; then sweeps and forgives debts. */
export async function playRound(driven: Driven, random: Random): Promise<void> {
  const { world } = driven;
  const account = random.pick(world.accounts);
  if (random.chance(1, 2)) await fund(driven, random, account);
  if (random.chance(1, 3)) await shift(driven, random);
  if (random.chance(1, 3)) await replaceBoard(driven);
  await start(driven, random, account);
  await record(driven, random, account);
  for (let i = random.pick([0, 0, 1, 2, 3]); i > 0; i--) {
    await counter(driven, random, account);
    await record(driven, random, account);
  }
  await compareAccount(driven, account);
  await close(driven, random, account);
  await compareAccount(driven, account);
  for (let i = random.below(5); i > 0; i--) await settleDebts(driven, random);
}

/** A side pays collateral of one token into the account. */
async function fund(driven: Driven, random: Random, account: Account): Promise<void> {
  const { world } = driven;
  const side = random.pick(SIDES);
  const token = random.pick(world.tokens);
  const payer = partyOf(account, side);
  const amount = minBigint(drawAmount(random), spendable(world, payer, token));
  if (amount === 0n) return;
  const { collateral, ondelta } = moneyOf(account, token);
  const moved = ondelta + (side === "left" ? amount : 0n);
  if (!isDelta(moved)) return;
  await tick(driven);
  const other = partyOf(account, side === "left" ? "right" : "left");
  const funding = {
    beneficiary: (world.parties[payer] as Party).id,
    counterparty: (world.parties[other] as Party).id,
    amount,
  };
  const money = { collateral: collateral + amount, ondelta: moved };
  const lines = [
    addReserve(world, payer, token, -amount),
    setMoney(world, account, token, money, false),
  ];
  await submit(driven, payer, { reserveToCollateral: [{ token, fundings: [funding] }] }, lines);
}

/** Three parties shift their claims in a circle: no reserve changes, of any size. */
async function shift(driven: Driven, random: Random): Promise<void> {
  const { world, at } = driven;
  const places = world.parties.map((_, place) => place);
  const [a, b, c] = random
    .shuffle(places)
    .slice(0, 3)
    .sort((x, y) => x - y) as [number, number, number];
  const token = random.pick(world.tokens);
  const amount = drawAmount(random);
  const steps = [
    { account: find(driven, a, b), amount },
    { account: find(driven, b, c), amount },
    { account: find(driven, a, c), amount: -amount },
  ];
  const fits = steps.every((step) => isDelta(moneyOf(step.account, token).ondelta + step.amount));
  if (!fits || amount === 0n) return;
  await tick(driven);
  const lines: Line[] = [];
  const settlements = steps.map((step): Settlement => {
    const { account } = step;
    account.number = drawNumber(random, account.number);
    const { collateral, ondelta } = moneyOf(account, token);
    const money = { collateral, ondelta: ondelta + step.amount };
    lines.push(setMoney(world, account, token, money, true));
    const [left, right] = [world.parties[account.left], world.parties[account.right]] as [
      Party,
      Party,
    ];
    const diff = {
      token: BigInt(token),
      leftDiff: -step.amount,
      rightDiff: step.amount,
      collateralDiff: 0n,
      ondeltaDiff: step.amount,
    };
    const [epoch, number] = [BigInt(account.epoch), BigInt(account.number)];
    return { left, right, epoch, number, diffs: [diff] };
  });
  const sign = (side: Key, digest: string): string =>
    signAs(side as Party, currentKey(side as Party, world.now), digest);
  await send(driven, at.depository.settleDiffs(layOut(at.domain, settlements, true, sign)), lines);
}

function find({ world }: Driven, left: number, right: number): Account {
  const found = world.accounts.find((a) => a.left === left && a.right === right);
  if (found === undefined) throw new Error("no such account");
  return found;
}

async function start(driven: Driven, random: Random, account: Account): Promise<void> {
  const { world } = driven;
  const side = random.pick(SIDES);
  await moveTo(driven, world.now + random.between(1, 5_000));
  const bare = account.number === 0 && random.chance(1, 6);
  const proof = bare ? drawBare(random, world) : drawProof(random, world, account, account.number);
  const other = side === "left" ? "right" : "left";
  const signer = drawSigner(random, driven, account, other, world.now);
  const retired = { left: false, right: false, [other]: !bare && signer.retired };
  const piece = startPiece(driven, account, side, proof, signer);
  const line = startDispute(world, account, side, proof, await nextSalt(driven), retired);
  reach(world, "started without a proof", bare);
  await enforce(driven, partyOf(account, side), [piece], [line]);
}

/** A newer proof, by the side that did not start or by anyone, while the window lasts. */
async function counter(driven: Driven, random: Random, account: Account): Promise<void> {
  const { world } = driven;
  const { window, overtaking } = account.live as Live;
  const last = random.chance(1, 4) ? window.end : world.now + random.between(1, 2_000);
  if (last > window.end || last <= world.now) return;
  await moveTo(driven, last);
  const proof = drawProof(random, world, account, overtaking?.number ?? account.number);
  const other = (window.flags & WINDOW_FLAG.starterIsRight) === 0 ? "right" : "left";
  const side = random.chance(1, 2) ? other : null;
  const signerOf = (of: Side): Signer | null =>
    of === side ? null : drawSigner(random, driven, account, of, window.startedAt);
  const signers = { left: signerOf("left"), right: signerOf("right") };
  const retired = {
    left: signers.left?.retired ?? false,
    right: signers.right?.retired ?? false,
  };
  const piece = counterPiece(driven, account, proof, signers);
  const line = counterDispute(world, account, side, proof, retired);
  if (side === null) return send(driven, call(driven, piece, random.chance(1, 2)), [line]);
  await enforce(driven, partyOf(account, side), [piece], [line]);
}

/** Of those whose signature counts as of that time. */
function drawSigner(
  random: Random,
  { world }: Driven,
  account: Account,
  side: Side,
  time: number,
): Signer {
  const party = world.parties[partyOf(account, side)] as Party;
  return random.pick(signersOf(party, time));
}

/** The number's board is replaced by that of another key, in its delay. */
async function replaceBoard(driven: Driven): Promise<void> {
  const { world, at, boards } = driven;
  const [party] = world.parties as [Party];
  const since = party.tenures.at(-1)?.since ?? 0;
  if (since > world.now + 1) return;
  await tick(driven);
  const key = keyOf(`board ${party.tenures.length}`);
  const hash = boardHashOf(key);
  const boardHash = asBytes32(fromHex(hash));
  const number = bigintFromBytes(idOf(party));
  const nonce = party.tenures.length - 1;
  const digest = actionDigest(boards, { kind: "replaceBoard", number, boardHash }, nonce);
  const signature = signAs(party, currentKey(party, world.now), toHex(digest));
  await at.entityProvider.proposeBoard(number, hash, signature, LIMIT);
  party.tenures.push({ key, since: world.now + TIMES.delay });
}

/** Some of the facts that conditions wait for. */
async function record(driven: Driven, random: Random, account: Account): Promise<void> {
  if (random.chance(1, 3)) {
    await tick(driven);
    const preimages = random.shuffle(PREIMAGES).slice(0, random.between(1, 3));
    const lines = preimages.flatMap((preimage) => reveal(driven.world, preimage));
    await enforce(driven, null, [{ preimages: preimages.map(toHex) }], lines);
  }
  if (random.chance(1, 4)) await commit(driven, random);
  const orders = winnerOf(account).body.slots.filter(
    (slot): slot is LimitOrder => slot?.kind === "limitOrder",
  );
  for (const order of orders) if (random.chance(1, 2)) await take(driven, random, account, order);
}

/** A plan without settlements, that two of the parties have signed. */
async function commit(driven: Driven, random: Random): Promise<void> {
  const { world, at, plans } = driven;
  const plan = random.pick(plans);
  const hash = planHash(at.domain, plan);
  if (world.committed.has(hash)) return;
  await tick(driven);
  world.committed.set(hash, world.now);
  const [terms, list] = layOutPlan(at.domain, plan);
  await send(driven, at.depository.commitPlan(terms, list, LIMIT), [`PlanCommitted(${hash})`]);
}

async function take(
  driven: Driven,
  random: Random,
  account: Account,
  order: LimitOrder,
): Promise<void> {
  const { world } = driven;
  const recorded = world.ratios.get(toHex(orderKey(account.key, account.epoch, order))) ?? 0n;
  if (world.now + 1 > order.deadline || recorded === WHOLE_RATIO) return;
  await tick(driven);
  const rest = WHOLE_RATIO - recorded;
  const ratio = recorded + (random.chance(1, 3) ? rest : 1n + random.bigintBelow(rest));
  const taker = partyOf(account, order.taker);
  const other = partyOf(account, order.taker === "left" ? "right" : "left");
  const fill = {
    counterparty: (world.parties[other] as Party).id,
    epoch: account.epoch,
    order: toHex(order.order),
    deadline: order.deadline,
    ratio,
  };
  await enforce(driven, taker, [{ fills: [fill] }], [fillOrder(world, account, order, ratio)]);
}

/** Tries whenever something stands in the way, and a second after it does not. */
async function close(driven: Driven, random: Random, account: Account): Promise<void> {
  const { world } = driven;
  const { window } = account.live as Live;
  const listed = winnerOf(account).body.rows.map(({ token }) => token);
  const extra = drawTokens(random, world).filter((token) => !listed.includes(token));
  if (random.chance(1, 3) && (await accept(driven, account, extra))) return;
  const piece = finalisationPiece(driven, account, extra);
  const attempt = () => call(driven, piece, random.chance(1, 2));
  if (random.chance(1, 3) && world.now < window.end) {
    await moveTo(driven, window.end);
    reach(world, "refused while the window is open");
    await refuse(driven, attempt(), `WindowOpen(${window.end},${world.now})`);
  }
  await moveTo(driven, Math.max(world.now, window.end) + 1);
  for (;;) {
    const closing = predictClosing(world, account, extra);
    if (closing.ok) {
      countClosing(world, account, closing.value);
      return send(driven, attempt(), finalise(world, account, closing.value));
    }
    const { slot, due } = closing.refusal.details ?? {};
    reach(world, "refused while a condition is undecided");
    await refuse(driven, attempt(), `ConditionUndecided(${slot},${due})`);
    if (world.now < Number(due) && random.chance(1, 4)) {
      await moveTo(driven, Number(due));
      await refuse(driven, attempt(), `ConditionUndecided(${slot},${due})`);
    }
    await moveTo(driven, Number(due) + 1);
  }
}

/** The side that did not bring the winning proof accepts it at once, if all is decided. */
async function accept(
  driven: Driven,
  account: Account,
  extra: readonly TokenId[],
): Promise<boolean> {
  const { flags } = winnerOf(account);
  const byRight = (flags & WINDOW_FLAG.byRight) !== 0;
  if (!byRight && (flags & WINDOW_FLAG.byLeft) === 0) return false;
  await tick(driven);
  const closing = predictClosing(driven.world, account, extra);
  if (!closing.ok) return false;
  const piece = finalisationPiece(driven, account, extra);
  const carrier = byRight ? account.left : account.right;
  countClosing(driven.world, account, closing.value);
  reach(driven.world, "accepted before the window ends");
  await enforce(driven, carrier, [piece], finalise(driven.world, account, closing.value));
  return true;
}
