import { expect } from "chai";
import { id } from "ethers";
import { describe, it } from "mocha";

import {
  type EnforcedCondition,
  hashBody,
  packCondition,
  type Transformer,
} from "../../keeper/account/body.ts";
import { asBytes32, bigintFromBytes, fromHex, toHex } from "../../keeper/base/bytes.ts";
import { createRandom } from "../../keeper/base/random.ts";
import { keccak256 } from "../../keeper/codec/keccak.ts";
import { entityProviderDomain } from "../../keeper/jurisdiction/action.ts";
import { depositoryDomain } from "../../keeper/jurisdiction/digest.ts";
import type { DevToken } from "../../typechain-types/dev/DevToken.ts";
import type { DigestHarness } from "../../typechain-types/dev/DigestHarness.ts";
import { drawProof, ENOUGH_GAS } from "./closing/draw.ts";
import { compareAll, type Driven, send, tick } from "./closing/drive.ts";
import { boardHashOf, createParties, type Party, type Tenure } from "./closing/party.ts";
import { playRound } from "./closing/round.ts";
import { addReserve, createWorld } from "./closing/world.ts";
import { deployJurisdiction } from "./jurisdiction.ts";
import { planHash } from "./plan.ts";

/** `XLN_SEED` plays others: what fails here prints the one that it failed with. */
const SEED = process.env.XLN_SEED ?? "closing";
const [SERIES, ROUNDS] = [12, 20];
/** Few, so that many locks wait for each. */
const PLANS = 4;
/** So much is brought into each reserve of each token; of the last token nothing. */
const DEPOSITS = [10n ** 8n, 2n ** 124n, 30n, 0n];

const TO_REACH = [
  "started without a proof",
  "a proof that overtook",
  "accepted before the window ends",
  "refused while the window is open",
  "refused while a condition is undecided",
  "hashLock",
  "planLock",
  "limitOrder",
  "transformer",
  "hashLock, nothing recorded",
  "planLock, nothing recorded",
  "limitOrder, nothing recorded",
  "transformer, nothing recorded",
  "as much as left may owe",
  "as much as right may owe",
  "paid in whole",
  "paid in part",
  "a debt",
  "owed by a retired board",
  "a debt swept",
  "a debt swept in part",
  "a forgiven debt passed over",
  "a sweep that paid nothing",
];

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
  const parties = createParties("closing", 5);
  const plans = Array.from({ length: PLANS }, (_, i) => ({
    signers: parties.slice(1, 3),
    legsHash: id(`legs ${i}`),
    salt: id(`salt ${i}`),
  }));
  const [numbered] = parties as [Party];
  await at.entityProvider.registerEntity(boardHashOf((numbered.tenures[0] as Tenure).key));
  const chainId = Number(at.domain.chainId);
  const provider = fromHex(await at.entityProvider.getAddress());
  const driven = {
    at,
    plans,
    boards: entityProviderDomain(chainId, provider),
    domain: depositoryDomain(chainId, depository),
    world: createWorld(
      parties,
      tokens.map((_, index) => index + 1),
      {
        plans: plans.map((plan) => asBytes32(fromHex(planHash(at.domain, plan)))),
        transformer: fromHex((await transformer.getAddress()).toLowerCase()),
        answerOf,
      },
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
  const reached = new Map<string, number>();

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
      for (const [what, times] of driven.world.reached) {
        reached.set(what, (reached.get(what) ?? 0) + times);
      }
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

  it("TST-2: the rounds reach what they are for", () => {
    for (const what of TO_REACH) expect(reached.get(what) ?? 0, what).to.be.at.least(1);
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
