import { expect } from "chai";
import { after, describe, it } from "mocha";

import {
  type EnforcedCondition,
  hashBody,
  packCondition,
  type Transformer,
} from "../../keeper/account/body.ts";
import { bigintFromBytes, fromHex, toHex } from "../../keeper/base/bytes.ts";
import { createRandom } from "../../keeper/base/random.ts";
import { keccak256 } from "../../keeper/codec/keccak.ts";
import { depositoryDomain } from "../../keeper/jurisdiction/digest.ts";
import type { DevToken } from "../../typechain-types/dev/DevToken.ts";
import type { DigestHarness } from "../../typechain-types/dev/DigestHarness.ts";
import { drawProof, ENOUGH_GAS } from "./closing/draw.ts";
import { compareAll, type Driven, send, tick } from "./closing/drive.ts";
import { playRound } from "./closing/round.ts";
import { addReserve, createWorld, type World } from "./closing/world.ts";
import { keysOf } from "./entity.ts";
import { deployJurisdiction } from "./jurisdiction.ts";

/** `XLN_SEED` plays others: what fails here prints the one that it failed with. */
const SEED = process.env.XLN_SEED ?? "closing";
const [SERIES, ROUNDS] = [12, 20];
/** So much is brought into each reserve of each token; of the last token nothing. */
const DEPOSITS = [10n ** 8n, 2n ** 124n, 30n, 0n];

/** What `DevTransformer` answers: null where that is not so many words, or has too little gas. */
function answerOf({ payload, moves, gas }: Transformer): readonly bigint[] | null {
  if (gas < ENOUGH_GAS || payload[0] !== 0 || payload.length !== 1 + 32 * moves.length) return null;
  return moves.map((_, i) =>
    BigInt.asIntN(256, bigintFromBytes(payload.subarray(1 + 32 * i, 33 + 32 * i))),
  );
}

async function drive(): Promise<Driven> {
  const at = await deployJurisdiction();
  const transformer = await at.ethers.deployContract("DevTransformer");
  const tokens = [at.token];
  for (let token = 2; token <= DEPOSITS.length; token++) {
    const another = await at.ethers.deployContract("DevToken", [`Dev ${token}`, "DEV", 18]);
    await at.depository.registerToken(1, await another.getAddress(), 0);
    tokens.push(another as unknown as DevToken);
  }
  const depository = fromHex(await at.depository.getAddress());
  const driven = {
    at,
    domain: depositoryDomain(Number(at.domain.chainId), depository),
    world: createWorld(
      keysOf("closing", 5),
      tokens.map((_, index) => index + 1),
      { transformer: fromHex((await transformer.getAddress()).toLowerCase()), answerOf },
    ),
  };
  for (const [index, token] of tokens.entries()) {
    await token.mint(at.signer.address, 2n ** 127n - 1n);
    await token.approve(toHex(depository), 2n ** 127n - 1n);
    await deposit(driven, index + 1, DEPOSITS[index] as bigint);
  }
  driven.world.now = await at.time.latest();
  return driven;
}

async function deposit(driven: Driven, token: number, amount: bigint): Promise<void> {
  const { at, world } = driven;
  if (amount === 0n) return;
  world.now = await at.time.latest();
  for (const [party, key] of world.parties.entries()) {
    await tick(driven);
    const packed = (BigInt(token) << 128n) | amount;
    const lines = [
      `Deposited(${key.id},${at.signer.address},${packed})`,
      addReserve(world, party, token, amount),
    ];
    await send(driven, at.depository.deposit(key.id, token, amount), lines);
  }
}

describe("closing accounts: the keeper predicts what the contracts do", () => {
  let debts = 0;

  for (let series = 0; series < SERIES; series++) {
    it(`TST-2, DIS-4, CND-1, DEB-1: events and views, seed "${SEED} ${series}"`, async function () {
      this.timeout(120_000);
      const random = createRandom(`${SEED} ${series}`);
      const driven = await drive();
      for (let round = 0; round < ROUNDS; round++) {
        try {
          await playRound(driven, random);
        } catch (error) {
          throw new Error(`seed "${SEED} ${series}", round ${round}`, { cause: error });
        }
      }
      await compareAll(driven);
      debts += countDebts(driven.world);
    });
  }

  it("TST-2, DIS-1, CND-1: bodies and conditions have the same hashes", async () => {
    const driven = await drive();
    const harness = (await driven.at.ethers.deployContract(
      "DigestHarness",
    )) as unknown as DigestHarness;
    const random = createRandom(`${SEED} hashes`);
    for (let i = 0; i < 40; i++) {
      const account = random.pick(driven.world.accounts);
      const { body } = drawProof(random, driven.world, account, 0);
      const slots: string[] = [];
      for (const slot of body.slots) slots.push(await hashOf(harness, slot));
      const root = await harness.conditionsRoot(slots);
      const rows = body.rows.map((row) => ({ ...row }));
      expect(await harness.bodyHash(rows, root), `body ${i}`).to.equal(toHex(hashBody(body)));
    }
  });

  after(() => {
    expect(debts, "debts were open at the end of some series").to.be.above(0);
  });
});

const ZERO = `0x${"00".repeat(32)}`;

/** As the contract hashes it, from the parts; and as the keeper does, from its bytes. */
async function hashOf(harness: DigestHarness, slot: EnforcedCondition | null): Promise<string> {
  if (slot === null) return ZERO;
  const bytes = packCondition(slot);
  const amounts = slot.moves.map((move) => ({ ...move }));
  const hash = await harness.conditionHash({
    kind: bytes[0] as number,
    deadline: slot.deadline,
    subject: toHex(bytes.subarray(9, 41)),
    amounts,
    data: toHex(bytes.subarray(42 + 20 * amounts.length)),
  });
  expect(hash).to.equal(toHex(keccak256(bytes)));
  return hash;
}

function countDebts({ queues }: World): number {
  return [...queues.values()].reduce((sum, { debts }) => sum + debts.length, 0);
}
