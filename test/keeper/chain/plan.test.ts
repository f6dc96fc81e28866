/** Plans as the Depository commits them: the keeper's hash, certificate and settlements are its. */
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { RpcLog } from "viem";
import {
  type Bytes,
  type Bytes32,
  compareBytes,
  concatBytes,
  EMPTY_BYTES,
  toHex,
  ZERO_BYTES32,
} from "../../../keeper/base/bytes.ts";
import { createRandom, type Random } from "../../../keeper/base/random.ts";
import { chainEvents } from "../../../keeper/chain/event.ts";
import { createSubmitter } from "../../../keeper/chain/submitter.ts";
import type { Landed, Submission, Submitter } from "../../../keeper/chain/types.ts";
import { type Board, boardHash } from "../../../keeper/codec/board.ts";
import { encodeBoardSignature } from "../../../keeper/codec/board-signature.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { leafHash, rootOf } from "../../../keeper/codec/merkle.ts";
import { rootDigest } from "../../../keeper/codec/root.ts";
import { signDigest } from "../../../keeper/codec/signature.ts";
import type { EntityId } from "../../../keeper/jurisdiction/types.ts";
import { type PartLeg, type PartPayment, planFromPart } from "../../../keeper/plan/build.ts";
import { shareOfCertificate } from "../../../keeper/plan/certificate.ts";
import { legsHash, planHash, preparedDigest } from "../../../keeper/plan/digest.ts";
import { MAX_SETTLEMENTS, MAX_SIGNERS } from "../../../keeper/plan/limit.ts";
import type { Plan } from "../../../keeper/plan/types.ts";
import { type DevKey, devKeys } from "../../../scripts/vector/dev-key.ts";
import { CHAIN_ID, type Chain, FAR, gasKey, keys, startChain, startProxy } from "./chain.ts";

const RICH = 10n ** 6n;

/** Who may sign a plan: an entity, and how it signs a digest. */
type Signer = { readonly entity: EntityId; readonly sign: (digest: Bytes32) => Bytes };

/** A single key; its signature covers a tree so many levels high. */
function signerOf({ entity, privateKey }: DevKey, levels = 0): Signer {
  return {
    entity,
    sign: (digest) => {
      const names = Array.from({ length: levels }, (_, level) => keccakText(`level ${level}`));
      const path = concatBytes(...names);
      const root = rootOf(leafHash(entity, digest), path);
      return concatBytes(signDigest(privateKey, rootDigest(root)), path);
    },
  };
}

/** An unregistered board of so many keys, all of which sign. */
function boardOf(members: readonly DevKey[], weight: number): Signer {
  const sorted = members.toSorted((a, b) => compareBytes(a.entity, b.entity));
  const listed = sorted.map(({ entity: id }, at) => ({ id, weight: at === 0 ? weight : 1 }));
  const threshold = listed.reduce((sum, one) => sum + one.weight, 0);
  const board: Board = { threshold, members: listed };
  const entity = boardHash(board);
  const sign = (digest: Bytes32): Bytes => {
    const root = rootDigest(leafHash(entity, digest));
    const signatures = sorted.map(({ privateKey }, member) => {
      return { member, signature: signDigest(privateKey, root) };
    });
    return encodeBoardSignature({ board, path: EMPTY_BYTES, signatures });
  };
  return { entity, sign };
}

/** Each owes the next; what that leaves at the ends, and more, is paid from reserve to reserve. */
function planOf(
  domain: Bytes32,
  signers: readonly Signer[],
  salt: string,
  payments: readonly (readonly [number, number, bigint])[],
): Plan {
  const idOf = (index: number): EntityId => (signers[index] as Signer).entity;
  const legs = new Map<string, PartLeg>();
  const move = (from: number, to: number, amount: bigint): void => {
    const isLeft = compareBytes(idOf(from), idOf(to)) < 0;
    const [left, right] = isLeft ? [idOf(from), idOf(to)] : [idOf(to), idOf(from)];
    const key = `${toHex(left)}${toHex(right)}`;
    const before = legs.get(key)?.amount ?? 0n;
    legs.set(key, { left, right, token: 1, amount: before + (isLeft ? amount : -amount) });
  };
  // A ring under all, so that everybody has legs; then the way of each payment back along it.
  for (let at = 0; at < signers.length; at++) move(at, (at + 1) % signers.length, 1_000n);
  for (const [from, to, amount] of payments) {
    for (let at = from; at !== to; at = (at + 1) % signers.length) {
      move(at, (at + 1) % signers.length, amount);
    }
  }
  const paid = payments.map(([from, to, amount]): PartPayment => {
    return { from: idOf(from), to: idOf(to), token: 1, amount, epoch: 0 };
  });
  const terms = { domain, salt: keccakText(salt), commitBy: FAR };
  const plan = planFromPart([...legs.values()], terms, paid);
  if (!plan.ok) throw new Error(plan.refusal.message);
  return plan.value;
}

/** The work that shows its certificate. */
function commitOf(plan: Plan, signers: readonly Signer[]): Submission & { kind: "plan" } {
  const { settlements, salt, commitBy } = plan;
  const hash = planHash(plan);
  const digest = preparedDigest(plan.domain, hash);
  const signatures = plan.signers.map((id) => {
    const signer = signers.find(({ entity }) => compareBytes(entity, id) === 0) as Signer;
    return signer.sign(digest);
  });
  const content = { signers: plan.signers, legsHash: legsHash(plan.legs), settlements };
  return { kind: "plan", commit: { plan: hash, ...content, salt, commitBy, signatures } };
}

describe("plans on chain", function () {
  this.timeout(60_000);

  let chain: Chain;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let snapshot: unknown;
  let submitters: Submitter[];
  let landed: Landed[];
  let troubles: string[];
  const [alice, bob, carol] = keys as unknown as [DevKey, DevKey, DevKey];
  const three = [alice, bob, carol].map((key) => signerOf(key));

  function submitter(key: Bytes32 = gasKey, finalityDepth = 0): Submitter {
    const made = createSubmitter({
      rpc: [proxy.url],
      chainId: CHAIN_ID,
      depository: chain.depository,
      gasKey: key,
      pollMs: 20,
      finalityDepth,
      sent: () => {},
      landed: (transaction) => void landed.push(transaction),
      trouble: (event, detail) => void troubles.push(`${event}: ${detail}`),
    });
    submitters.push(made);
    return made;
  }

  /** The node's calls are the clock; Mocha's limit ends a wait in vain. */
  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await chain.rpc("eth_chainId");
  }

  /** The plans that the chain says are committed, as the watcher reads it. */
  async function committed(): Promise<string[]> {
    const filter = { address: toHex(chain.depository), fromBlock: "0x0", toBlock: "latest" };
    const logs = (await chain.rpc("eth_getLogs", [filter])) as RpcLog[];
    return chainEvents(logs).flatMap((event) => (event.kind === "plan" ? [toHex(event.plan)] : []));
  }

  before(async () => {
    chain = await startChain();
    proxy = await startProxy(chain);
    for (const key of keys) await chain.deposit(key, RICH);
  });

  beforeEach(async () => {
    snapshot = await chain.rpc("evm_snapshot");
    submitters = [];
    landed = [];
    troubles = [];
    proxy.state.meddle = (call, ask) => ask(call);
  });

  afterEach(async () => {
    await Promise.all(submitters.map((made) => made.stop()));
    await chain.rpc("evm_setAutomine", [true]);
    await chain.rpc("evm_revert", [snapshot]);
  });

  after(async () => {
    await proxy.stop();
    await chain.stop();
  });

  it("NET-5: a certificate that two signers show commits the plan once, and both are done", async () => {
    const plan = planOf(chain.domain, three, "twice", []);
    const work = commitOf(plan, three);
    await chain.rpc("evm_setAutomine", [false]);
    const both = [submitter(), submitter(alice.privateKey)];
    for (const made of both) made.submit([work, work]);
    const isPending = async (): Promise<boolean> => {
      const waiting = (await chain.rpc("eth_pendingTransactions")) as unknown[];
      return waiting.length === 2;
    };
    await until(isPending);
    await chain.rpc("evm_setAutomine", [true]);
    await chain.mine(1);
    await until(() => both.every((made) => made.waiting() === 0));
    expect(await committed()).to.deep.equal([toHex(planHash(plan))]);
    expect(
      landed.map(({ plans, batches, settlements }) => [plans, batches, settlements]),
    ).to.deep.equal([[1, 0, 0]]);
    const late = submitter();
    late.submit([work]);
    await until(() => late.waiting() === 0);
    expect(landed).to.have.length(1);
  });

  it("NET-5: what a reorg takes off the chain is shown again until it is final", async () => {
    const plan = planOf(chain.domain, three, "reorg", []);
    const before = await chain.rpc("evm_snapshot");
    const made = submitter(gasKey, 3);
    made.submit([commitOf(plan, three)]);
    await until(() => landed.length === 1);
    expect(made.waiting(), "not final yet").to.equal(1);
    await chain.rpc("evm_revert", [before]);
    expect(await committed()).to.deep.equal([]);
    await until(async () => (await committed()).length === 1);
    await chain.mine(4);
    await until(() => made.waiting() === 0);
    expect(await committed()).to.deep.equal([toHex(planHash(plan))]);
  });

  it("NET-6: A pays C with the commit, and without its money nothing happens at all", async () => {
    const poor = planOf(chain.domain, three, "poor", [[0, 2, RICH + 1n]]);
    const plan = planOf(chain.domain, three, "paid", [[0, 2, 700n]]);
    const made = submitter();
    made.submit([commitOf(poor, three)]);
    await until(() => troubles.length > 0);
    expect(troubles[0]).to.match(/^cannot land now: plan 0x\w+: ReserveInsufficient\(/);
    made.submit([commitOf(plan, three)]);
    await until(async () => (await committed()).length === 1);
    expect(await committed()).to.deep.equal([toHex(planHash(plan))]);
    const reserves = await Promise.all([alice, bob, carol].map((key) => chain.reserveOf(key)));
    expect(reserves).to.deep.equal([RICH - 700n, RICH, RICH + 700n]);
  });

  it("TST-2, NET-5: random plans have the hash that the contract gives them", async () => {
    const random: Random = createRandom(11);
    const made = submitter();
    const hashes: string[] = [];
    for (let round = 0; round < 12; round++) {
      const count = 3 + random.below(8);
      const people = random.shuffle([...keys]).slice(0, count);
      const signers = people.map((key) => signerOf(key, random.below(4)));
      if (random.chance(1, 3)) signers[0] = boardOf(people.slice(0, 3), 1 + round);
      // A board has no reserve: it only receives.
      const payments = Array.from(
        { length: random.below(3) },
        (): readonly [number, number, bigint] => {
          const from = 1 + random.below(count - 1);
          const to = (from + 1 + random.below(count - 2)) % count;
          return [from, to === from ? 0 : to, BigInt(1 + random.below(500))];
        },
      );
      const plan = planOf(chain.domain, signers, `random ${round}`, payments);
      hashes.push(toHex(planHash(plan)));
      made.submit([commitOf(plan, signers)]);
      await until(() => made.waiting() === 0);
    }
    expect(troubles).to.deep.equal([]);
    expect(await committed()).to.deep.equal(hashes);
  });

  it("NET-5: one false signature, and the plan is not committed", async () => {
    const plan = planOf(chain.domain, three, "false", []);
    const other = planOf(chain.domain, three, "other", []);
    const { commit } = commitOf(plan, three);
    const wrong = commitOf(other, three).commit.signatures;
    for (let signer = 0; signer < 3; signer++) {
      const signatures = commit.signatures.with(signer, wrong[signer] as Bytes);
      const made = submitter();
      made.submit([{ kind: "plan", commit: { ...commit, signatures } }]);
      await until(() => troubles.length === signer + 1);
      expect(troubles[signer]).to.match(/^cannot land now: plan 0x\w+: [A-Z]\w+\(/);
      await made.stop();
    }
    expect(await committed()).to.deep.equal([]);
  });

  it("DEP-8, NET-5: the largest plan that keepers go by fits one call of the chain", async () => {
    const many = devKeys(40);
    const share = shareOfCertificate(MAX_SIGNERS);
    const isShort = (members: number): boolean => {
      const { sign } = boardOf(many.slice(0, members), 1);
      return sign(ZERO_BYTES32).length <= share;
    };
    let members = 1;
    while (isShort(members + 1)) members++;
    const boards = Array.from({ length: MAX_SIGNERS - MAX_SETTLEMENTS / 2 - 1 }, (_, at) =>
      boardOf(many.slice(0, members), 2 + at),
    );
    const rich = keys.slice(0, MAX_SIGNERS - boards.length).map((key) => signerOf(key, 32));
    const signers = [...rich, ...boards];
    const payments = Array.from(
      { length: MAX_SETTLEMENTS },
      (_, at): readonly [number, number, bigint] => {
        return [at % rich.length, (at % rich.length) + 1 + Math.floor(at / rich.length) * 3, 5n];
      },
    );
    const plan = planOf(chain.domain, signers, "largest", payments);
    expect(plan.settlements).to.have.length(MAX_SETTLEMENTS);
    const work = commitOf(plan, signers);
    const bytes = work.commit.signatures.reduce((sum, { length }) => sum + length, 0);
    expect(Math.max(...work.commit.signatures.map(({ length }) => length))).to.be.greaterThan(
      share - 320,
    );
    const made = submitter();
    made.submit([work]);
    await until(() => made.waiting() === 0);
    expect(troubles).to.deep.equal([]);
    expect(await committed()).to.deep.equal([toHex(planHash(plan))]);
    const gas = landed[0]?.gasUsed ?? 0n;
    expect(gas > 0n && gas < 15_000_000n, `${gas} gas for ${bytes} bytes`).to.equal(true);
  });
});
