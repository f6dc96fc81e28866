/** What a ledger must be so that a local chain and three keepers can run it. */
import { MAX_AMOUNT } from "../../base/amount.ts";
import type { Ledger } from "../../netting/ledger/types.ts";
import { Failure } from "../failure.ts";
import type { LedgerFile } from "../ledger-file.ts";
import { accountsOf, type Cast, castOf } from "./cast.ts";
import { depositsOf } from "./fund.ts";

/** Accounts of a run at most. */
export const MAX_ACCOUNTS = 2_000;
/** Tokens of one account at most: one settlement changes no more (ACC-10). */
const MAX_ACCOUNT_TOKENS = 16;

/**
 * The cast of a ledger that can be run.
 * @throws Failure that says what is too large
 */
export function admit({ file, ledger }: LedgerFile): Cast {
  if (ledger.accounts > MAX_ACCOUNTS) {
    const message = `expected at most ${MAX_ACCOUNTS} accounts, found ${ledger.accounts}`;
    const fix = "run a part of it; ./xln net FILE reports on ledgers of any size";
    throw new Failure("ledger-too-large", message, fix, { file });
  }
  const cast = castOf(ledger);
  for (const rows of accountsOf(cast)) {
    const [first] = rows;
    if (first === undefined || rows.length <= MAX_ACCOUNT_TOKENS) continue;
    const pair = `${first.left.name} with ${first.right.name}`;
    const message = `${pair}: expected at most ${MAX_ACCOUNT_TOKENS} tokens, found ${rows.length}`;
    throw new Failure("account-tokens", message, "leave some tokens out", { file });
  }
  for (const { actor, market, amount } of depositsOf(cast)) {
    if (amount <= MAX_AMOUNT) continue;
    const message = `${actor.name} would have to deposit ${amount} ${tokenName(ledger, market)}`;
    const fix = `its debts and collateral must add up to at most ${MAX_AMOUNT}`;
    throw new Failure("deposit-too-large", message, fix, { file });
  }
  return cast;
}

function tokenName(ledger: Ledger, market: number): string {
  return ledger.tokens[market]?.name ?? "of a token";
}
