/** Ticks of a story into a store, with the checkpoint writer beside them. */
import { createCheckpointWriter } from "../../keeper/checkpointing.ts";
import type { Log } from "../../keeper/observe/types.ts";
import { type Recovered, recover } from "../../keeper/recovery.ts";
import { decodeTick } from "../../keeper/runtime/codec.ts";
import { step } from "../../keeper/runtime/step.ts";
import type { Runtime } from "../../keeper/runtime/types.ts";
import type { Store } from "../../keeper/store/types.ts";
import { tellStory } from "./runtime/story.ts";
import type { LogEntry } from "./runtime/world.ts";

export type StoryLog = { readonly genesis: () => Runtime; readonly log: readonly LogEntry[] };

/** What the first keeper of the story has in its log. */
export function storyLog(seed: number): StoryLog {
  const world = tellStory(seed);
  const [genesis] = world.geneses() as [() => Runtime];
  const [log] = world.logs() as [readonly LogEntry[]];
  return { genesis, log };
}

export const silent: Log = { write: () => {}, child: () => silent };

/** Recovers, and goes on with the story up to tick `ticks`. */
export async function driveStory(
  store: Store,
  seed: number,
  ticks: number,
  options: {
    readonly everyTicks: number;
    /** True waits for each checkpoint, so that tests know which there are. */
    readonly waits: boolean;
  },
): Promise<{ readonly runtime: Runtime; readonly recovered: Recovered }> {
  const { genesis, log } = storyLog(seed);
  const recovered = await recover(genesis(), store);
  const writer = createCheckpointWriter({
    store,
    checkpoints: recovered.checkpoints,
    everyTicks: options.everyTicks,
    newest: recovered.checkpoint,
    log: silent,
    halt: (reason) => {
      throw reason;
    },
  });
  let { runtime } = recovered;
  for (const { record, root } of log.slice(runtime.height, ticks)) {
    const tick = decodeTick(record);
    if (!tick.ok) throw new Error(tick.refusal.message);
    runtime = step(runtime, tick.value, record).runtime;
    await store.append([{ height: runtime.height, record, root }]);
    writer.ring();
    writer.released(runtime);
    if (options.waits) await writer.idle();
  }
  return { runtime, recovered };
}
