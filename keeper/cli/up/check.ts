/** What must be true at the end: every sum against the chain, both sides against each other. */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createPublicClient, http } from "viem";
import { toHex } from "../../base/bytes.ts";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";
import { DevToken__factory } from "../../../typechain-types/factories/dev/DevToken__factory.ts";
import type { Audit, AuditedAccount } from "../audit-answer.ts";
import type { Fleet, KeeperHandle } from "./fleet.ts";
import type { Deposit } from "./fund.ts";
import type { Deployment } from "./ground.ts";
import { runProgram } from "./process.ts";
import type { RowState } from "./settle.ts";
import type { Stage } from "./stage.ts";

export type Findings = { readonly name: string; readonly faults: readonly string[] };

/** Each log replayed in a process of its own, from a copy: the keepers may go on meanwhile. */
export async function auditAll(fleet: Fleet): Promise<{
  readonly audits: readonly Audit[];
  readonly faults: readonly string[];
}> {
  const audits: Audit[] = [];
  const faults: string[] = [];
  for (const keeper of fleet.keepers) {
    try {
      audits.push(await auditOne(keeper));
    } catch (error) {
      faults.push(`${keeper.config.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  for (const { accounts } of audits) faults.push(...accounts.flatMap(unproved));
  faults.push(...disagreements(audits.flatMap(({ accounts }) => accounts)));
  return { audits, faults };
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

/**
 * Conservation: what was deposited lies in reserves and collateral, the Depository holds it, the
 * keepers believe what the chain says, and deltas are what the plans and settlements made them.
 */
export async function checkSums(
  stage: Stage,
  deposits: readonly Deposit[],
  audits: readonly Audit[],
  expected: readonly RowState[],
  actual: readonly RowState[],
  rpc: string,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const chain = await readChain(stage, rpc);
  for (const [market, { name, token }] of stage.deployment.tokens.entries()) {
    const deposited = sum(deposits.filter((d) => d.market === market).map((d) => d.amount));
    const reserves = sum([...(chain.reserves.get(token)?.values() ?? [])]);
    const collateral = sum([...(chain.money.get(token)?.values() ?? [])].map((m) => m.collateral));
    const held = chain.held.get(token) ?? 0n;
    if (reserves + collateral !== deposited) {
      faults.push(`${name}: ${reserves + collateral} on the books, ${deposited} deposited`);
    }
    if (held !== deposited) faults.push(`${name}: the Depository holds ${held} of ${deposited}`);
  }
  faults.push(...compareReserves(chain, audits), ...compareMoney(chain, audits));
  for (const [index, { row, delta }] of expected.entries()) {
    const found = actual[index]?.delta;
    if (found === delta) continue;
    faults.push(`${row.left.name} with ${row.right.name}: delta ${found}, expected ${delta}`);
  }
  return faults;
}

type ChainState = {
  readonly reserves: ReadonlyMap<number, ReadonlyMap<string, bigint>>;
  readonly money: ReadonlyMap<number, ReadonlyMap<string, { ondelta: bigint; collateral: bigint }>>;
  readonly held: ReadonlyMap<number, bigint>;
};

async function readChain({ cast, deployment }: Stage, rpc: string): Promise<ChainState> {
  const client = createPublicClient({ transport: http(rpc, { batch: { batchSize: 500 } }) });
  const address = deployment.depository as `0x${string}`;
  const { abi } = Depository__factory;
  const reserves = new Map<number, Map<string, bigint>>();
  const money = new Map<number, Map<string, { ondelta: bigint; collateral: bigint }>>();
  const held = new Map<number, bigint>();
  for (const [market, { token, address: asset }] of deployment.tokens.entries()) {
    const ofActors = await Promise.all(
      cast.actors.map(async ({ id }) => {
        const args = [toHex(id), token] as const;
        const amount = await client.readContract({
          abi,
          address,
          functionName: "reserveOf",
          args,
        });
        return [toHex(id), amount] as const;
      }),
    );
    reserves.set(token, new Map(ofActors));
    const rows = cast.rows.filter((row) => row.market === market);
    const ofRows = await Promise.all(
      rows.map(async ({ left, right }) => {
        const args = [toHex(left.id), toHex(right.id), token] as const;
        const [ondelta, collateral] = await client.readContract({
          abi,
          address,
          functionName: "moneyOf",
          args,
        });
        return [`${toHex(left.id)}${toHex(right.id)}`, { ondelta, collateral }] as const;
      }),
    );
    money.set(token, new Map(ofRows));
    const balance = await client.readContract({
      abi: DevToken__factory.abi,
      address: asset as `0x${string}`,
      functionName: "balanceOf",
      args: [address],
    });
    held.set(token, balance);
  }
  return { reserves, money, held };
}

function compareReserves(chain: ChainState, audits: readonly Audit[]): string[] {
  return audits
    .flatMap(({ reserves }) => reserves)
    .flatMap(({ entity, token, amount }) => {
      const onChain = chain.reserves.get(token)?.get(entity) ?? 0n;
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
