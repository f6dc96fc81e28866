/** What the rounds have put to use, so that a run which reaches nothing is seen. */
import type { ClosedRow } from "../../../keeper/account/closing.ts";
import { orderKey, WINDOW_FLAG } from "../../../keeper/account/dispute.ts";
import { toHex } from "../../../keeper/base/bytes.ts";
import { type Account, moneyOf, reach, type World, winnerOf } from "./world.ts";

/** What of the rules a closing puts to use; told before it. */
export function countClosing(world: World, account: Account, rows: readonly ClosedRow[]): void {
  const { body, flags } = winnerOf(account);
  reach(world, "a proof that overtook", account.live?.overtaking !== null);
  for (const slot of body.slots) {
    const recorded =
      (slot?.kind === "hashLock" && world.revealed.has(toHex(slot.hash))) ||
      (slot?.kind === "planLock" && world.committed.has(toHex(slot.plan))) ||
      (slot?.kind === "limitOrder" &&
        world.ratios.has(toHex(orderKey(account.key, account.epoch, slot)))) ||
      (slot?.kind === "transformer" && world.answerOf(slot) !== null);
    if (slot !== null) reach(world, recorded ? slot.kind : `${slot.kind}, nothing recorded`);
  }
  for (const { token, debtor, paid, debt, delta } of rows) {
    const { leftLimit = 0n, rightLimit = 0n } = body.rows.find((row) => row.token === token) ?? {};
    const { collateral } = moneyOf(account, token);
    reach(world, "a debt", debt > 0n);
    reach(world, "paid in part", debt > 0n && paid > 0n);
    reach(world, "paid in whole", debt === 0n && paid > 0n);
    reach(world, "as much as left may owe", leftLimit > 0n && delta === -leftLimit);
    reach(world, "as much as right may owe", rightLimit > 0n && delta === collateral + rightLimit);
    const retired = debtor === "left" ? WINDOW_FLAG.leftRetired : WINDOW_FLAG.rightRetired;
    reach(world, "owed by a retired board", debtor !== null && (flags & retired) !== 0);
  }
}
