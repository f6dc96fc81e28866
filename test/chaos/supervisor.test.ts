import { EventEmitter } from "node:events";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { PlannedKill } from "../../keeper/cli/chaos/schedule.ts";
import { type Kill, type Supervisor, supervise } from "../../keeper/cli/chaos/supervisor.ts";
import type { Fleet, KeeperHandle } from "../../keeper/cli/up/fleet.ts";
import type { Running } from "../../keeper/cli/up/process.ts";

/** The count of a moment that does not come. */
const NEVER = 99;

/** A keeper that dies as soon as it is told where, or is killed. */
function createKeeper(name: string, turns: number, starts: string[]): KeeperHandle {
  let running: Running | null = null;
  function create(environment: Readonly<Record<string, string>>): Running {
    const child = Object.assign(new EventEmitter(), {
      exitCode: null as number | null,
      signalCode: null as string | null,
      kill: (signal: string) => {
        child.signalCode = signal;
        setImmediate(() => child.emit("exit", null, signal));
      },
      stdin: Object.assign(new EventEmitter(), {
        writable: true,
        destroy: () => undefined,
        write: (line: string) => {
          if (line.trim() !== "" && !line.includes(`:${NEVER}`)) child.kill("SIGKILL");
        },
      }),
    });
    starts.push(`${name} ${environment.XLN_CRASH}`);
    if (environment.XLN_CRASH === "start") child.kill("SIGKILL");
    return { child, first: {} } as unknown as Running;
  }
  running = create({});
  return {
    config: { name },
    process: () => running,
    start: async (environment = {}) => {
      // A start takes longer than it takes to hear of those that died together.
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      running = create(environment);
    },
  } as unknown as KeeperHandle;
}

/** Runs a schedule whose stages all end as soon as their deaths have come. */
async function run(schedule: readonly PlannedKill[], act?: (fleet: Fleet) => void) {
  const starts: string[] = [];
  const keepers = ["a", "b", "c"].map((name, index) =>
    createKeeper(name, 10 * (index + 1), starts),
  );
  const fleet = { keepers } as unknown as Fleet;
  starts.length = 0;
  const told: Kill[] = [];
  let supervisor: Supervisor | null = null;
  const broken = new Promise<string>((resolve) => {
    supervisor = supervise(
      fleet,
      schedule,
      (kill) => told.push(kill),
      (reason) => {
        resolve(reason.message);
      },
    );
  });
  const watching = supervisor as unknown as Supervisor;
  act?.(fleet);
  if (act !== undefined) return { starts, told, words: await broken };
  for (const stage of ["open", "collateral", "credit", "check"]) await watching.enter(stage);
  await watching.stop();
  expect(watching.missed()).to.deep.equal([]);
  return { starts, told, words: "" };
}

const outside = (keeper: number, twice = false): PlannedKill => ({
  kind: "outside",
  keepers: [keeper],
  stage: "open",
  messages: 1,
  twice,
});

describe("the supervisor of chaos", () => {
  it("TST-4: who is killed from outside is started again, one after the other", async () => {
    const { starts, told } = await run([outside(1), outside(1), outside(2)]);
    expect(starts).to.deep.equal(["b input", "b input", "c input"]);
    expect(told.map(({ keeper, moment, stage }) => [keeper, moment, stage])).to.deep.equal([
      ["b", "outside", "open"],
      ["b", "outside", "open"],
      ["c", "outside", "open"],
    ]);
  });

  it("TST-4: all that a moment came to are back before the next dies", async () => {
    const together: PlannedKill = {
      kind: "moment",
      moment: "afterCertificate",
      keepers: [0, 1, 2],
      stage: "open",
      count: 1,
    };
    const { told } = await run([together, { ...outside(2), stage: "credit" }]);
    expect(told.map(({ moment, stage }) => `${moment} ${stage}`)).to.deep.equal([
      "afterCertificate open",
      "afterCertificate open",
      "afterCertificate open",
      "outside credit",
    ]);
  });

  it("TST-4: one that dies on its way back as well is started once more", async () => {
    const { starts, told } = await run([outside(0, true)]);
    expect(starts).to.deep.equal(["a start", "a input"]);
    expect(told.map(({ moment, back }) => [moment, back === null])).to.deep.equal([
      ["outside", true],
      ["recovery", false],
    ]);
  });

  it("TST-4: a moment that does not come in its stage is waited for in the next", async () => {
    const late: PlannedKill = {
      kind: "moment",
      moment: "afterSync",
      keepers: [1],
      stage: "open",
      count: NEVER,
    };
    const { told } = await run([late]);
    expect(told.map(({ moment, stage }) => `${moment} ${stage}`)).to.deep.equal([
      "afterSync collateral",
    ]);
  });

  it("TST-4: one that ends by itself is not started again, and the run is told", async () => {
    const { starts, words } = await run([], ({ keepers }) => {
      const child = keepers[1]?.process()?.child;
      Object.assign(child ?? {}, { exitCode: 1 });
      child?.emit("exit", 1, null);
    });
    expect(words).to.equal("b ended by itself: exit 1");
    expect(starts).to.deep.equal([]);
  });
});
