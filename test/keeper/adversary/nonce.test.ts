import { expect } from "chai";
import { describe, it } from "mocha";
import { createNonces, type Nonces } from "./nonce.ts";

const SEEDS = 30;
const ROUNDS = 150;

async function run(seed: number, olderDisks: boolean): Promise<Nonces> {
  const nonces = await createNonces(seed, olderDisks);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      nonces.round();
      nonces.check();
    }
    nonces.rest();
    nonces.check();
  } catch (cause) {
    throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
  }
  return nonces;
}

describe("the nonces of batches", function () {
  this.timeout(120_000);

  it("CHN-3: no two of one nonce could ever land, and every command ends as the chain says", async () => {
    let expired = 0;
    let landed = 0;
    let succeeded = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const nonces = await run(seed, false);
      const { results, signed } = nonces;
      expect(nonces.refusals(), `seed ${seed}: the guard had to refuse`).to.equal(0);
      expect(results.size).to.equal(nonces.commands());
      expect(nonces.entity().pendingBatch).to.equal(null);
      expect(nonces.entity().waitingBatches).to.deep.equal([]);
      // What succeeded is what the chain has, nonce by nonce.
      const done = [...results.values()].flatMap((result) =>
        result.ok && result.value.kind === "batch" ? [result.value.nonce] : [],
      );
      expect(done).to.deep.equal(nonces.final().map((one) => one?.nonce));
      expect(nonces.entity().nonce).to.equal(done.length);
      landed += done.length;
      succeeded += signed.length - done.length;
      for (const result of results.values()) {
        if (!result.ok && result.refusal.code === "batchExpired") expired++;
      }
    }
    expect([expired, landed, succeeded].every((count) => count > 50)).to.equal(true);
  });

  it("BFT-4: the same beside a log that is older than the guard", async () => {
    let refusals = 0;
    let replaced = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const nonces = await run(seed, true);
      refusals += nonces.refusals();
      const numbers = nonces.signed.map(({ nonce }) => nonce);
      replaced += numbers.length - new Set(numbers).size;
      // Who is told that a batch has landed is told of its own.
      const landed = nonces.final().map((one) => one?.command);
      for (const [command, result] of nonces.results) {
        if (!result.ok || result.value.kind !== "batch") continue;
        expect(landed[result.value.nonce], `seed ${seed}`).to.equal(command);
      }
      // Nothing is blocked for ever, whatever the log had forgotten.
      expect(nonces.entity().pendingBatch).to.equal(null);
      expect(nonces.entity().open.size).to.equal(0);
    }
    expect([refusals, replaced].every((count) => count > 20)).to.equal(true);
  });
});
