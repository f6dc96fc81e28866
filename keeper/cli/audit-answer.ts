/**
 * Replays a keeper's log in a process of its own and compares it with what the peers signed: for
 * each account the proof of the replayed head is computed anew, and the peer's signature, which
 * came over the wire and lies in the log as received, must be under that very digest.
 */
import { join } from "node:path";
import { proofDigestOf } from "../account/root.ts";
import type { Account } from "../account/types.ts";
import { toHex } from "../base/bytes.ts";
import { verifyEntitySignature } from "../codec/authority.ts";
import { type Config, readConfig } from "../config.ts";
import type { Entity } from "../entity/types.ts";
import { genesisOf, jurisdictionOf } from "../genesis.ts";
import { ReplayError, replay } from "../recovery.ts";
import type { Runtime } from "../runtime/types.ts";
import { readKeys } from "../signer/keys.ts";
import { machineDisk } from "../store/disk.ts";
import { StoreError } from "../store/fault.ts";
import { readFolder } from "../store/reading.ts";
import { PARTS } from "../store/store.ts";
import { exit } from "./failure.ts";
import { print, printDocument } from "./output.ts";

export type AuditedAccount = {
  readonly entity: string;
  readonly peer: string;
  readonly left: boolean;
  readonly number: number;
  readonly head: string;
  /** True when the peer's signature is under the proof of this very head. */
  readonly proved: boolean;
  readonly rows: readonly {
    readonly token: number;
    readonly collateral: string;
    readonly ondelta: string;
    readonly offdelta: string;
  }[];
  /** Holds, an open settlement, a frame in flight or transactions that wait. */
  readonly open: number;
};

export type Audit = {
  readonly height: number;
  readonly root: string;
  readonly accounts: readonly AuditedAccount[];
  readonly reserves: readonly { entity: string; token: number; amount: string }[];
};

/** Exit 1 when the log is not whole, or a peer did not sign what it leads to. */
export async function runAudit(options: {
  readonly config: string;
  readonly data?: string;
  readonly json?: boolean;
}): Promise<void> {
  const config = readConfig(options.config, process.env);
  try {
    const audit = await auditLog(config, options.data ?? config.data);
    const unproved = audit.accounts.filter(({ proved }) => !proved).length;
    if (options.json === true) printDocument({ ...audit, fault: null });
    else print(`height ${audit.height}, ${audit.accounts.length} accounts, ${unproved} unproved`);
    process.exitCode = unproved === 0 ? exit.done : exit.checkFailed;
  } catch (thrown) {
    if (!(thrown instanceof ReplayError) && !(thrown instanceof StoreError)) throw thrown;
    if (options.json === true) printDocument({ fault: thrown.message });
    else print(thrown.message);
    process.exitCode = exit.checkFailed;
  }
}

/** @throws StoreError or ReplayError naming what is wrong with the log, and where. */
export async function auditLog(config: Config, folder: string): Promise<Audit> {
  const genesis = genesisOf(jurisdictionOf(config), await readKeys(config.keys));
  const log = readFolder(machineDisk, join(folder, PARTS.log), 0);
  return describe(await replay(genesis, log));
}

function describe(runtime: Runtime): Audit {
  const accounts: AuditedAccount[] = [];
  const reserves: Audit["reserves"][number][] = [];
  const { domain } = runtime.view.jurisdiction;
  for (const index of runtime.entities.keys()) {
    const entity = runtime.entities.get(index) as Entity;
    for (const peer of entity.accounts.keys()) {
      const account = entity.accounts.get(peer) as Account;
      accounts.push(describeAccount(domain, entity, account));
    }
    for (const token of entity.reserves.keys()) {
      const amount = (entity.reserves.get(token) ?? 0n).toString();
      reserves.push({ entity: toHex(entity.id), token, amount });
    }
  }
  return { height: runtime.height, root: toHex(runtime.root), accounts, reserves };
}

function describeAccount(
  domain: Parameters<typeof proofDigestOf>[0],
  entity: Entity,
  account: Account,
): AuditedAccount {
  const { state, headProof, me } = account;
  const peer = me === "left" ? state.right : state.left;
  const digest = proofDigestOf(domain, state);
  const signature = headProof?.signature;
  const proved =
    signature !== undefined &&
    headProof?.number === state.number &&
    verifyEntitySignature({ entity: peer, digest, signature }).ok;
  const held = state.conditions.slots.filter((slot) => slot !== null).length;
  return {
    entity: toHex(entity.id),
    peer: toHex(peer),
    left: me === "left",
    number: state.number,
    head: toHex(state.head),
    proved,
    rows: state.rows.map((row) => ({
      token: row.token,
      collateral: row.collateral.toString(),
      ondelta: row.ondelta.toString(),
      offdelta: row.offdelta.toString(),
    })),
    open:
      held +
      account.mempool.length +
      (state.settlement === null ? 0 : 1) +
      (account.inFlight === null ? 0 : 1),
  };
}
