/** What must be true at the end: every sum against the chain, both sides against each other. */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Audit, AuditedAccount } from "../audit-answer.ts";
import { booked, type ChainState } from "./chain-state.ts";
import type { Fleet, KeeperHandle } from "./fleet.ts";
import type { Deposit } from "./fund.ts";
import { runProgram } from "./process.ts";
import type { RowState } from "./settle.ts";
import type { Stage } from "./stage.ts";

/** Each log replayed in a process of its own, from a copy: the keepers may go on meanwhile. */
export async function auditAll(fleet: Fleet): Promise<{
  readonly audits: readonly Audit[];
  readonly faults: readonly string[];
}> {
  const audits: Audit[] = [];
  const faults: string[] = [];
  const answers = await Promise.allSettled(fleet.keepers.map(auditOne));
  for (const [index, answer] of answers.entries()) {
    if (answer.status === "fulfilled") audits.push(answer.value);
    else faults.push(`${fleet.keepers[index]?.config.name}: ${wordsOf(answer.reason)}`);
  }
  for (const { accounts } of audits) faults.push(...accounts.flatMap(unproved));
  // With a log that cannot be replayed there is no other side to compare.
  if (audits.length === fleet.keepers.length) {
    faults.push(...disagreements(audits.flatMap(({ accounts }) => accounts)));
  }
  return { audits, faults };
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

async function auditOne({ config, configFile }: KeeperHandle): Promise<Audit> {
  const copy = join(config.data, "..", "audit");
  await rm(copy, { recursive: true, force: true });
  await cp(config.data, copy, { recursive: true });
  const words = ["audit", "--config", configFile, "--data", copy, "--json"];
  const audit = (await runProgram("keeper/cli/main.ts", words)) as Audit & { fault: string | null };
  if (audit.fault !== null) throw new Error(audit.fault);
  return audit;
}

function unproved(account: AuditedAccount): string[] {
  const name = `${account.entity} with ${account.peer}`;
  if (!account.proved) return [`${name}: the peer did not sign the replayed head`];
  return account.open === 0 ? [] : [`${name}: ${account.open} things are still open`];
}

/** Both sides of each account must have the same head and the same rows. */
function disagreements(accounts: readonly AuditedAccount[]): string[] {
  const sides = new Map(accounts.map((account) => [`${account.entity}${account.peer}`, account]));
  return accounts.flatMap((account) => {
    const other = sides.get(`${account.peer}${account.entity}`);
    const same =
      other?.head === account.head && JSON.stringify(other.rows) === JSON.stringify(account.rows);
    return same ? [] : [`${account.entity} with ${account.peer}: the sides differ`];
  });
}

/** What the chain had before anything was deposited, and has now. */
export type Ends = { readonly before: ChainState | null; readonly after: ChainState };

/**
 * Conservation: what was deposited lies in reserves and collateral, the Depository holds it, the
 * keepers believe what the chain says, and deltas are what the plans and settlements made them.
 */
export function checkSums(
  stage: Stage,
  deposits: readonly Deposit[],
  { before, after }: Ends,
  audits: readonly Audit[],
  expected: readonly RowState[],
  actual: readonly RowState[],
): readonly string[] {
  const faults: string[] = [];
  for (const [market, { name, token }] of stage.deployment.tokens.entries()) {
    const deposited = sum(deposits.filter((d) => d.market === market).map((d) => d.amount));
    const books = booked(after, token) - (before === null ? 0n : booked(before, token));
    const held = (after.held.get(token) ?? 0n) - (before?.held.get(token) ?? 0n);
    if (books !== deposited) faults.push(`${name}: ${books} on the books, ${deposited} deposited`);
    if (held !== deposited) faults.push(`${name}: the Depository holds ${held} of ${deposited}`);
  }
  faults.push(...compareReserves(after, audits), ...compareMoney(after, audits));
  for (const [index, { row, delta }] of expected.entries()) {
    const found = actual[index]?.delta;
    if (found === delta) continue;
    faults.push(`${row.left.name} with ${row.right.name}: delta ${found}, expected ${delta}`);
  }
  return faults;
}

function compareReserves(chain: ChainState, audits: readonly Audit[]): string[] {
  return audits
    .flatMap(({ reserves }) => reserves)
    .flatMap(({ entity, token, amount }) => {
      const onChain = chain.reserves.get(token)?.get(entity);
      // Of a token that the ledger has nothing to do with.
      if (onChain === undefined) return [];
      return onChain === BigInt(amount)
        ? []
        : [`${entity}: reserve ${amount} of token ${token} believed, ${onChain} on chain`];
    });
}

function compareMoney(chain: ChainState, audits: readonly Audit[]): string[] {
  return audits
    .flatMap(({ accounts }) => accounts)
    .flatMap(({ entity, peer, left, rows }) => {
      const key = left ? `${entity}${peer}` : `${peer}${entity}`;
      return rows.flatMap(({ token, collateral, ondelta }) => {
        const onChain = chain.money.get(token)?.get(key);
        const same =
          onChain?.collateral === BigInt(collateral) && onChain.ondelta === BigInt(ondelta);
        return same ? [] : [`${entity} with ${peer}: token ${token} is another on chain`];
      });
    });
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
