/** Flows as BullMQ has them: each stage is the parent of the one before it, and waits for it. */
import type { Queue as BullQueue, FlowJob, JobState, JobsOptions } from "bullmq";
import { stageId } from "./job.ts";
import type { State } from "./outcome.ts";
import type { Flow, Job, Json, Work } from "./types.ts";

export function isFlow(job: Job | Flow): job is Flow {
  return "stages" in job;
}

/** The id under which the end of a flow is known: that of its last stage. */
export function lastStageId({ id, stages }: Flow): string {
  return stageId(id, stages.at(-1) as string);
}

/** The tree of a flow, its last stage at the root. */
export function flowTree(queueName: string, flow: Flow, options: JobsOptions): FlowJob {
  const { id, data, stages } = flow;
  let children: FlowJob[] = [];
  for (const stage of stages) {
    const opts = { ...options, jobId: stageId(id, stage) };
    children = [{ name: stage, queueName, data, opts, children } as FlowJob];
  }
  return children[0] as FlowJob;
}

/** A job of BullMQ as far as a worker needs it. */
type Raw = {
  readonly id?: string | undefined;
  readonly data: Json;
  readonly getChildrenValues: () => Promise<Readonly<Record<string, Json>>>;
};

/**
 * The work that a job stands for.
 * @param stage given to the job as its name
 * @throws Error for a stage that comes before what it follows has ended: it is tried again
 */
export async function workOf(job: Raw, stage: string): Promise<Work> {
  const { id = "", data } = job;
  const end = stageId("", stage);
  if (!id.endsWith(end)) return { id, data, stage: null, before: null };
  const [before = null, ...others] = Object.values(await job.getChildrenValues());
  if (others.length > 0) throw new Error(`${id} follows more than one stage`);
  return { id: id.slice(0, -end.length), data, stage, before };
}

/**
 * True when a flow that has not ended cannot go on: a stage waits for one that Redis has lost. A
 * stage that BullMQ has given up is set going again.
 */
export async function isBroken(queue: BullQueue, { id, stages }: Flow): Promise<boolean> {
  const ids = stages.map((stage) => stageId(id, stage));
  const states = await Promise.all(ids.map((name) => queue.getJobState(name)));
  let broken = false;
  for (const [index, state] of states.entries()) {
    if (state === "failed") await retry(queue, ids[index] as string);
    const former: JobState | "unknown" | undefined = states[index - 1];
    if (state === "waiting-children" && former === "unknown") broken = true;
  }
  return broken;
}

async function retry(queue: BullQueue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  await job?.retry("failed");
}

/** What Redis says of a job. One that BullMQ has given up is removed, so that it can come again. */
export async function jobState(queue: BullQueue, id: string): Promise<State> {
  const [status, value] = (await queue.backend.isFinished(id, true)) as [number, string?];
  switch (status) {
    case 0:
      return { kind: "open" };
    case 1:
      return { kind: "done", result: JSON.parse(value ?? "null") as Json };
    case 2:
      await queue.remove(id);
      return { kind: "gone" };
    default:
      return { kind: "gone" };
  }
}

/** The same of a flow, by its last stage; one that cannot go on counts as gone. */
export async function flowState(queue: BullQueue, flow: Flow): Promise<State> {
  const state = await jobState(queue, lastStageId(flow));
  if (state.kind !== "open") return state;
  return (await isBroken(queue, flow)) ? { kind: "gone" } : state;
}
