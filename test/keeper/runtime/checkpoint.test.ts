import { expect } from "chai";
import { describe, it } from "mocha";
import { type Bytes, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import type { Entity } from "../../../keeper/entity/types.ts";
import { type Tracked, trackRuntime } from "../../../keeper/runtime/checkpoint.ts";
import { decodeTick } from "../../../keeper/runtime/codec.ts";
import type { Tick } from "../../../keeper/runtime/input.ts";
import { type MapName, mapCodecs, pageName } from "../../../keeper/runtime/page.ts";
import { restoreRuntime } from "../../../keeper/runtime/restore.ts";
import { step } from "../../../keeper/runtime/step.ts";
import type { Ready, Runtime } from "../../../keeper/runtime/types.ts";
import { createShelf, type Shelf } from "./shelf.ts";
import { groups, tellStory } from "./story.ts";
import type { LogEntry, World } from "./world.ts";

function tickOf({ record }: LogEntry): Tick {
  const tick = decodeTick(record);
  if (!tick.ok) throw new Error(tick.refusal.message);
  return tick.value;
}

function restored(shelf: Shelf): Tracked {
  const result = restoreRuntime(shelf.pages());
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}

function fullShelf({ checkpoints, runtime }: Tracked): Shelf {
  const shelf = createShelf();
  shelf.put(checkpoints.all(runtime));
  return shelf;
}

/** A value as text, whatever the order of its properties. */
function textOf(whole: Ready | object): string {
  return JSON.stringify(whole, (_, value: unknown) => {
    if (value instanceof Uint8Array) return toHex(value);
    if (typeof value === "bigint") return `${value}`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What a runtime holds, the orders of its maps included, as text. */
function contentOf(runtime: Runtime): string {
  const entities = [...runtime.entities.keys()].map((index) => {
    const entity = runtime.entities.get(index) as Entity;
    const listed = (name: MapName) => {
      const map = entity[name] as { keys(): Iterable<never>; get(key: never): unknown };
      return [...map.keys()].map((key) => [key, map.get(key)]);
    };
    const maps = mapCodecs.map(({ name }) => [name, listed(name)]);
    const { participations, coordinations, finished, quietUntil } = entity.plans;
    const plans = [quietUntil, ...[participations, coordinations, finished].map((map) => [...map])];
    const { id, board, height, nonce, pendingBatch, waitingBatches, consent, history } = entity;
    return [
      index,
      id,
      board,
      height,
      nonce,
      pendingBatch,
      waitingBatches,
      consent,
      history,
      plans,
      maps,
    ];
  });
  const ids = Array.from({ length: runtime.interner.size }, (_, at) =>
    runtime.interner.bytesOf(at),
  );
  const links = [...runtime.links.keys()].map((peer) => [peer, runtime.links.get(peer)]);
  return textOf({ ...runtime, interner: ids, links, entities });
}

function roots(world: World): string[] {
  return world.runtimes().map(({ root }) => toHex(root));
}

describe("checkpoints of a runtime", () => {
  for (const seed of [1, 2, 3, 6, 7]) {
    it(`STO-1: a world restarted from checkpoints ends as one that replays, seed ${seed}`, () => {
      const whole = tellStory(seed);
      const short = tellStory(seed, 1 + (seed % 5) * 3);
      for (const world of [whole, short]) {
        world.settle(10);
        world.restart(seed % groups.length);
        world.heal();
        world.settle(10);
      }
      expect(roots(short)).to.deep.equal(roots(whole));
      expect(short.runtimes().map(contentOf)).to.deep.equal(whole.runtimes().map(contentOf));
      expect(short.conflicts()).to.deep.equal([]);
      for (let count = 0; count < 60; count++) {
        const id = `work ${count}`;
        expect(short.result(id), id).to.deep.equal(whole.result(id));
      }
      expect(short.replayed()).to.be.below(whole.replayed() / 3);
    });

    it(`STO-1 ARC-4: what comes out of pages is what went in, and acts so, seed ${seed}`, () => {
      const world = tellStory(seed);
      const random = createRandom(`ticks ${seed}`);
      for (const [node, log] of world.logs().entries()) {
        const tracked = trackRuntime((world.geneses()[node] as () => Runtime)());
        followLog(tracked, log, () => random.below(12) === 0);
      }
    });
  }
});

type Copy = { runtime: Runtime; readonly tracked: Tracked; readonly shelf: Shelf };

/** Steps a log; now and then a copy is made through pages, and goes along until the next. */
function followLog(tracked: Tracked, log: readonly LogEntry[], isDue: () => boolean): void {
  let { runtime } = tracked;
  let copy: Copy | null = null;
  const shelf = createShelf();
  for (const entry of log) {
    const next = step(runtime, tickOf(entry));
    runtime = next.runtime;
    if (copy !== null) follow(copy, entry, next.ready);
    if (!isDue()) continue;
    shelf.put(tracked.checkpoints.take(runtime));
    const full = fullShelf({ ...tracked, runtime });
    expect(shelf.text(), "what changed, over what was there").to.deep.equal(full.text());
    if (copy !== null) {
      copy.shelf.put(copy.tracked.checkpoints.take(copy.runtime));
      expect(copy.shelf.text(), "the same by the copy").to.deep.equal(full.text());
    }
    const made = restored(full);
    expect(contentOf(made.runtime)).to.equal(contentOf(runtime));
    expect(fullShelf(made).text()).to.deep.equal(full.text());
    copy = { runtime: made.runtime, tracked: made, shelf: full };
  }
}

function follow(copy: Copy, entry: LogEntry, ready: Ready): void {
  const other = step(copy.runtime, tickOf(entry));
  copy.runtime = other.runtime;
  expect(textOf(other.ready)).to.equal(textOf(ready));
}

/** As many of an account's bytes are agreed state; the root leaves out what signatures bind. */
const STATE_BYTES = 160;

describe("broken pages", () => {
  const world = tellStory(11);
  const [runtime] = world.runtimes() as [Runtime];
  const shelf = fullShelf(trackRuntime(runtime));
  const pages = shelf.pages();

  it("STO-1: a page that is not there is noticed", () => {
    for (const { key } of pages) {
      const rest = pages.filter((page) => page.key !== key);
      expect(restoreRuntime(rest).ok, `without ${toHex(key)}`).to.equal(false);
    }
  });

  it("STO-1: a changed byte of an account, a reserve or the view changes the root", () => {
    const random = createRandom("bytes");
    const rooted = ["view", "accounts", "reserves", "head"];
    for (const { key, value } of pages) {
      const name = pageName(key);
      if (name === null || !rooted.includes(name.kind)) continue;
      for (let count = 0; count < 20; count++) {
        const changed = flip(
          value,
          random.below(Math.min(value.length, STATE_BYTES)),
          1 + random.below(255),
        );
        const result = restoreRuntime(
          pages.map((page) => (page.key === key ? { key, value: changed } : page)),
        );
        if (!result.ok) continue;
        expect.fail(`${name.kind}: ${toHex(value)} read as ${toHex(changed)}`);
      }
    }
  });

  it("STO-1: a page that cannot be read is named", () => {
    const accounts = pages.filter(({ key }) => pageName(key)?.kind === "accounts");
    const [, second] = accounts as [unknown, { key: Bytes; value: Bytes }];
    const cut = { key: second.key, value: second.value.subarray(0, -1) };
    const result = restoreRuntime(pages.map((page) => (page.key === second.key ? cut : page)));
    expect(result.ok).to.equal(false);
    if (!result.ok) expect(result.refusal.message).to.match(/^accounts of entity 0, page 1: /);
  });

  it("STO-1: pages of another protocol are refused as such", () => {
    const [head] = pages as [{ key: Bytes; value: Bytes }];
    const protocol = head.value.indexOf(runtime.protocol);
    const value = flip(head.value, protocol, runtime.protocol ^ 7);
    const result = restoreRuntime([{ key: head.key, value }, ...pages.slice(1)]);
    expect(result).to.have.nested.property("refusal.code", "unknownProtocol");
  });
});

function flip(bytes: Bytes, at: number, mask: number): Bytes {
  const changed = bytes.slice();
  changed[at] = (changed[at] as number) ^ mask;
  return changed;
}
