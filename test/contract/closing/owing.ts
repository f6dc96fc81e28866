/** What becomes of debts: deposits, sweeps, forgivenesses. */
import { creditorsToName, hasDebts } from "../../../keeper/account/debt.ts";
import { minBigint } from "../../../keeper/base/amount.ts";
import { type Bytes32, equalBytes } from "../../../keeper/base/bytes.ts";
import type { Random } from "../../../keeper/base/random.ts";
import type { TokenId } from "../../../keeper/jurisdiction/types.ts";
import { type Driven, enforce, LIMIT, send, tick } from "./drive.ts";
import { idOf, type Party } from "./party.ts";
import { addReserve, forgive, queueOf, reserveOf, sweep } from "./world.ts";

/** So little that no number of deposits brings a token's total to 2^127. */
const MOST_BROUGHT = 2n ** 110n;

/** A debtor's debts in one token are swept; or one is forgiven. */
export async function settleDebts(driven: Driven, random: Random): Promise<void> {
  const { world } = driven;
  const owing = world.parties.flatMap((_, debtor) =>
    world.tokens
      .filter((token) => hasDebts(queueOf(world, debtor, token)))
      .map((token) => ({ debtor, token })),
  );
  if (owing.length === 0) return;
  const { debtor, token } = random.pick(owing);
  if (random.chance(1, 3)) return giveUp(driven, random, debtor, token);
  if (random.chance(2, 3)) await bringIn(driven, random, debtor, token);
  const queue = queueOf(world, debtor, token);
  const named = creditorsToName(queue, reserveOf(world, debtor, token)).map(placeOf(driven));
  const others = world.parties.map((_, place) => place);
  const wrong = random.chance(1, 2) ? [debtor] : random.shuffle([...named, ...others]);
  const creditors = random.chance(1, 4) ? wrong : named;
  const terms = {
    debtor: (world.parties[debtor] as Party).id,
    token,
    creditors: creditors.length,
  };
  const ids = creditors.map((place) => (world.parties[place] as Party).id);
  await tick(driven);
  const lines = sweep(world, debtor, token, creditors);
  await send(driven, driven.at.depository.enforceDebts([terms], ids, LIMIT), lines);
}

/** One of a debtor's debts is forgiven. */
async function giveUp(
  driven: Driven,
  random: Random,
  debtor: number,
  token: TokenId,
): Promise<void> {
  const { world } = driven;
  const queue = queueOf(world, debtor, token);
  const place = random.below(queue.debts.length);
  const debt = queue.debts[place] ?? null;
  if (debt === null) return;
  const index = queue.head + place;
  const creditor = placeOf(driven)(debt.creditor);
  const { id } = world.parties[debtor] as Party;
  await tick(driven);
  const line = forgive(world, creditor, debtor, token, index);
  await enforce(driven, creditor, [{ forgivenesses: [{ debtor: id, token, index }] }], [line]);
}

/** A debtor gets what its oldest debts are, and a little more or less. */
async function bringIn(
  driven: Driven,
  random: Random,
  debtor: number,
  token: TokenId,
): Promise<void> {
  const { at, world } = driven;
  const oldest = queueOf(world, debtor, token).debts.slice(0, random.between(1, 4));
  const sum = oldest.reduce((total, debt) => total + (debt?.amount ?? 0n), 0n);
  const amount = minBigint(sum + BigInt(random.below(3)), MOST_BROUGHT);
  if (amount === 0n) return;
  await tick(driven);
  const { id } = world.parties[debtor] as Party;
  const packed = (BigInt(token) << 128n) | amount;
  const lines = [
    `Deposited(${id},${at.signer.address},${packed})`,
    addReserve(world, debtor, token, amount),
  ];
  await send(driven, at.depository.deposit(id, token, amount, LIMIT), lines);
}

/** The place of the party that an id names. */
function placeOf({ world }: Driven): (id: Bytes32) => number {
  return (id) => world.parties.findIndex((party) => equalBytes(idOf(party), id));
}
