import { expect } from "chai";
import { describe, it } from "mocha";
import { openAccount } from "../../../keeper/account/open.ts";
import type { Account, TokenRow } from "../../../keeper/account/types.ts";
import { createInterner } from "../../../keeper/base/intern.ts";
import { decodeRlp } from "../../../keeper/codec/rlp/decode.ts";
import { encodeRlp } from "../../../keeper/codec/rlp/encode.ts";
import { encodeEntityMessage } from "../../../keeper/entity/codec/message.ts";
import { readResult, resultItem } from "../../../keeper/entity/codec/result.ts";
import { createEntity, draftEntity } from "../../../keeper/entity/entity.ts";
import { HANDED_ROWS_MAX } from "../../../keeper/entity/limit.ts";
import type { EntityMessage } from "../../../keeper/entity/message.ts";
import { step } from "../../../keeper/entity/step.ts";
import type { CommandResult, HandedRow } from "../../../keeper/entity/types.ts";
import { decodeTick, encodeTick } from "../../../keeper/runtime/codec.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { type Person, personOf } from "../runtime/world.ts";

const [alice, bob] = [personOf("alice"), personOf("bob")] as [Person, Person];
const TOKENS = 32;
const MOST = 2n ** 127n - 1n;

/** As long as a row can be; the peer of some owes alice. */
function rowOf(token: number, owed: boolean): TokenRow {
  const limits = { leftLimit: MOST, rightLimit: MOST, leftSoftLimit: MOST, rightSoftLimit: MOST };
  const [collateral, ondelta] = owed ? [0n, MOST] : [MOST, MOST >> 1n];
  return { token: 2 ** 32 - token, collateral, ondelta, offdelta: 0n, ...limits };
}

/** What alice hands in with so many accounts, each of as many tokens as there may be. */
function handedWith(accounts: number): EntityMessage & { kind: "rows" } {
  const interner = createInterner();
  const entity = createEntity(alice.id, { threshold: 1, members: [{ id: alice.id, weight: 1 }] });
  for (let index = 0; index < accounts; index++) {
    const peer = personOf(`peer ${index}`).id;
    const account = openAccount(alice.id, peer, jurisdiction);
    const rows = Array.from({ length: TOKENS }, (_, at) => rowOf(TOKENS - at, at === 7));
    const opened: Account = { ...account, state: { ...account.state, rows } };
    entity.accounts.set(interner.intern(peer), opened);
  }
  const message = { kind: "askRows", request: "r".repeat(200) } as const;
  const input = { kind: "message", from: bob.id, connection: 1, message, claim: null } as const;
  const facts = { jurisdiction, tick: 1, final: null, tokens: 0, now: 1, interner };
  const { effects } = step(draftEntity(entity), [input], { ...facts, connectionOf: () => null });
  const [sent] = effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
  if (sent?.kind !== "rows") throw new Error("no rows were handed in");
  return sent;
}

describe("strangers that open accounts", () => {
  it("ACC-10 STO-1: cannot make rows too long to be sent, or to be read from the log", () => {
    expect(handedWith(3).rows).to.have.length(3 * TOKENS);
    const accounts = Math.ceil(HANDED_ROWS_MAX / TOKENS) + 300;
    const handed = handedWith(accounts);
    expect(handed.rows).to.have.length(HANDED_ROWS_MAX);
    // What is owed goes first: rows that strangers list for nothing crowd out no debt.
    const owed = handed.rows.filter(({ delta, collateral }) => delta < 0n || delta > collateral);
    expect(owed).to.have.length(accounts);
    const payload = encodeEntityMessage(handed);
    const envelope = { from: alice.id, to: bob.id, connection: 1, payload, claim: null };
    const tick = { now: 1, inputs: [{ kind: "message", envelope } as const] };
    expect(decodeTick(encodeTick(tick)).ok).to.equal(true);
  });

  it("STO-1: a round over the rows of many is remembered by a checkpoint", () => {
    const [row] = handedWith(1).rows as [HandedRow];
    const rows = Array.from({ length: 5 * HANDED_ROWS_MAX + 1 }, () => row);
    const result: CommandResult = { ok: true, value: { kind: "rows", rows, disagreed: 0 } };
    expect(decodeRlp(encodeRlp(resultItem(result)), readResult).ok).to.equal(true);
  });
});
