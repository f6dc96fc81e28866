import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type Guard, openGuard } from "../../../keeper/signer/guard.ts";
import { KEPT_PROOFS } from "../../../keeper/signer/line.ts";
import { checkRecords, recordOf } from "../../../keeper/signer/recorder.ts";
import { alice, ask, batch, plan, proof, type Slot, settlement, word } from "./fixture.ts";
import { createMemoryJournal, type MemoryJournal } from "./memory-journal.ts";

/** Admits one by one and says which were allowed. */
function allowed(guard: Guard, asked: readonly (readonly [Slot, string])[]): boolean[] {
  const requests = asked.map(([slot, digest]) => ask(slot, digest));
  return guard.admit(requests).map(({ refusal }) => refusal === null);
}

async function reopen(journal: MemoryJournal): Promise<Guard> {
  return openGuard(createMemoryJournal(journal.durable()));
}

type Case = readonly [title: string, asked: readonly (readonly [Slot, string, boolean])[]];

const cases: readonly Case[] = [
  [
    "ACC-4: numbers of proofs only rise",
    [
      [proof(3), "a", true],
      [proof(2), "b", false],
      [proof(3), "a", true],
      [proof(3), "b", false],
      [proof(7), "c", true],
      [proof(5), "d", false],
      [proof(3), "a", true],
    ],
  ],
  [
    "ACC-9: a settlement's number is for no proof, a proof's for no settlement",
    [
      [proof(2), "a", true],
      [settlement(4), "s", true],
      [proof(4), "s", false],
      [proof(3), "b", false],
      [proof(5), "c", true],
      [settlement(5), "c", false],
    ],
  ],
  [
    "ACC-9: a settlement may be signed after frames above it",
    [
      [proof(2), "a", true],
      [proof(5), "b", true],
      [proof(6), "c", true],
      [settlement(4), "s", true],
      [settlement(4), "t", false],
      [settlement(4), "s", true],
      [settlement(2), "u", false],
      [settlement(3), "v", true],
    ],
  ],
  [
    "ACC-6: an epoch begins anew, and the one before is closed",
    [
      [proof(9), "a", true],
      [settlement(8), "s", true],
      [proof(2, 1), "b", true],
      [proof(11, 0), "c", false],
      [proof(9, 0), "a", false],
      [settlement(8, 1), "t", true],
    ],
  ],
  [
    "ENT-4: accounts do not share numbers",
    [
      [proof(5, 0, "one"), "a", true],
      [proof(2, 0, "two"), "b", true],
      [proof(5, 0, "two"), "c", true],
    ],
  ],
  [
    "DEP-2: one digest for a nonce",
    [
      [batch(1), "a", true],
      [batch(1), "b", false],
      [batch(2), "c", true],
      [batch(1), "a", true],
      [batch(2), "d", false],
    ],
  ],
  [
    "CHN-3: a nonce is given to another batch once a final block past the deadline lacks the first",
    [
      [batch(1, 100), "a", true],
      [batch(1, 200, 99), "b", false],
      [batch(1, 200, 100), "b", false],
      [batch(1, 200, 101), "b", true],
      [batch(1, 100, 101), "a", false],
      [batch(1, 200), "b", true],
      [batch(1, 300, 200), "c", false],
      [batch(1, 300, 201), "c", true],
    ],
  ],
  [
    "CHN-3: a successor lands later than the first could; nobody goes back to an earlier nonce",
    [
      [batch(1, 100), "a", true],
      [batch(1, 100, 500), "b", false],
      [batch(1, 50, 500), "b", false],
      [batch(2, 600), "c", true],
      [batch(1, 900, 800), "b", false],
      [batch(1, 100), "a", true],
      [batch(2, 900, 601), "d", true],
    ],
  ],
  [
    "NET-5: per plan either prepared or a drop",
    [
      [plan("p"), "prepared", true],
      [plan("p"), "drop", false],
      [plan("p"), "prepared", true],
      [plan("q"), "drop", true],
      [plan("q"), "prepared", false],
    ],
  ],
  [
    "NET-1: rows bind no money and are not guarded",
    [
      [{ kind: "rows" }, "a", true],
      [{ kind: "rows" }, "b", true],
    ],
  ],
];

describe("guard", () => {
  for (const [title, steps] of cases) {
    const asked = steps.map(([slot, digest]) => [slot, digest] as const);
    const expected = steps.map(([, , isAllowed]) => isAllowed);

    it(title, async () => {
      const guard = await openGuard(createMemoryJournal());
      expect(allowed(guard, asked)).to.deep.equal(expected);
    });

    it(`${title}, with a restart after each`, async () => {
      let journal = createMemoryJournal();
      for (const [index, step] of asked.entries()) {
        const guard = await openGuard(journal);
        expect(allowed(guard, [step]), `step ${index}`).to.deep.equal([expected[index]]);
        await guard.settle();
        journal = createMemoryJournal(journal.durable());
      }
    });
  }

  it("ACC-6: a proof whose digest is no longer kept is not signed again", async () => {
    const journal = createMemoryJournal();
    const guard = await openGuard(journal);
    const last = KEPT_PROOFS + 3;
    for (let number = 1; number <= last; number++)
      allowed(guard, [[proof(2 * number), `${number}`]]);
    await guard.settle();
    for (const one of [guard, await reopen(journal)]) {
      expect(allowed(one, [[proof(2 * last), `${last}`]])).to.deep.equal([true]);
      expect(allowed(one, [[proof(8), "4"]]), "the oldest kept").to.deep.equal([true]);
      expect(allowed(one, [[proof(6), "3"]]), "not kept").to.deep.equal([false]);
      expect(allowed(one, [[settlement(5), "s"]]), "cannot be told free").to.deep.equal([false]);
      expect(allowed(one, [[settlement(9), "s"]]), "left out by proofs").to.deep.equal([true]);
    }
  });

  it("BFT-4: the refusal names the slot and the mark", async () => {
    const guard = await openGuard(createMemoryJournal());
    allowed(guard, [[proof(8), "a"]]);
    const [refused] = guard.admit([ask(proof(8), "b")]);
    expect(refused?.refusal?.refusal).to.deep.include({ code: "guardConflict" });
    expect(refused?.refusal?.refusal.details).to.deep.equal({
      slot: "proof",
      number: "8",
      mark: "8",
      epoch: "0",
    });
  });

  it("ARC-3: what failed to be written is written before anything it covers leaves", async () => {
    const journal = createMemoryJournal();
    const guard = await openGuard(journal);
    allowed(guard, [[proof(2), "a"]]);
    journal.failNext(new Error("disk full"));
    const failed = await guard.settle().then(
      () => "",
      (error: Error) => error.message,
    );
    expect(failed).to.equal("disk full");
    expect(allowed(guard, [[proof(2), "a"]]), "known in memory").to.deep.equal([true]);
    await guard.settle();
    expect(allowed(await reopen(journal), [[proof(2), "b"]])).to.deep.equal([false]);
  });

  it("BFT-4: compaction keeps every decision", async () => {
    const journal = createMemoryJournal();
    const small = await openGuard(journal, 4000);
    const whole = await openGuard(createMemoryJournal());
    for (let round = 1; round <= 300; round++) {
      const step = [
        [proof(3 * round, 0, `account ${round % 5}`), `p${round}`],
        [settlement(3 * round + 1, 0, `account ${round % 5}`), `s${round}`],
        [batch(round, 10 * round), `b${round}`],
        // Every third one never lands, and leaves its nonce to another.
        [batch(round, 10 * round + 5, 10 * round + (round % 3 === 0 ? 1 : 0)), `c${round}`],
      ] as const;
      expect(allowed(small, step)).to.deep.equal(allowed(whole, step));
      await small.settle();
    }
    expect(journal.durable().length, "entries left").to.be.lessThan(300);
    const again = await reopen(journal);
    for (const guard of [again, whole]) {
      expect(allowed(guard, [[batch(300, 4_000, 3_005), "x"]])).to.deep.equal([false]);
      expect(allowed(guard, [[batch(300, 3_005), "c300"]])).to.deep.equal([true]);
      expect(allowed(guard, [[batch(300, 4_000, 3_006), "x"]])).to.deep.equal([true]);
    }
    for (let number = 880; number <= 910; number++) {
      for (let account = 0; account < 5; account++) {
        const name = `account ${account}`;
        const probe = [
          [proof(number, 0, name), "x"],
          [settlement(number, 0, name), "x"],
        ] as const;
        expect(allowed(again, probe)).to.deep.equal(allowed(whole, probe));
      }
    }
  });

  it("BFT-4: compaction keeps marks, floors and the digests of the epoch", async () => {
    const journal = createMemoryJournal();
    const guard = await openGuard(journal);
    const last = KEPT_PROOFS + 3;
    for (let count = 1; count <= last; count++) allowed(guard, [[proof(2 * count, 4), `${count}`]]);
    allowed(guard, [[settlement(2 * last - 1, 4), "s"]]);
    await guard.settle();
    await openGuard(journal, 1);
    expect(journal.durable().length, "one entry for all lines").to.equal(1);
    const again = await reopen(journal);
    const probes: readonly (readonly [Slot, string, boolean])[] = [
      [settlement(5, 4), "t", false],
      [settlement(9, 4), "t", true],
      [settlement(2 * last - 1, 4), "s", true],
      [settlement(2 * last - 1, 4), "t", false],
      [proof(2 * last, 4), `${last}`, true],
      [proof(8, 4), "4", true],
      [proof(6, 4), "3", false],
      [proof(99, 3), "x", false],
    ];
    for (const [slot, digest, expected] of probes) {
      expect(allowed(again, [[slot, digest]]), JSON.stringify(slot)).to.deep.equal([expected]);
    }
  });

  it("TST-4: whatever is asked, and wherever it restarts, no slot gets two digests", async () => {
    const step = fc.record({
      kind: fc.constantFrom<"proof" | "settlement" | "batch" | "plan">(
        "proof",
        "settlement",
        "batch",
        "plan",
      ),
      number: fc.integer({ min: 1, max: 40 }),
      epoch: fc.integer({ min: 0, max: 1 }),
      digest: fc.constantFrom("a", "b", "c"),
      /** 0: killed before the sync; 1: killed after it; 2 and more: goes on. */
      fate: fc.integer({ min: 0, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        let journal = createMemoryJournal();
        let guard = await openGuard(journal, 2000);
        const lines: string[] = [];
        for (const { kind, number, epoch, digest, fate } of steps) {
          const slot = slotOf(kind, number, epoch);
          const request = ask(slot, digest);
          const [admission] = guard.admit([request]);
          if (fate > 0) await guard.settle();
          if (fate > 0 && admission?.refusal === null) {
            lines.push(JSON.stringify(recordOf(request)));
          }
          if (fate < 2) {
            journal = createMemoryJournal(journal.durable());
            guard = await openGuard(journal, 2000);
          }
        }
        expect(checkRecords(lines)).to.be.empty;
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

function slotOf(kind: "proof" | "settlement" | "batch" | "plan", n: number, epoch: number): Slot {
  if (kind === "proof") return proof(n, epoch);
  if (kind === "settlement") return settlement(n, epoch);
  return kind === "batch" ? batch(n) : plan(`${n}`);
}

describe("recorder", () => {
  const lineOf = (slot: Slot, digest: string) => JSON.stringify(recordOf(ask(slot, digest)));

  it("TST-4: the oracle sees two digests in a slot, and one number used twice", () => {
    expect(checkRecords([lineOf(proof(2), "a"), lineOf(proof(2), "a")])).to.be.empty;
    expect(checkRecords([lineOf(proof(2), "a"), lineOf(proof(2), "b")])).to.have.length(1);
    expect(checkRecords([lineOf(proof(2), "a"), lineOf(settlement(2), "a")])).to.have.length(1);
    expect(checkRecords([lineOf(plan("p"), "a"), lineOf(plan("p"), "b")])).to.have.length(1);
    expect(checkRecords([lineOf(batch(2), "a"), lineOf(batch(2), "b")])).to.have.length(1);
    expect(checkRecords([lineOf(batch(2), "a"), lineOf(batch(3), "b")])).to.be.empty;
  });

  it("CHN-3: the oracle lets a batch follow one that could no longer land, and no other", () => {
    const first = lineOf(batch(2, 100), "a");
    const after = (slot: Slot) => checkRecords([first, lineOf(slot, "b")]).length;
    expect(after(batch(2, 200, 100))).to.equal(1);
    expect(after(batch(2, 200, 101))).to.equal(0);
    expect(after(batch(2, 90, 101))).to.equal(1);
    const lines = [first, lineOf(batch(2, 200, 101), "b")];
    expect(checkRecords([...lines, lineOf(batch(2, 300, 150), "c")])).to.have.length(1);
    expect(checkRecords([...lines, lineOf(batch(2, 300, 201), "c")])).to.be.empty;
    expect(checkRecords([...lines, first]), "the first one again").to.have.length(1);
  });

  it("TST-4: the oracle sees a number that went down", () => {
    expect(checkRecords([lineOf(proof(5), "a"), lineOf(proof(3), "b")])).to.have.length(1);
    expect(checkRecords([lineOf(proof(5), "a"), lineOf(proof(3, 1), "b")])).to.be.empty;
    expect(checkRecords([lineOf(proof(5), "a"), lineOf(settlement(3), "b")])).to.be.empty;
  });

  it("TST-4: a last line cut short is passed over, another broken one is not", () => {
    const whole = lineOf(proof(2), "a");
    expect(checkRecords([whole, whole.slice(0, 30)])).to.be.empty;
    expect(() => checkRecords([whole.slice(0, 30), whole])).to.throw(SyntaxError);
  });

  it("NET-5: tells what it remembers at or above a number, and of which entity", async () => {
    const journal = createMemoryJournal();
    const guard = await openGuard(journal);
    allowed(guard, [
      [proof(5, 2), "a"],
      [plan("p"), "prepared"],
    ]);
    await guard.settle();
    const other = word("somebody");
    for (const one of [guard, await reopen(journal)]) {
      const knows = (slot: Slot, entity = alice.entity): boolean =>
        slot.kind !== "rows" && one.remembers(entity, slot);
      const asked = [proof(5, 2), proof(6, 2), proof(9, 1), proof(1, 3), proof(5, 2, "other")];
      expect(asked.map((slot) => knows(slot))).to.deep.equal([true, false, true, false, false]);
      expect([knows(plan("p")), knows(plan("q"))]).to.deep.equal([true, false]);
      expect([knows(plan("p"), other), knows(proof(5, 2), other)]).to.deep.equal([false, false]);
    }
  });
});
