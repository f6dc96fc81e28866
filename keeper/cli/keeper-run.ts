/** One keeper as a process: configuration in, signals out, one line when it takes commands. */
import { createInterface } from "node:readline";
import { readConfig } from "../config.ts";
import { type Moment, moments } from "../loop.ts";
import { startKeeper } from "../main.ts";
import { createLog } from "../observe/log.ts";
import { createMetrics } from "../observe/metrics.ts";
import { startHealth } from "../observe/server.ts";
import { errorSink, fileSink } from "../observe/sink.ts";
import { Failure } from "./failure.ts";
import { print } from "./output.ts";

/**
 * Resolves when the keeper has stopped.
 * @throws Failure for a configuration that will not do
 */
export async function runKeeper(
  configFile: string,
  logFile: string | null,
  opening: { readonly dropBadTail?: boolean; readonly takeOver?: boolean } = {},
): Promise<void> {
  const config = readConfig(configFile, process.env);
  const sink = logFile === null ? errorSink() : fileSink({ path: logFile });
  const log = createLog({ level: "info", sink }).child({ keeper: config.name });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const keeper = await startKeeper(config, {
    ...opening,
    log,
    probe: probeOf(process.env.XLN_CRASH),
    halt: (reason) => {
      log.write("error", "halted", { reason: reason.message });
      process.exitCode = 1;
      end();
    },
  });
  const health = await startHealth({
    port: config.health.port,
    health: keeper.health,
    metrics: createMetrics(),
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  print(JSON.stringify({ ready: config.name, wire: keeper.address.port, health: health.port }));
  await ended;
  await health.close();
  await keeper.stop();
  log.write("info", "stopped", {});
}

/**
 * Tests kill a keeper at a chosen moment: `XLN_CRASH=afterSync:12` ends the process, as a power
 * cut would, when that moment comes for the 12th time in a tick that signs something. With
 * `XLN_CRASH=input` such wishes come as lines of standard input, each in place of the one before;
 * an empty line takes it back. With `XLN_CRASH=start` it ends in the first tick, whatever that is.
 */
function probeOf(wish: string | undefined): (moment: Moment, signs: boolean) => void {
  if (wish === undefined || wish === "") return () => {};
  if (wish === "start") return () => process.kill(process.pid, "SIGKILL");
  let next: Crash | null = null;
  if (wish === "input") {
    const lines = createInterface({ input: process.stdin });
    lines.on("line", (line) => {
      next = line === "" ? null : parseCrash(line);
    });
  } else next = parseCrash(wish);
  return (now, signs) => {
    if (next === null || now !== next.moment || !signs) return;
    next.left--;
    if (next.left === 0) process.kill(process.pid, "SIGKILL");
  };
}

type Crash = { readonly moment: Moment; left: number };

function parseCrash(wish: string): Crash {
  const [name, count] = wish.split(":");
  const moment = moments.find((known) => known === name);
  const left = Number(count ?? "1");
  if (moment === undefined || !Number.isSafeInteger(left) || left < 1) {
    const fix = `write MOMENT:COUNT with one of ${moments.join(", ")}`;
    throw new Failure("crash-unknown", `XLN_CRASH=${wish} names no moment`, fix);
  }
  return { moment, left };
}
