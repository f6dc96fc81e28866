/** Plans that end on a real chain, between real keepers with their disks (NET-5, NET-6). */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createPublicClient, http } from "viem";
import { compareBytes, toHex } from "../../keeper/base/bytes.ts";
import type { Actor } from "../../keeper/cli/up/cast.ts";
import { keccakText } from "../../keeper/codec/keccak.ts";
import { depositoryAbi } from "../../keeper/jurisdiction/contract.ts";
import { depositoryDomain } from "../../keeper/jurisdiction/digest.ts";
import { nettingFlow } from "../../keeper/netting-flow.ts";
import { type PartLeg, planFromPart } from "../../keeper/plan/build.ts";
import { planHash } from "../../keeper/plan/digest.ts";
import type { Plan } from "../../keeper/plan/types.ts";
import { rpc } from "./rpc.ts";
import { type Ground, owe, startGround, startThree, type Three, TIMES, TOKEN } from "./three.ts";

type Pair = readonly [Actor, Actor];

const OWED = 1_000n;
const RESERVE = 5_000n;
/** Seconds from a proposal to its `commitBy`. */
const AHEAD = 2 * TIMES.responseTime - TIMES.inclusionMargin - 5;

let ground: Ground;

async function withThree(look: (three: Three) => Promise<void>): Promise<void> {
  const three = await startThree(ground, RESERVE);
  try {
    await look(three);
  } finally {
    await three.stop();
  }
}

/** The node's answers are the clock; the suite's limit ends a wait in vain. */
async function until(three: Three, isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await rpc(three.chain.url, "eth_chainId");
}

/** What `one` still owes `other`. */
function debt(three: Three, [one, other]: Pair): bigint {
  const { state, me } = three.account(other, one);
  const delta = state.rows.reduce((sum, row) => sum + row.ondelta + row.offdelta, 0n);
  return me === "left" ? delta : -delta;
}

function read(
  three: Three,
  functionName: "planCommittedAt" | "reserveOf",
  args: readonly unknown[],
) {
  const client = createPublicClient({ transport: http(three.chain.url) });
  const address = three.depository as `0x${string}`;
  const call = { abi: depositoryAbi, address, functionName, args } as never;
  return client.readContract(call) as Promise<bigint>;
}

function reserveOf(three: Three, { id }: Actor): Promise<bigint> {
  return read(three, "reserveOf", [toHex(id), TOKEN]);
}

function committedAt(three: Three, plan: Plan): Promise<bigint> {
  return read(three, "planCommittedAt", [toHex(planHash(plan))]);
}

/** Both sides have signed the same head of each account, and nobody has a plan under way. */
function isAtRest(three: Three, pairs: readonly Pair[]): boolean {
  const idle = three.actors.every((actor) => {
    const { participations, coordinations } = three.entity(actor).plans;
    return participations.size + coordinations.size === 0;
  });
  const agreed = pairs.every(([one, other]) => {
    const [a, b] = [three.account(one, other), three.account(other, one)];
    return toHex(a.state.head) === toHex(b.state.head) && a.state.conditions.slots.length === 0;
  });
  return idle && agreed;
}

function circleOf({ actors: [a, b, c] }: Three): readonly Pair[] {
  return [
    [a, b],
    [b, c],
    [c, a],
  ];
}

async function circularPlan(three: Three, salt: string): Promise<Plan> {
  const legs = circleOf(three).map(([one, other]): PartLeg => {
    const isLeft = compareBytes(one.id, other.id) < 0;
    const [left, right] = isLeft ? [one.id, other.id] : [other.id, one.id];
    return { left, right, token: TOKEN, amount: isLeft ? OWED : -OWED };
  });
  const { chainId } = three.chain;
  const depository = Buffer.from(three.depository.slice(2), "hex");
  const domain = depositoryDomain(chainId, new Uint8Array(depository));
  const commitBy = (await three.now()) + AHEAD;
  const plan = planFromPart(legs, { domain, salt: keccakText(salt), commitBy });
  if (!plan.ok) throw new Error(plan.refusal.message);
  return plan.value;
}

describe("plans on a real chain", () => {
  before(async () => {
    ground = await startGround();
  });

  after(() => ground.chain.running.stop());

  it("NET-5: one silent after prepared: the others commit on chain, and it follows", async () => {
    await withThree(async (three) => {
      const [a, b, c] = three.actors;
      const circle = circleOf(three);
      await owe(three, circle, OWED, OWED / 10n);
      const plan = await circularPlan(three, "silent");
      const key = toHex(planHash(plan));
      const phaseOf = (actor: Actor) => three.entity(actor).plans.participations.get(key)?.phase;
      const gone = three.endWhen(c, ({ plans }) => {
        return plans.participations.get(key)?.phase === "prepared";
      });
      const result = three.command(a, "net", { kind: "coordinate", plan });
      await gone;
      await until(three, () => debt(three, [a, b]) === 0n);
      expect([phaseOf(a), phaseOf(b)]).to.deep.equal(["certified", "certified"]);
      expect(await committedAt(three, plan)).to.equal(0n);
      const untilApplyBy = AHEAD - TIMES.inclusionMargin - TIMES.responseTime;
      await rpc(three.chain.url, "evm_increaseTime", [untilApplyBy]);
      await until(three, async () => (await committedAt(three, plan)) > 0n);
      expect(Number(await committedAt(three, plan))).to.be.at.most(plan.commitBy);
      await until(three, () => phaseOf(a) === "committed" && phaseOf(b) === "committed");
      expect(debt(three, [b, c]), "held with the one who is away").to.equal(OWED);
      await three.start(c);
      await until(three, () => isAtRest(three, circle));
      expect(circle.map((pair) => debt(three, pair))).to.deep.equal([0n, 0n, 0n]);
      const { ok, ...told } = await result;
      expect(ok).to.equal(true);
      expect(told).to.deep.equal({ value: { kind: "plan", committed: true, refusals: [] } });
    });
  });

  it("NET-5: one gone before it signs: all let go when a final block shows no commit", async () => {
    await withThree(async (three) => {
      const [a, , c] = three.actors;
      const circle = circleOf(three);
      await owe(three, circle, OWED, OWED / 10n);
      const plan = await circularPlan(three, "unsigned");
      const key = toHex(planHash(plan));
      const gone = three.endWhen(c, ({ plans }) => {
        const accounts = plans.participations.get(key)?.accounts ?? [];
        return accounts.length > 0 && accounts.every(({ status }) => status === "held");
      });
      const result = three.command(a, "net", { kind: "coordinate", plan });
      await gone;
      await until(three, () => three.entity(a).plans.participations.get(key)?.phase === "prepared");
      await rpc(three.chain.url, "evm_increaseTime", [AHEAD]);
      await until(three, () => three.entity(a).plans.participations.get(key)?.phase === "dropped");
      await three.start(c);
      await until(three, () => isAtRest(three, circle));
      expect(circle.map((pair) => debt(three, pair))).to.deep.equal([OWED, OWED, OWED]);
      expect(await committedAt(three, plan)).to.equal(0n);
      const told = await result;
      expect(told.ok && told.value.kind === "plan" && told.value.committed).to.equal(false);
    });
  });

  it("NET-6: a chain of debts is netted, and its ends are paid on chain", async () => {
    await withThree(async (three) => {
      const [a, b, c] = three.actors;
      const line: readonly Pair[] = [
        [a, b],
        [b, c],
      ];
      await owe(three, line, OWED, OWED / 10n);
      const flow = nettingFlow("round", {
        coordinator: b.id,
        participants: three.actors.map(({ id }) => id),
        objective: "excess",
        commitBy: (await three.now()) + AHEAD,
        settleBy: null,
        chains: true,
      });
      const [result] = await three.keeper(b).queue.runFlows("netting", [flow]);
      const { ok, plans } = result as unknown as { ok: boolean; plans: readonly object[] };
      expect(ok).to.equal(true);
      expect(plans).to.have.length(1);
      expect(plans[0]).to.deep.include({
        committed: true,
        pays: { from: toHex(a.id), to: toHex(c.id), amount: `${OWED}` },
        refusals: [],
      });
      await until(three, () => isAtRest(three, line));
      expect(line.map((pair) => debt(three, pair))).to.deep.equal([0n, 0n]);
      const reserves = await Promise.all(three.actors.map((actor) => reserveOf(three, actor)));
      expect(reserves).to.deep.equal([RESERVE - OWED, RESERVE, RESERVE + OWED]);
      await until(three, () => three.entity(c).reserves.get(TOKEN) === RESERVE + OWED);
    });
  });
});
