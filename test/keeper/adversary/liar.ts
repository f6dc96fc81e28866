/**
 * A peer that knows everything and keeps no rule: it signs whatever it likes with its own keys,
 * and makes frames that are as right as they can be but for the lie in them.
 */
import { encodeFrame } from "../../../keeper/account/codec.ts";
import { frameHash } from "../../../keeper/account/digest.ts";
import { execute } from "../../../keeper/account/execute.ts";
import { TRAIL_STEP_BYTES } from "../../../keeper/account/limit.ts";
import type { AccountMessage, Claim } from "../../../keeper/account/message.ts";
import { nextNumber, otherSide } from "../../../keeper/account/number.ts";
import { proofDigestOf } from "../../../keeper/account/root.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { Account, AccountState, Context, TokenRow } from "../../../keeper/account/types.ts";
import { type Bytes, type Bytes32, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import type { Random } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { settlementDigest } from "../../../keeper/jurisdiction/digest.ts";
import type { BlockReference } from "../../../keeper/jurisdiction/types.ts";
import { encodeCertificate } from "../../../keeper/plan/certificate.ts";
import type { Participation } from "../../../keeper/plan/types.ts";
import { jurisdiction } from "../runtime/chain.ts";

export const TOKENS = [1, 2, 3] as const;

/** What the liar sees of its victim. */
export type Sight = {
  readonly account: Account;
  readonly plans: readonly Participation[];
  readonly final: BlockReference | null;
  readonly now: number;
};

export type Said = { readonly message: AccountMessage; readonly claim: Claim | null };

const SIGNATURE: Bytes = new Uint8Array(65).fill(7);

/** One message about the account, more often than not one that the victim must take. */
export function lie(sight: Sight, random: Random): Said {
  const { account } = sight;
  const choice = random.below(100);
  if (account.link.phase === "exchanging" || choice < 2) return sayHello(sight, random);
  if (account.inFlight !== null && choice < 45) return acknowledge(sight, random);
  if (account.inFlight !== null && choice < 52) return refuse(sight, random);
  if (choice < 58) return signSettlement(sight, random);
  if (choice < 60) return { message: { kind: "history", frames: account.recent }, claim: null };
  return frame(sight, random);
}

function sayHello({ account }: Sight, random: Random): Said {
  const { state, inFlight } = account;
  const lies = random.below(400);
  const head = lies === 0 ? keccakText("nobody's head") : state.head;
  const ahead = lies === 1 && inFlight !== null;
  const seen = account.highestSeen;
  const highest = [0, seen, seen, seen, seen + 7, seen + 2 ** 32, 2 ** 53 - 1];
  return {
    message: {
      kind: "hello",
      epoch: lies === 2 ? state.epoch + 1 : state.epoch,
      number: lies === 3 ? state.number + 2 : state.number,
      head: ahead ? inFlight.hash : head,
      inFlight: lies === 4 ? state.head : ZERO_BYTES32,
      highestSigned: random.pick(highest),
    },
    claim: null,
  };
}

function acknowledge({ account }: Sight, random: Random): Said {
  const { hash, proofDigest } = account.inFlight as NonNullable<Account["inFlight"]>;
  const digest = random.below(20) === 0 ? keccakText("another proof") : proofDigest;
  return {
    message: { kind: "acknowledge", frame: hash },
    claim: random.below(30) === 0 ? null : { digest, signature: SIGNATURE },
  };
}

function refuse({ account }: Sight, random: Random): Said {
  const { hash, frame: own } = account.inFlight as NonNullable<Account["inFlight"]>;
  return {
    message: {
      kind: "refuse",
      frame: hash,
      highest: random.pick([0, own.number, own.number + 1, own.number + 2 ** 32, 2 ** 53 - 1]),
      code: random.pick(["numberTooLow", "planNotAccepted", "stateRootDiffers", "timeOutside"]),
      transaction: random.below(own.transactions.length + 2) - 1,
      stateRoot: ZERO_BYTES32,
      trail: new Uint8Array((own.number % 5) * TRAIL_STEP_BYTES).fill(own.number),
    },
    claim: null,
  };
}

function signSettlement({ account }: Sight, random: Random): Said {
  const open = account.state.settlement?.settlement;
  const number = open?.number ?? 3;
  const right = open !== undefined && random.below(10) > 0;
  const digest = right ? settlementDigest(jurisdiction.domain, open) : keccakText("a settlement");
  return { message: { kind: "settlement", number }, claim: { digest, signature: SIGNATURE } };
}

function frame(sight: Sight, random: Random): Said {
  const { account, now, final } = sight;
  const { inFlight } = account;
  const builds = inFlight !== null && random.below(3) > 0;
  const base: AccountState = builds ? inFlight.state : account.state;
  const side = otherSide(account.me);
  const highest = Math.max(account.highestSigned, account.highestSeen, base.number);
  const least = nextNumber(side, highest);
  const steps = random.pick([0, 0, 0, 0, 2, 4, -2, 1, 2 ** 32 + 10]);
  const number = Math.max(0, least + steps);
  const timestamp = Math.max(base.timestamp, now) + random.pick([0, 0, 0, 0, 1, 100, 200, -5]);
  const context: Context = { jurisdiction, final, tokens: 0, now, plan: () => ACCEPTS_ALL };
  const transactions: Transaction[] = [];
  for (let count = random.below(5); count > 0; count--) {
    const candidate = [...transactions, ...transactionsOf(sight, base, number, random)];
    const facts = { number, timestamp, transactions: candidate };
    const fits = execute(base, facts, side, account.pending, context).ok;
    // Nothing but lies would be refused before it could do harm.
    if (fits || random.below(25) === 0) transactions.splice(0, transactions.length, ...candidate);
  }
  const done = execute(base, { number, timestamp, transactions }, side, account.pending, context);
  const stateRoot = done.ok ? done.stateRoot : keccakText("a root");
  const { epoch, head } = base;
  const bytes = encodeFrame({
    epoch: random.below(100) === 0 ? epoch + 1 : epoch,
    number,
    previousHash: head,
    timestamp: Math.max(0, timestamp),
    transactions,
    stateRoot,
  });
  const hash = frameHash(base.key, head, side, bytes);
  const state = { ...(done.ok ? done.state : base), head: hash };
  const digest =
    random.below(50) === 0 ? keccakText("a digest") : proofDigestOf(jurisdiction.domain, state);
  return { message: { kind: "frame", frame: bytes }, claim: { digest, signature: SIGNATURE } };
}

const ACCEPTS_ALL = {
  acceptsHold: () => true,
  acceptsCertificate: () => true,
  mayAbort: true,
} as const;

function transactionsOf(
  sight: Sight,
  base: AccountState,
  number: number,
  random: Random,
): Transaction[] {
  const { now, account } = sight;
  const token = random.pick(TOKENS);
  const given = (row: TokenRow) => (account.me === "left" ? row.leftLimit : row.rightLimit);
  const known = base.rows.find((row) => row.token === token);
  if (known !== undefined && given(known) === 0n && random.below(2) === 0) {
    // Without credit the victim could owe nothing, and no plan would ever be held.
    return [{ kind: "setCredit", token, limit: 1_000n, softLimit: 1_000n }];
  }
  switch (random.below(8)) {
    case 0:
    case 1:
      return [{ kind: "pay", token, amount: amountOf(random) }];
    case 2: {
      const limit = amountOf(random);
      return [{ kind: "setCredit", token, limit, softLimit: limit / 2n }];
    }
    case 3:
      return [proposal(now, random)];
    case 4: {
      const numbers = [base.number + 1, base.number + 2, number - 2, number - 1, number];
      return [{ kind: "signSettlement", number: Math.max(0, random.pick(numbers)) }];
    }
    case 5:
      return event(sight, base, random);
    default:
      return planTransactions(sight, base, random);
  }
}

function amountOf(random: Random): bigint {
  return random.pick([0n, 1n, 7n, 50n, 100n, 999n, 5_000n, 2n ** 126n, 2n ** 127n - 1n]);
}

function proposal(now: number, random: Random): Transaction {
  const diffs = TOKENS.filter(() => random.below(2) === 0).map((token) => {
    const leftDiff = random.pick([1n, -1n, 50n, -50n, 300n, -300n, 2n ** 127n - 1n]);
    const collateralDiff = random.pick([0n, 0n, 0n, 20n, -20n]);
    const fair = random.below(10) > 0;
    const ondeltaDiff = fair ? -leftDiff : leftDiff;
    return { token, leftDiff, rightDiff: -leftDiff - collateralDiff, collateralDiff, ondeltaDiff };
  });
  const inRange = diffs.filter(
    ({ rightDiff }) => rightDiff < 2n ** 127n && -rightDiff < 2n ** 127n,
  );
  const deadline = now + random.pick([0, 2, 10, 100, 2 ** 40]);
  return { kind: "proposeSettlement", deadline, diffs: inRange };
}

function event({ account, final }: Sight, base: AccountState, random: Random): Transaction[] {
  const block = account.pending.at(random.below(2) === 0 ? 0 : -1);
  const lies = random.below(10);
  if (block !== undefined) {
    const { height, hash, timestamp, epoch, number, rows } = block;
    const listed = rows.filter(({ token }) => base.rows.some((row) => row.token === token));
    return [
      {
        kind: "chainEvent",
        height: lies === 0 ? height + 1 : height,
        blockHash: hash,
        timestamp,
        epoch,
        number: lies === 1 ? number + 2 : number,
        rows: lies === 2 ? rows : listed,
      },
    ];
  }
  if (final === null) return [];
  const { height, hash, timestamp } = final;
  return [
    {
      kind: "chainEvent",
      height: height + random.pick([0, 0, -1, 1, 3, 200_000]),
      blockHash: hash,
      timestamp: timestamp + random.pick([0, 0, 1_000]),
      epoch: base.epoch,
      number: 0,
      rows: lies > 7 ? [{ token: 1, collateral: 5n, ondelta: 5n }] : [],
    },
  ];
}

/** Holds, commits and aborts of plans that the victim knows; all of them in one frame, too. */
function planTransactions(
  { account, plans }: Sight,
  base: AccountState,
  random: Random,
): Transaction[] {
  const newest = plans.at(-1);
  if (newest === undefined) return [];
  const { hash, plan, accounts, prepared } = random.pick([...plans, newest, newest]);
  const peer = account.me === "left" ? base.right : base.left;
  const own = accounts.find(({ peer: other }) => other.every((byte, at) => byte === peer[at]));
  const moves = own?.moves ?? [{ token: 1, amount: 10n }];
  const deadline = random.below(10) === 0 ? plan.commitBy + 1 : plan.commitBy;
  const hold: Transaction = { kind: "planHold", plan: hash, deadline, moves };
  const abort: Transaction = { kind: "planAbort", plan: hash };
  const commit: Transaction = {
    kind: "planCommit",
    plan: hash,
    certificate: certificateOf(prepared, hash),
  };
  return random.pick([[hold], [hold], [hold], [abort], [commit], [commit], [hold, abort, hold]]);
}

function certificateOf(prepared: readonly (Bytes | null)[], hash: Bytes32): Bytes {
  const known = prepared.filter((signature): signature is Bytes => signature !== null);
  return known.length === prepared.length ? encodeCertificate(known) : hash;
}
