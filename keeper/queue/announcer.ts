/**
 * Tells of ended jobs across processes: one message of publish and subscribe for all that end at
 * about the same time. BullMQ's own stream of events has four entries a job, and reading those
 * costs more than half of what a job costs. A message may be lost; who waits looks up in the end.
 */
import { Redis } from "ioredis";
import type { Json, Trouble } from "./types.ts";

export type Announcer = {
  /** Resolves when what is told from now on will be heard. One listener a channel. */
  readonly listen: (channel: string, hear: (id: string, result: Json) => void) => Promise<void>;
  readonly tell: (channel: string, id: string, result: Json) => void;
  /** Those of `ids` that are members of a sorted set. Rejects at once when Redis is away. */
  readonly membersOf: (set: string, ids: readonly string[]) => Promise<readonly string[]>;
  readonly close: () => void;
};

/** How a connection gets over the loss of Redis. */
export type Manner = {
  /** Reconnections that a command outlives; null for any number. */
  readonly maxRetriesPerRequest: number | null;
  /** Milliseconds before the next attempt to connect. */
  readonly retryStrategy: (attempt: number) => number;
};

/** Ended jobs of one message: bounds its size, and the time for which it holds up others. */
const TOLD_MAX = 500;

export function createAnnouncer(
  url: string,
  manners: { readonly patient: Manner; readonly hasty: Manner },
  trouble: Trouble,
): Announcer {
  const listeners = new Map<string, (id: string, result: Json) => void>();
  const told = new Map<string, [string, Json][]>();
  let subscriber: Redis | null = null;
  let commander: Redis | null = null;

  function open(manner: Manner): Redis {
    const client = new Redis(url, manner);
    client.on("error", (error) => trouble("redis connection", error.message));
    return client;
  }

  function subscriberOf(): Redis {
    if (subscriber !== null) return subscriber;
    subscriber = open(manners.patient);
    subscriber.on("message", (channel: string, text: string) => {
      const hear = listeners.get(channel);
      if (hear === undefined) return;
      for (const [id, result] of JSON.parse(text) as [string, Json][]) hear(id, result);
    });
    return subscriber;
  }

  function commands(): Redis {
    commander ??= open(manners.hasty);
    return commander;
  }

  function flush(): void {
    for (const [channel, ends] of told) {
      for (let at = 0; at < ends.length; at += TOLD_MAX) {
        const text = JSON.stringify(ends.slice(at, at + TOLD_MAX));
        commands()
          .publish(channel, text)
          .catch((error: unknown) => trouble("ends of jobs not told", String(error)));
      }
    }
    told.clear();
  }

  return {
    listen: async (channel, hear) => {
      listeners.set(channel, hear);
      await subscriberOf().subscribe(channel);
    },
    tell: (channel, id, result) => {
      if (told.size === 0) setImmediate(flush);
      const ends = told.get(channel);
      if (ends) ends.push([id, result]);
      else told.set(channel, [[id, result]]);
    },
    membersOf: async (set, ids) => {
      const scores = await commands().zmscore(set, ...ids);
      return ids.filter((_, index) => scores[index] !== null);
    },
    close: () => {
      flush();
      subscriber?.disconnect();
      // What was told last is still on its way.
      commander?.quit().catch(() => commander?.disconnect());
    },
  };
}
