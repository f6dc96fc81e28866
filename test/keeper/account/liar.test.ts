import { expect } from "chai";
import { describe, it } from "mocha";
import { STATE_ROOT_DIFFERS } from "../../../keeper/account/burn.ts";
import { encodeFrame } from "../../../keeper/account/codec.ts";
import { frameHash } from "../../../keeper/account/digest.ts";
import { execute } from "../../../keeper/account/execute.ts";
import type { AccountInput } from "../../../keeper/account/input.ts";
import { TRAIL_STEP_BYTES } from "../../../keeper/account/limit.ts";
import type { AccountMessage, Claim } from "../../../keeper/account/message.ts";
import { nextNumber } from "../../../keeper/account/number.ts";
import { checkBounds, reservedOf } from "../../../keeper/account/rcpan.ts";
import { proofDigestOf } from "../../../keeper/account/root.ts";
import type { Transaction } from "../../../keeper/account/transaction.ts";
import type { AccountState, Context, Frame, TokenRow } from "../../../keeper/account/types.ts";
import { type Bytes32, equalBytes, ZERO_BYTES32 } from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { settlementDigest } from "../../../keeper/jurisdiction/digest.ts";
import { type Bench, blockAt, createBench, JURISDICTION, run, START } from "./pair.ts";

const SEEDS = 40;
const STEPS = 300;

function claimOf(random: Random, digest: Bytes32): Claim | null {
  if (random.chance(1, 30)) return null;
  const claimed = random.chance(1, 15) ? keccakText("a lie") : digest;
  return { digest: claimed, signature: new Uint8Array(65) };
}

function anyTransaction(random: Random): Transaction {
  const token = random.between(1, 2);
  const amount = BigInt(random.between(0, 80));
  switch (random.below(7)) {
    case 0:
      return { kind: "setCredit", token, limit: amount * 3n, softLimit: 0n };
    case 1: {
      const plan = keccakText(`plan ${random.below(4)}`);
      return { kind: "planHold", plan, deadline: START + 900, moves: [{ token, amount }] };
    }
    case 2: {
      const plan = keccakText(`plan ${random.below(4)}`);
      return { kind: "planCommit", plan, certificate: new Uint8Array(1) };
    }
    case 3: {
      const move = { token, leftDiff: -amount, rightDiff: amount, collateralDiff: 0n };
      const diffs = [{ ...move, ondeltaDiff: amount }];
      return { kind: "proposeSettlement", deadline: START + 900, diffs };
    }
    case 4:
      return { kind: "signSettlement", number: random.below(40) };
    case 5: {
      const height = random.below(12);
      const { hash: blockHash, timestamp } = blockAt(height);
      const rows = [{ token, collateral: amount, ondelta: 0n }];
      return { kind: "chainEvent", height, blockHash, timestamp, epoch: 0, number: 0, rows };
    }
    default:
      return { kind: "pay", token, amount };
  }
}

/** A frame on what right has, with a number that may or may not be its turn's. */
function anyFrame(random: Random, bench: Bench, context: Context): [AccountMessage, Claim | null] {
  const { state, inFlight, highestSigned, highestSeen, pending } = bench.accounts.right;
  const isOnFlight = inFlight !== null && random.chance(1, 2);
  const base: AccountState = isOnFlight ? inFlight.state : state;
  const highest = Math.max(highestSigned, highestSeen, 0);
  const numbers = [
    nextNumber("left", highest),
    nextNumber("left", highest + 6),
    3,
    Math.max(highest, 1),
    2 ** 45 + 1,
  ];
  const number = random.chance(3, 4) ? (numbers[0] as number) : random.pick(numbers);
  const transactions = Array.from({ length: random.below(3) }, () => anyTransaction(random));
  const timestamp = random.chance(1, 12) ? START + random.between(-300, 300) : START;
  const draft = { number, timestamp, transactions };
  const execution = execute(base, draft, "left", pending, context);
  const stateRoot = execution.ok ? execution.stateRoot : keccakText("a guess");
  const frame: Frame = {
    ...draft,
    epoch: random.chance(1, 40) ? 1 : 0,
    previousHash: base.head,
    stateRoot,
  };
  const bytes = encodeFrame(frame);
  const head = frameHash(base.key, base.head, "left", bytes);
  const after = { ...(execution.ok ? execution.state : base), head };
  const digest = proofDigestOf(JURISDICTION.domain, after);
  return [{ kind: "frame", frame: bytes }, claimOf(random, digest)];
}

function anyMessage(random: Random, bench: Bench, context: Context) {
  const { state, inFlight } = bench.accounts.right;
  const frame = random.chance(5, 6) ? (inFlight?.hash ?? state.head) : keccakText("unknown");
  const digest = inFlight?.proofDigest ?? keccakText("unknown");
  switch (random.below(8)) {
    case 0:
    case 1:
      return [{ kind: "acknowledge", frame }, claimOf(random, digest)] as const;
    case 2: {
      const highest = random.chance(1, 10) ? 2 ** 50 : random.below(60);
      const transaction = random.between(-1, 3);
      const code = random.pick(["no", STATE_ROOT_DIFFERS]);
      const trail = random.bytes(random.below(4) * TRAIL_STEP_BYTES);
      const refusal = { kind: "refuse", frame, highest, code, transaction, trail } as const;
      return [{ ...refusal, stateRoot: ZERO_BYTES32 }, null] as const;
    }
    case 3: {
      const settlement = state.settlement?.settlement;
      const number = settlement?.number ?? 5;
      const signed = settlement && settlementDigest(JURISDICTION.domain, settlement);
      return [{ kind: "settlement", number }, claimOf(random, signed ?? digest)] as const;
    }
    default:
      return anyFrame(random, bench, context);
  }
}

/** An honest exchange but for the numbers; lies about the head only freeze the account. */
function anyHello(random: Random, bench: Bench): AccountMessage {
  const { state, inFlight } = bench.accounts.right;
  const isOnFlight = inFlight !== null && random.chance(1, 3);
  return {
    kind: "hello",
    epoch: 0,
    number: isOnFlight ? inFlight.frame.number : state.number,
    head: isOnFlight ? inFlight.hash : state.head,
    inFlight: random.chance(1, 2) ? ZERO_BYTES32 : keccakText("in flight"),
    highestSigned: random.below(80),
  };
}

function oneStep(random: Random, bench: Bench): void {
  bench.queues.left.length = 0;
  const context = bench.contexts.right;
  const tell = (message: AccountMessage, claim: Claim | null): AccountInput => ({
    kind: "message",
    connection: bench.connection,
    message,
    claim,
  });
  switch (random.below(16)) {
    case 0: {
      bench.connection += 1;
      const connect: AccountInput = { kind: "connect", connection: bench.connection };
      run(bench, "right", connect);
      run(bench, "right", tell(anyHello(random, bench), null));
      return;
    }
    case 1:
    case 2:
    case 3:
      run(bench, "right", { kind: "submit", transactions: [anyTransaction(random)] });
      return;
    case 4: {
      const height = (context.final?.height ?? 0) + 1;
      bench.contexts.right = { ...context, final: blockAt(height) };
      const rows = [{ token: 1, collateral: BigInt(height), ondelta: 0n }];
      const block = { ...blockAt(height), epoch: 0, number: 0, rows };
      run(bench, "right", random.chance(1, 4) ? { kind: "observe", block } : { kind: "final" });
      return;
    }
    default: {
      const [message, claim] = anyMessage(random, bench, context);
      run(bench, "right", tell(message, claim));
    }
  }
}

/** Whatever the peer does: bounds hold, and what counts as signed by both is. */
function checkHonest(bench: Bench): void {
  const { state, headProof, recent } = bench.accounts.right;
  const reserved = reservedOf(state.rows, state.conditions.slots, state.settlement);
  for (const [i, row] of state.rows.entries()) {
    expect(checkBounds(row as TokenRow, reserved[i] as never)).to.equal(null);
  }
  if (headProof?.number === state.number) {
    const own = proofDigestOf(JURISDICTION.domain, state);
    expect(equalBytes(headProof.digest, own), "a proof of another state").to.equal(true);
  }
  if (recent.length > 0)
    expect(equalBytes(recent.at(-1)?.hash as Bytes32, state.head)).to.equal(true);
}

describe("account: a lying peer (TST-4, TST-5)", function () {
  this.timeout(30_000);

  it("ACC-2 to ACC-6: it breaks no bound, no guard, and nothing of ours", () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createRandom(`liar ${seed}`);
      const bench = createBench();
      try {
        for (let step = 0; step < STEPS; step++) {
          oneStep(random, bench);
          checkHonest(bench);
        }
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      const numbers = bench.effects.right.flatMap((effect) =>
        effect.kind === "committed" ? [effect.frame.number] : [],
      );
      expect(numbers).to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
      for (const effect of bench.effects.right) {
        seen.add(effect.kind === "send" ? effect.message.kind : effect.kind);
        if (effect.kind === "misbehaved") seen.add(effect.refusal.code);
      }
    }
    const expected = ["committed", "acknowledge", "refuse", "frame", "settlement", "dropped"];
    expect([...seen]).to.include.members([...expected, "numberJump", "claimMissing"]);
    expect([...seen]).to.include.members(["digestDiffers", "numberOfOther", STATE_ROOT_DIFFERS]);
  });
});
