/**
 * Some keepers of one entity each in this process, on a real Hardhat node: for tests that look at
 * what a keeper knows, and end it at a moment of their choice.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transaction } from "../../keeper/account/transaction.ts";
import type { Account } from "../../keeper/account/types.ts";
import { compareBytes, toHex } from "../../keeper/base/bytes.ts";
import { type Actor, developmentKey } from "../../keeper/cli/up/cast.ts";
import type { Deployment } from "../../keeper/cli/up/deployment.ts";
import { depositAll } from "../../keeper/cli/up/fund.ts";
import { deploy, type LocalChain, startNode } from "../../keeper/cli/up/ground.ts";
import { addressEntity } from "../../keeper/codec/identity.ts";
import { addressOf, publicKeyOf } from "../../keeper/codec/signature.ts";
import { type Config, parseConfig } from "../../keeper/config.ts";
import type { Command, CommandResult, Entity } from "../../keeper/entity/types.ts";
import { type Keeper, startKeeper } from "../../keeper/main.ts";
import { createLog } from "../../keeper/observe/log.ts";
import { fileSink } from "../../keeper/observe/sink.ts";
import { freePort } from "../../keeper/queue/redis-server.ts";
import type { Runtime } from "../../keeper/runtime/types.ts";
import { rpc } from "./rpc.ts";

export const TOKEN = 1;
/** Seconds of the jurisdiction: the node's time goes on by four or more a second. */
export const TIMES = { inclusionMargin: 4, responseTime: 60 } as const;

export type World = {
  readonly chain: LocalChain;
  /** In the order of their ids. */
  readonly actors: readonly Actor[];
  readonly depository: string;
  readonly keeper: (actor: Actor) => Keeper;
  readonly entity: (actor: Actor) => Entity;
  readonly account: (of: Actor, peer: Actor) => Account;
  readonly command: (actor: Actor, id: string, command: Command) => Promise<CommandResult>;
  /** Ends a keeper as soon as its entity is so after a tick, before the next. */
  readonly endWhen: (actor: Actor, isSo: (entity: Entity) => boolean) => Promise<void>;
  readonly start: (actor: Actor) => Promise<void>;
  /** The time of the newest block. */
  readonly now: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

type Watch = { readonly isSo: (entity: Entity) => boolean; readonly ended: () => void };

/** A chain with the contracts on it, for one world after another. */
export type Ground = {
  readonly chain: LocalChain;
  readonly deployment: Deployment;
};

export async function startGround(): Promise<Ground> {
  const chain = await startNode({ chainId: 31_337, interval: 250 });
  return { chain, deployment: await deploy(chain.url, ["UNIT"]) };
}

/** Each world has keys of its own: on a chain that others have used nobody knows it. */
let nextKey = 100;

/** Starts so many keepers, with this much in each reserve. */
export async function startWorld(ground: Ground, reserve: bigint, count: number): Promise<World> {
  const { chain, deployment } = ground;
  const folder = mkdtempSync(join(tmpdir(), "xln-world-"));
  const ids = Array.from({ length: count }, () => {
    const key = developmentKey(nextKey++);
    return { key, id: addressEntity(addressOf(publicKeyOf(key))) };
  });
  ids.sort((a, b) => compareBytes(a.id, b.id));
  const actors = ids.map(({ key, id }, index): Actor => {
    return { name: "ABCD"[index] as string, index, id, key, keeper: index };
  });
  const ports = await Promise.all(actors.map(freePort));
  const configs = await Promise.all(
    actors.map((actor) => configOf(actor, ports, join(folder, actor.name), chain, deployment)),
  );
  const keepers: (Keeper | null)[] = actors.map(() => null);
  const watches: (Watch | null)[] = actors.map(() => null);
  const newest: Runtime[] = [];

  const entityIn = (runtime: Runtime, { id }: Actor): Entity =>
    runtime.entities.get(runtime.interner.find(id)) as Entity;

  async function start(actor: Actor): Promise<void> {
    const { index } = actor;
    const sink = fileSink({ path: join(folder, actor.name, "log.jsonl") });
    keepers[index] = await startKeeper(configs[index] as Config, {
      log: createLog({ level: "info", sink }),
      released: (_, runtime) => {
        newest[index] = runtime;
        const watch = watches[index];
        if (!watch?.isSo(entityIn(runtime, actor))) return;
        watches[index] = null;
        // The loop takes no further tick: to the others this keeper is gone from here on.
        watch.ended();
        throw new Error("ended by the test");
      },
      halt: () => {},
    });
  }

  async function stopKeeper({ index }: Actor): Promise<void> {
    await keepers[index]?.stop();
    keepers[index] = null;
  }

  const world: World = {
    chain,
    actors,
    depository: deployment.depository,
    keeper: ({ index }) => keepers[index] as Keeper,
    entity: (actor) => entityIn(newest[actor.index] as Runtime, actor),
    account: (of, peer) => {
      const { interner } = newest[of.index] as Runtime;
      return world.entity(of).accounts.get(interner.find(peer.id)) as Account;
    },
    command: (actor, id, command) =>
      world.keeper(actor).loop.command({ kind: "command", entity: actor.id, id, command }),
    endWhen: async (actor, isSo) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      watches[actor.index] = { isSo, ended: resolve };
      await promise;
      await stopKeeper(actor);
    },
    start,
    now: () => timeOf(chain),
    stop: async () => {
      await Promise.all(actors.map(stopKeeper));
      rmSync(folder, { recursive: true });
    },
  };
  try {
    await depositAll(
      actors.map((actor) => ({ actor, market: 0, amount: reserve })),
      deployment,
      chain,
    );
    for (const actor of actors) await start(actor);
    const isFunded = (actor: Actor): boolean =>
      newest[actor.index] !== undefined && world.entity(actor).reserves.get(TOKEN) === reserve;
    while (!actors.every(isFunded)) await world.now();
  } catch (error) {
    await world.stop();
    throw error;
  }
  return world;
}

/** Credit both ways in each of these accounts, in which the first owes the second `amount`. */
export async function owe(
  world: World,
  pairs: readonly (readonly [Actor, Actor])[],
  amount: bigint,
  softLimit: bigint,
): Promise<void> {
  const ask = async (actor: Actor, id: string, command: Command): Promise<void> => {
    const result = await world.command(actor, id, command);
    if (!result.ok) throw new Error(`${id}: ${result.refusal.code}, ${result.refusal.message}`);
  };
  const transact = (peer: Actor, transaction: Transaction): Command => {
    return { kind: "transact", peer: peer.id, transactions: [transaction] };
  };
  const credit = { kind: "setCredit", token: TOKEN, limit: 10n * amount, softLimit } as const;
  for (const [one, other] of pairs) {
    const pair = `${one.name}${other.name}`;
    await ask(one, `open ${pair}`, { kind: "openAccount", peer: other.id });
    await ask(one, `credit ${pair}`, transact(other, credit));
    await ask(other, `trust ${pair}`, transact(one, credit));
    await ask(one, `pay ${pair}`, transact(other, { kind: "pay", token: TOKEN, amount }));
  }
}

async function configOf(
  actor: Actor,
  ports: readonly number[],
  place: string,
  chain: LocalChain,
  deployment: Deployment,
): Promise<Config> {
  await mkdir(place);
  const file = (name: string, text: string): string => {
    writeFileSync(join(place, name), text, { mode: 0o600 });
    return join(place, name);
  };
  const listen = (index: number) => ({ host: "127.0.0.1", port: ports[index] as number });
  const later = ports.map((_, index) => index).slice(actor.index + 1);
  const config = {
    name: actor.name.toLowerCase(),
    data: join(place, "data"),
    keys: file("keys", `${toHex(actor.key)}\n`),
    gasKey: file("gas-key", `${toHex(developmentKey(actor.index + 1))}\n`),
    listen: listen(actor.index),
    dial: later.map(listen),
    chain: {
      rpc: [chain.url],
      chainId: chain.chainId,
      depository: deployment.depository,
      entityProvider: deployment.entityProvider,
      deployedAt: deployment.deployedAt,
      finalityDepth: 2,
      ...TIMES,
      pollMs: 50,
    },
    redis: null,
    prefix: "world",
    health: { host: "127.0.0.1", port: 0 },
    record: null,
    checkpointTicks: 50,
  };
  return parseConfig(config, {}, "a test");
}

async function timeOf(chain: LocalChain): Promise<number> {
  type Block = { readonly timestamp: string };
  const block = await rpc<Block>(chain.url, "eth_getBlockByNumber", ["latest", false]);
  return Number(block.timestamp);
}
