import { expect } from "chai";
import { describe, it } from "mocha";
import { type Bytes, toHex } from "../../../keeper/base/bytes.ts";
import { ok } from "../../../keeper/base/result.ts";
import type { CommandResult } from "../../../keeper/entity/types.ts";
import { parseIngress } from "../../../keeper/ingress.ts";
import { startLoop } from "../../../keeper/loop.ts";
import { decodeTick } from "../../../keeper/runtime/codec.ts";
import type { RuntimeInput } from "../../../keeper/runtime/input.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Runtime } from "../../../keeper/runtime/types.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { personOf } from "../runtime/world.ts";

type Asked = RuntimeInput & { kind: "command" };

const alice = personOf("alice");
const bob = personOf("bob");
const carol = personOf("carol");

function genesis(): Runtime {
  const people = [alice, bob];
  const board = (id: typeof alice.id) => ({ threshold: 1, members: [{ id, weight: 1 }] });
  return createRuntime(
    jurisdiction,
    people.map(({ id }) => ({ id, board: board(id) })),
  );
}

/** A loop over a log in memory, with a signer that signs nothing. */
function loopOf() {
  const log: { readonly record: Bytes; readonly root: Bytes }[] = [];
  const halted: Error[] = [];
  const loop = startLoop(genesis(), {
    store: {
      append: async (entries: readonly { record: Bytes; root: Bytes }[]) => {
        log.push(...entries);
      },
    } as unknown as Parameters<typeof startLoop>[1]["store"],
    signer: {
      entities: [],
      sign: async (requests) => requests.map(() => ok(new Uint8Array(65))),
      remembers: () => false,
      survey: () => ({ remembered: new Set(), hasOthers: false }),
      close: async () => {},
    },
    log: { write: () => {} } as unknown as Parameters<typeof startLoop>[1]["log"],
    clock: () => 1_000_000,
    send: () => {},
    submit: () => {},
    released: () => {},
    probe: () => {},
    halt: (reason) => void halted.push(reason),
  });
  return { loop, log, halted };
}

/** The same log, stepped anew, as a restart does. */
function expectReplays(log: readonly { record: Bytes; root: Bytes }[]): void {
  let runtime = genesis();
  for (const { record, root } of log) {
    const tick = decodeTick(record);
    if (!tick.ok) expect.fail(`the log cannot be read: ${tick.refusal.message}`);
    const next = step(runtime, tick.value, record);
    expect(toHex(next.ready.root)).to.equal(toHex(root));
    runtime = next.runtime;
  }
}

function asked(id: string, command: unknown, entity = toHex(alice.id)): Asked {
  const parsed = parseIngress({ commands: [{ entity, id, command }] });
  if (!parsed.ok) throw new Error(parsed.refusal.message);
  return parsed.value[0] as Asked;
}

function codeOf(result: CommandResult): string {
  return result.ok ? "ok" : result.refusal.code;
}

const peer = toHex(bob.id);
const nobody = `0x${"00".repeat(32)}`;
const tooMuch = "9".repeat(39);
const plan = {
  domain: nobody,
  signers: [toHex(alice.id), peer],
  settlements: [],
  salt: nobody,
  commitBy: 2_000_000,
};
const leg = { left: 0, right: 1, token: 1, amount: "1" };
const payment = { to: peer, token: 1, amount: "1" };

/** Each passes the schema of the queue; the log could not give one of them back. */
const unreadable: readonly (readonly [string, unknown])[] = [
  ["an amount of 2^127 or more", transact({ kind: "pay", token: 1, amount: tooMuch })],
  [
    "a limit of 2^127 or more",
    transact({ kind: "setCredit", token: 1, limit: tooMuch, softLimit: "0" }),
  ],
  ["a peer that nobody is", { kind: "openAccount", peer: nobody }],
  ["more payments than a batch takes", batch({ reserveToReserve: Array(481).fill(payment) })],
  [
    "a withdrawal of 2^127 or more",
    batch({ withdrawals: [{ to: `0x${"22".repeat(20)}`, token: 1, amount: tooMuch }] }),
  ],
  [
    "more legs than a plan has",
    { kind: "coordinate", plan: { ...plan, legs: Array(1025).fill(leg) } },
  ],
  [
    "a leg of a 60,000th signer",
    { kind: "coordinate", plan: { ...plan, legs: [leg, { ...leg, right: 60_000 }] } },
  ],
  [
    "a leg of −2^127 or less",
    { kind: "coordinate", plan: { ...plan, legs: [leg, { ...leg, amount: `-${tooMuch}` }] } },
  ],
];

function transact(transaction: unknown): unknown {
  return { kind: "transact", peer, transactions: [transaction] };
}

function batch(operations: unknown): unknown {
  return { kind: "batch", deadline: 2_000_000, operations };
}

const address = `0x${"22".repeat(20)}`;

/** Each would be signed, never land, and keep the next batch waiting; where the fault is. */
const unfit: readonly (readonly [string, unknown, string])[] = [
  [
    "a payment to oneself",
    batch({ reserveToReserve: [payment, { ...payment, to: toHex(alice.id) }] }),
    "reserveToReserve.1.to: expected another entity",
  ],
  [
    "a payment of nothing",
    batch({ reserveToReserve: [{ ...payment, amount: "0" }] }),
    "reserveToReserve.0.amount: expected more than nothing",
  ],
  [
    "a withdrawal of nothing",
    batch({ withdrawals: [{ to: address, token: 1, amount: "0" }] }),
    "withdrawals.0.amount: expected more than nothing",
  ],
  [
    "collateral in an account with oneself",
    batch({ reserveToCollateral: [{ payee: peer, counterparty: peer, token: 1, amount: "1" }] }),
    "reserveToCollateral.0.counterparty: expected another than the payee",
  ],
];

describe("commands of a careless owner", () => {
  for (const [title, command, fault] of unfit) {
    it(`DEP-2: ${title} is refused before it is signed, and says where`, () => {
      const commands = [{ entity: toHex(alice.id), id: "1", command }];
      const parsed = parseIngress({ commands });
      if (parsed.ok) expect.fail("it was taken");
      const { code, message } = parsed.refusal;
      expect([code, message]).to.deep.equal([
        "badCommand",
        `commands.0.command.operations.${fault}`,
      ]);
    });
  }

  for (const [title, command] of unreadable) {
    it(`STO-1: ${title} is refused before it is in the log`, async () => {
      const { loop, log } = loopOf();
      expect(codeOf(await loop.command(asked("1", command)))).to.equal("badEncoding");
      await loop.command(asked("2", { kind: "openAccount", peer }));
      await loop.stop();
      expectReplays(log);
    });
  }

  it("ARC-4: a command's id that is no Unicode is the same before and after a restart", async () => {
    const { loop, log } = loopOf();
    const open = { kind: "openAccount", peer };
    const results = await Promise.all([
      loop.command(asked("\ud800", open)),
      loop.command(asked("\ufffd", { kind: "openAccount", peer: toHex(carol.id) })),
    ]);
    expect(results.map(codeOf)).to.deep.equal(["ok", "ok"]);
    await loop.stop();
    expectReplays(log);
  });

  it("ARC-2: an account with oneself is refused, and the keeper goes on", async () => {
    const { loop, halted } = loopOf();
    const self = { kind: "openAccount", peer: toHex(alice.id) };
    expect(codeOf(await loop.command(asked("1", self)))).to.equal("accountWithItself");
    expect(codeOf(await loop.command(asked("2", { kind: "openAccount", peer })))).to.equal("ok");
    await loop.stop();
    expect(halted).to.deep.equal([]);
  });

  it("RUN-1: a flood is cut into ticks that the log takes, and nothing is lost", async () => {
    const { loop, log, halted } = loopOf();
    const payload = new Uint8Array(4 * 1024 * 1024);
    const envelope = { from: bob.id, to: carol.id, connection: 1, payload, claim: null };
    loop.push(Array.from({ length: 80 }, () => ({ kind: "message" as const, envelope })));
    await loop.command(asked("1", { kind: "openAccount", peer }));
    await loop.stop();
    expect(halted).to.deep.equal([]);
    const sizes = log.map(({ record }) => record.length);
    expect(Math.max(...sizes)).to.be.lessThan(64 * 1024 * 1024);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.greaterThan(80 * payload.length);
  });

  it("QUE-1: two entities may give commands of one name; each gets its own result", async () => {
    const { loop } = loopOf();
    const [first, second] = await Promise.all([
      loop.command(asked("1", { kind: "openAccount", peer: toHex(carol.id) })),
      loop.command(asked("1", transact({ kind: "pay", token: 1, amount: "5" }), toHex(bob.id))),
    ]);
    expect([codeOf(first), codeOf(second)]).to.deep.equal(["ok", "noAccount"]);
    await loop.stop();
  });
});
