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
import { type Ground, owe, startGround, startWorld, TIMES, TOKEN, type World } from "./world.ts";

type Pair = readonly [Actor, Actor];

const OWED = 1_000n;
const RESERVE = 5_000n;
/** Seconds from a proposal to its `commitBy`. */
const AHEAD = 2 * TIMES.responseTime - TIMES.inclusionMargin - 5;

let ground: Ground;

async function withWorld(count: number, look: (world: World) => Promise<void>): Promise<void> {
  const world = await startWorld(ground, RESERVE, count);
  try {
    await look(world);
  } finally {
    await world.stop();
  }
}

/** The node's answers are the clock; the suite's limit ends a wait in vain. */
async function until(world: World, isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await rpc(world.chain.url, "eth_chainId");
}

/** What `one` still owes `other`. */
function debt(world: World, [one, other]: Pair): bigint {
  const { state, me } = world.account(other, one);
  const delta = state.rows.reduce((sum, row) => sum + row.ondelta + row.offdelta, 0n);
  return me === "left" ? delta : -delta;
}

function read(
  world: World,
  functionName: "planCommittedAt" | "reserveOf",
  args: readonly unknown[],
) {
  const client = createPublicClient({ transport: http(world.chain.url) });
  const address = world.depository as `0x${string}`;
  const call = { abi: depositoryAbi, address, functionName, args } as never;
  return client.readContract(call) as Promise<bigint>;
}

function reserveOf(world: World, { id }: Actor): Promise<bigint> {
  return read(world, "reserveOf", [toHex(id), TOKEN]);
}

function committedAt(world: World, plan: Plan): Promise<bigint> {
  return read(world, "planCommittedAt", [toHex(planHash(plan))]);
}

/** Both sides have signed the same head of each account, and nobody has a plan under way. */
function isAtRest(world: World, pairs: readonly Pair[]): boolean {
  const idle = world.actors.every((actor) => {
    const { participations, coordinations } = world.entity(actor).plans;
    return participations.size + coordinations.size === 0;
  });
  const agreed = pairs.every(([one, other]) => {
    const [a, b] = [world.account(one, other), world.account(other, one)];
    return toHex(a.state.head) === toHex(b.state.head) && a.state.conditions.slots.length === 0;
  });
  return idle && agreed;
}

function circleOf({ actors }: World): readonly Pair[] {
  const [a, b, c] = actors as readonly [Actor, Actor, Actor];
  return [
    [a, b],
    [b, c],
    [c, a],
  ];
}

async function circularPlan(world: World, salt: string): Promise<Plan> {
  const legs = circleOf(world).map(([one, other]): PartLeg => {
    const isLeft = compareBytes(one.id, other.id) < 0;
    const [left, right] = isLeft ? [one.id, other.id] : [other.id, one.id];
    return { left, right, token: TOKEN, amount: isLeft ? OWED : -OWED };
  });
  const { chainId } = world.chain;
  const depository = Buffer.from(world.depository.slice(2), "hex");
  const domain = depositoryDomain(chainId, new Uint8Array(depository));
  const commitBy = (await world.now()) + AHEAD;
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
    await withWorld(3, async (world) => {
      const [a, b, c] = world.actors as readonly [Actor, Actor, Actor];
      const circle = circleOf(world);
      await owe(world, circle, OWED, OWED / 10n);
      const plan = await circularPlan(world, "silent");
      const key = toHex(planHash(plan));
      const phaseOf = (actor: Actor) => world.entity(actor).plans.participations.get(key)?.phase;
      const gone = world.endWhen(c, ({ plans }) => {
        return plans.participations.get(key)?.phase === "prepared";
      });
      const result = world.command(a, "net", { kind: "coordinate", plan });
      await gone;
      await until(world, () => debt(world, [a, b]) === 0n);
      expect([phaseOf(a), phaseOf(b)]).to.deep.equal(["certified", "certified"]);
      expect(await committedAt(world, plan)).to.equal(0n);
      const untilApplyBy = AHEAD - TIMES.inclusionMargin - TIMES.responseTime;
      await rpc(world.chain.url, "evm_increaseTime", [untilApplyBy]);
      await until(world, async () => (await committedAt(world, plan)) > 0n);
      expect(Number(await committedAt(world, plan))).to.be.at.most(plan.commitBy);
      await until(world, () => phaseOf(a) === "committed" && phaseOf(b) === "committed");
      expect(debt(world, [b, c]), "held with the one who is away").to.equal(OWED);
      await world.start(c);
      await until(world, () => isAtRest(world, circle));
      expect(circle.map((pair) => debt(world, pair))).to.deep.equal([0n, 0n, 0n]);
      const { ok, ...told } = await result;
      expect(ok).to.equal(true);
      expect(told).to.deep.equal({ value: { kind: "plan", committed: true, refusals: [] } });
    });
  });

  it("NET-5: one gone before it signs: all let go when a final block shows no commit", async () => {
    await withWorld(3, async (world) => {
      const [a, , c] = world.actors as readonly [Actor, Actor, Actor];
      const circle = circleOf(world);
      await owe(world, circle, OWED, OWED / 10n);
      const plan = await circularPlan(world, "unsigned");
      const key = toHex(planHash(plan));
      const gone = world.endWhen(c, ({ plans }) => {
        const accounts = plans.participations.get(key)?.accounts ?? [];
        return accounts.length > 0 && accounts.every(({ status }) => status === "held");
      });
      const result = world.command(a, "net", { kind: "coordinate", plan });
      await gone;
      await until(world, () => world.entity(a).plans.participations.get(key)?.phase === "prepared");
      await rpc(world.chain.url, "evm_increaseTime", [AHEAD]);
      await until(world, () => world.entity(a).plans.participations.get(key)?.phase === "dropped");
      await world.start(c);
      await until(world, () => isAtRest(world, circle));
      expect(circle.map((pair) => debt(world, pair))).to.deep.equal([OWED, OWED, OWED]);
      expect(await committedAt(world, plan)).to.equal(0n);
      const told = await result;
      expect(told.ok && told.value.kind === "plan" && told.value.committed).to.equal(false);
    });
  });

  it("NET-6: A owes B owes C owes D: netted, and A pays D by the certificate on chain", async () => {
    await withWorld(4, async (world) => {
      const [a, b, c, d] = world.actors as readonly [Actor, Actor, Actor, Actor];
      const line: readonly Pair[] = [
        [a, b],
        [b, c],
        [c, d],
      ];
      await owe(world, line, OWED, OWED / 10n);
      const flow = nettingFlow("round", {
        coordinator: b.id,
        participants: world.actors.map(({ id }) => id),
        objective: "excess",
        commitBy: (await world.now()) + AHEAD,
        settleBy: null,
        chains: true,
      });
      const [result] = await world.keeper(b).queue.runFlows("netting", [flow]);
      const { ok, plans } = result as unknown as { ok: boolean; plans: readonly object[] };
      expect(ok).to.equal(true);
      expect(plans).to.have.length(1);
      expect(plans[0]).to.deep.include({
        committed: true,
        pays: { from: toHex(a.id), to: toHex(d.id), amount: `${OWED}` },
        refusals: [],
      });
      await until(world, () => isAtRest(world, line));
      expect(line.map((pair) => debt(world, pair))).to.deep.equal([0n, 0n, 0n]);
      const reserves = await Promise.all(world.actors.map((actor) => reserveOf(world, actor)));
      expect(reserves).to.deep.equal([RESERVE - OWED, RESERVE, RESERVE, RESERVE + OWED]);
      await until(world, () => world.entity(d).reserves.get(TOKEN) === RESERVE + OWED);
    });
  });
});
