/** One account from its money to its end, at random, each step held against the prediction. */
import type { LimitOrder } from "../../../keeper/account/body.ts";
import { WHOLE_RATIO } from "../../../keeper/account/closing.ts";
import { creditorsToName, hasDebts, tailOf } from "../../../keeper/account/debt.ts";
import { orderKey, WINDOW_FLAG } from "../../../keeper/account/dispute.ts";
import { isDelta, minBigint } from "../../../keeper/base/amount.ts";
import { equalBytes, toHex } from "../../../keeper/base/bytes.ts";
import type { Random } from "../../../keeper/base/random.ts";
import type { Side, TokenId } from "../../../keeper/jurisdiction/types.ts";
import type { Key } from "../entity.ts";
import { layOut, type Settlement } from "../operation.ts";
import { drawAmount, drawBare, drawNumber, drawProof, drawTokens, PREIMAGES } from "./draw.ts";
import {
  compareAccount,
  counterPiece,
  type Driven,
  enforce,
  finalisationPiece,
  moveTo,
  nextSalt,
  refuse,
  send,
  startPiece,
  submit,
  tick,
} from "./drive.ts";
import {
  type Account,
  addReserve,
  counterDispute,
  fillOrder,
  finalise,
  forgive,
  idOf,
  type Line,
  type Live,
  moneyOf,
  partyOf,
  predictClosing,
  queueOf,
  reserveOf,
  reveal,
  setMoney,
  spendable,
  startDispute,
  sweep,
  winnerOf,
} from "./world.ts";

const SIDES: readonly Side[] = ["left", "right"];

/** Starts, counters and finalises one account; then sweeps and forgives debts. */
export async function playRound(driven: Driven, random: Random): Promise<void> {
  const { world } = driven;
  const account = random.pick(world.accounts);
  if (random.chance(1, 2)) await fund(driven, random, account);
  if (random.chance(1, 3)) await shift(driven, random);
  await start(driven, random, account);
  await record(driven, random, account);
  for (let i = random.pick([0, 0, 1, 2, 3]); i > 0; i--) {
    await counter(driven, random, account);
    await record(driven, random, account);
  }
  await compareAccount(driven, account);
  await close(driven, random, account);
  await compareAccount(driven, account);
  for (let i = random.below(3); i > 0; i--) await settleDebts(driven, random);
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
    beneficiary: (world.parties[payer] as Key).id,
    counterparty: (world.parties[other] as Key).id,
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
    const [left, right] = [world.parties[account.left], world.parties[account.right]] as [Key, Key];
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
  await send(driven, at.depository.settleDiffs(layOut(at.domain, settlements, true)), lines);
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
  const piece = startPiece(driven, account, side, proof);
  const line = startDispute(world, account, side, proof, await nextSalt(driven));
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
  const piece = counterPiece(driven, account, side, proof);
  const line = counterDispute(world, account, side, proof);
  await enforce(driven, side === null ? null : partyOf(account, side), [piece], [line]);
}

/** Some of the facts that conditions wait for. */
async function record(driven: Driven, random: Random, account: Account): Promise<void> {
  if (random.chance(1, 3)) {
    await tick(driven);
    const preimages = random.shuffle(PREIMAGES).slice(0, random.between(1, 3));
    const lines = preimages.flatMap((preimage) => reveal(driven.world, preimage));
    await enforce(driven, null, [{ preimages: preimages.map(toHex) }], lines);
  }
  const orders = winnerOf(account).body.slots.filter(
    (slot): slot is LimitOrder => slot?.kind === "limitOrder",
  );
  for (const order of orders) if (random.chance(1, 2)) await take(driven, random, account, order);
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
    counterparty: (world.parties[other] as Key).id,
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
  if (random.chance(1, 3) && world.now < window.end) {
    await moveTo(driven, window.end);
    await refuse(driven, piece, `WindowOpen(${window.end},${world.now})`);
  }
  await moveTo(driven, Math.max(world.now, window.end) + 1);
  for (;;) {
    const closing = predictClosing(world, account, extra);
    if (closing.ok) {
      return enforce(driven, null, [piece], finalise(world, account, closing.value));
    }
    const { slot, due } = closing.refusal.details ?? {};
    await refuse(driven, piece, `ConditionUndecided(${slot},${due})`);
    if (world.now < Number(due) && random.chance(1, 4)) {
      await moveTo(driven, Number(due));
      await refuse(driven, piece, `ConditionUndecided(${slot},${due})`);
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
  await enforce(driven, carrier, [piece], finalise(driven.world, account, closing.value));
  return true;
}

/** A debtor's debts in one token are swept, by as much as it has or wrongly; or one is forgiven. */
async function settleDebts(driven: Driven, random: Random): Promise<void> {
  const { world, at } = driven;
  const places = world.parties.map((_, place) => place);
  const owing = places.flatMap((debtor) =>
    world.tokens
      .filter((token) => hasDebts(queueOf(world, debtor, token)))
      .map((token) => ({ debtor, token })),
  );
  if (owing.length === 0) return;
  const { debtor, token } = random.pick(owing);
  await tick(driven);
  const queue = queueOf(world, debtor, token);
  if (random.chance(1, 4)) {
    const index = queue.head + random.below(tailOf(queue) - queue.head);
    const debt = queue.debts[index - queue.head] ?? null;
    if (debt === null) return;
    const creditor = places.find((p) => equalBytes(idOf(world.parties[p] as Key), debt.creditor));
    const id = (world.parties[debtor] as Key).id;
    const line = forgive(world, creditor as number, debtor, token, index);
    const piece = { forgivenesses: [{ debtor: id, token, index }] };
    return enforce(driven, creditor as number, [piece], [line]);
  }
  const named = creditorsToName(queue, reserveOf(world, debtor, token)).map((id) =>
    places.find((p) => equalBytes(idOf(world.parties[p] as Key), id)),
  ) as number[];
  const creditors = random.chance(1, 4) ? random.shuffle([...named, ...places]) : named;
  const sweepOf = {
    debtor: (world.parties[debtor] as Key).id,
    token,
    creditors: creditors.length,
  };
  const ids = creditors.map((place) => (world.parties[place] as Key).id);
  const lines = sweep(world, debtor, token, creditors);
  await send(driven, at.depository.enforceDebts([sweepOf], ids), lines);
}
