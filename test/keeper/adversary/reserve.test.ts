import { expect } from "chai";
import { describe, it } from "mocha";
import { equalBytes } from "../../../keeper/base/bytes.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { BATCH_SECONDS_MAX } from "../../../keeper/entity/limit.ts";
import type { Command, CommandResult, Entity } from "../../../keeper/entity/types.ts";
import type { ChainEvent, Operations } from "../../../keeper/jurisdiction/types.ts";
import type { RuntimeInput } from "../../../keeper/runtime/input.ts";
import { createRuntime } from "../../../keeper/runtime/runtime.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Ready, Runtime } from "../../../keeper/runtime/types.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { personOf } from "../runtime/world.ts";

const alice = personOf("alice");
const bob = personOf("bob");
const carol = personOf("carol");
const TOKEN = 1;

/** One keeper with both entities, and a chain that says whatever the test wants. */
function keeper() {
  const people = [alice, bob, carol];
  let runtime: Runtime = createRuntime(
    jurisdiction,
    people.map(({ id }) => ({ id, board: { threshold: 1, members: [{ id, weight: 1 }] } })),
  );
  let now = 1_000_000;
  let height = jurisdiction.deployedAt - 1;
  let waiting: RuntimeInput[] = [{ kind: "start" }];
  let silent: typeof alice | null = null;
  const results = new Map<string, CommandResult>();
  const asked: Ready["transactions"][number][] = [];

  function tick(inputs: readonly RuntimeInput[]): void {
    const taken = [...waiting, ...inputs];
    waiting = [];
    const next = step(runtime, { now, inputs: taken });
    runtime = next.runtime;
    const { ready } = next;
    for (const { id, result } of ready.results) results.set(id, result);
    asked.push(...ready.transactions);
    for (const { from, to, payload, signature } of ready.messages) {
      if (silent !== null && equalBytes(from, silent.id)) continue;
      const request = ready.signatures[signature];
      const claim = request ? { digest: request.digest, signature: new Uint8Array(65) } : null;
      const envelope = { from, to, payload, claim, connection: runtime.local };
      waiting.push({ kind: "message", envelope });
    }
  }

  function block(events: readonly ChainEvent[], seconds = 1): void {
    now += seconds;
    height += 1;
    const parentHash = keccakText(`block ${height - 1}`);
    const hash = keccakText(`block ${height}`);
    const told = { height, hash, parentHash, timestamp: now, events };
    tick([{ kind: "chain", input: { kind: "block", block: told } }]);
  }

  return {
    asked,
    results,
    now: () => now,
    /** The block and as many above it as make it final, and all messages that follow. */
    final: (events: readonly ChainEvent[], seconds = 1) => {
      block(events, seconds);
      for (let above = 0; above < jurisdiction.finalityDepth; above++) block([], 0);
      for (let turn = 0; turn < 20; turn++) tick([]);
    },
    command: (of: typeof alice, id: string, command: Command) => {
      tick([{ kind: "command", entity: of.id, id, command }]);
      for (let turn = 0; turn < 20; turn++) tick([]);
    },
    /** Nothing that it says is heard any more. */
    silence: (of: typeof alice) => {
      silent = of;
    },
    entity: (of: typeof alice) => runtime.entities.get(runtime.interner.find(of.id)) as Entity,
  };
}

function reserve(of: typeof alice, amount: bigint): ChainEvent {
  return { kind: "reserve", entity: of.id, token: TOKEN, amount };
}

function payment(amount: bigint): Operations {
  const reserveToReserve = [{ to: bob.id, token: TOKEN, amount }];
  return { reserveToReserve, settlements: [], reserveToCollateral: [], withdrawals: [] };
}

function codeOf(result: CommandResult | undefined): string {
  if (result === undefined) return "open";
  return result.ok ? "ok" : result.refusal.code;
}

/** Alice owes bob 60, and others as much. */
function indebted(...others: readonly (typeof alice)[]): ReturnType<typeof keeper> {
  const world = keeper();
  for (const [index, peer] of [bob, ...others].entries()) {
    world.command(alice, `open ${index}`, { kind: "openAccount", peer: peer.id });
    const credit = { kind: "setCredit", token: TOKEN, limit: 100n, softLimit: 0n } as const;
    world.command(peer, "credit", { kind: "transact", peer: alice.id, transactions: [credit] });
    const pay = { kind: "pay", token: TOKEN, amount: 60n } as const;
    world.command(alice, `pay ${index}`, { kind: "transact", peer: peer.id, transactions: [pay] });
    expect(codeOf(world.results.get(`pay ${index}`))).to.equal("ok");
  }
  world.final([reserve(alice, 100n)]);
  return world;
}

function settle(world: ReturnType<typeof keeper>, seconds: number, by = bob): void {
  const deadline = world.now() + seconds;
  world.command(by, "settle", { kind: "settle", peer: alice.id, tokens: [TOKEN], deadline });
}

describe("reserves that two wants share", () => {
  it("CHN-3: a batch behind another is judged by what that one left, whatever comes first", () => {
    const world = keeper();
    world.final([reserve(alice, 100n)]);
    const deadline = world.now() + 1_000;
    world.command(alice, "first", { kind: "batch", deadline, operations: payment(80n) });
    world.command(alice, "second", { kind: "batch", deadline, operations: payment(80n) });
    // As the contract says it: the batch, then what it changed.
    world.final([{ kind: "batch", entity: alice.id, nonce: 0 }, reserve(alice, 20n)]);
    expect(codeOf(world.results.get("first"))).to.equal("ok");
    expect(codeOf(world.results.get("second"))).to.equal("reserveTooLow");
    expect(world.asked.length).to.equal(1);
  });

  it("CHN-3: a settlement is not agreed to from what a signed batch will spend", () => {
    const world = indebted();
    const deadline = world.now() + 1_000;
    world.command(alice, "batch", { kind: "batch", deadline, operations: payment(80n) });
    settle(world, 1_000);
    expect(world.asked.map(({ kind }) => kind)).to.deep.equal(["batch"]);
  });

  it("CHN-3: a batch is not signed over what an open settlement may take", () => {
    const world = indebted();
    settle(world, 1_000);
    expect(world.asked.map(({ kind }) => kind)).to.deep.equal(["settlement"]);
    const deadline = world.now() + 1_000;
    world.command(alice, "batch", { kind: "batch", deadline, operations: payment(80n) });
    expect(codeOf(world.results.get("batch"))).to.equal("reserveTooLow");
    world.command(alice, "less", { kind: "batch", deadline, operations: payment(40n) });
    expect(codeOf(world.results.get("less"))).to.equal("open");
  });

  it("CHN-3: a peer that falls silent keeps no reserve beyond the deadline of what it signed", () => {
    const world = indebted();
    settle(world, 1_000);
    expect(world.asked.map(({ kind }) => kind)).to.deep.equal(["settlement"]);
    world.silence(bob);
    const ask = (id: string) => {
      const deadline = world.now() + 500;
      world.command(alice, id, { kind: "batch", deadline, operations: payment(80n) });
      return codeOf(world.results.get(id));
    };
    world.final([], 1_000);
    expect(ask("while it may land")).to.equal("reserveTooLow");
    world.final([], 1);
    expect(ask("when it never will")).to.equal("open");
  });

  it("CHN-3: two settlements together take no more than the reserve beside a signed batch", () => {
    const world = indebted(carol);
    const deadline = world.now() + 1_000;
    world.command(alice, "batch", { kind: "batch", deadline, operations: payment(40n) });
    settle(world, 500);
    settle(world, 500, carol);
    // Each for itself would fit: the second would make the batch revert, and block its nonce.
    const kinds = world.asked.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "settlement")).to.have.length(1);
  });

  it("ACC-9: a settlement that could stay open for years is not agreed to", () => {
    const world = indebted();
    settle(world, 2 ** 40);
    expect(world.asked).to.deep.equal([]);
  });

  it("QUE-1: commands end when the batch that they wait for can no longer land", () => {
    const world = keeper();
    world.final([reserve(alice, 100n)]);
    const deadline = world.now() + 10;
    world.command(alice, "first", { kind: "batch", deadline, operations: payment(80n) });
    world.command(alice, "behind", { kind: "batch", deadline, operations: payment(1n) });
    world.final([], 10);
    expect(codeOf(world.results.get("first"))).to.equal("open");
    world.final([], 1);
    expect(codeOf(world.results.get("first"))).to.equal("batchExpired");
    // The one behind has the same deadline: it is not even signed.
    expect(codeOf(world.results.get("behind"))).to.equal("deadlinePassed");
    expect(world.asked.length).to.equal(1);
    expect(world.entity(alice).open.size).to.equal(0);
  });

  it("CHN-3: the nonce of a batch that never landed goes to the one behind it", () => {
    const world = keeper();
    world.final([reserve(alice, 100n)]);
    const deadline = world.now() + 10;
    const later = deadline + 1_000;
    world.command(alice, "first", { kind: "batch", deadline, operations: payment(80n) });
    world.command(alice, "behind", { kind: "batch", deadline: later, operations: payment(90n) });
    world.final([], 11);
    expect(codeOf(world.results.get("first"))).to.equal("batchExpired");
    const batches = world.asked.flatMap((asked) => (asked.kind === "batch" ? [asked.batch] : []));
    expect(batches.map(({ nonce }) => nonce)).to.deep.equal([0, 0]);
    expect(batches.map((batch) => batch.deadline)).to.deep.equal([deadline, later]);
    world.final([{ kind: "batch", entity: alice.id, nonce: 0 }, reserve(alice, 10n)]);
    expect(codeOf(world.results.get("behind"))).to.equal("ok");
    world.command(alice, "next", { kind: "batch", deadline: later, operations: payment(1n) });
    expect(world.entity(alice).pendingBatch?.batch.nonce).to.equal(1);
  });

  it("CHN-3: nobody keeps others waiting longer than a day", () => {
    const world = keeper();
    world.final([reserve(alice, 100n)]);
    const deadline = world.now() + BATCH_SECONDS_MAX;
    const operations = payment(1n);
    world.command(alice, "far", { kind: "batch", deadline: deadline + 1, operations });
    expect(codeOf(world.results.get("far"))).to.equal("deadlineTooFar");
    world.command(alice, "near", { kind: "batch", deadline, operations });
    expect(codeOf(world.results.get("near"))).to.equal("open");
  });
});
