import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { StoreError } from "./fault.ts";
import type { StateFile } from "./state.ts";
import type { Fence } from "./types.ts";

/** Who has the folder. Process ids are given again, so the process's own start goes with it. */
export type Owner = {
  readonly pid: number;
  /** Clock ticks from boot to the process's start; empty where the system does not tell. */
  readonly start: string;
  readonly boot: string;
  /** Processes of another namespace cannot be seen. */
  readonly namespace: string;
  readonly host: string;
};

export type Ownership = {
  readonly fence: Fence;
  /** Set when an owner that is gone had left its mark. */
  readonly notice: string | null;
  readonly isCurrent: () => boolean;
  readonly release: () => void;
};

const OWNER = "owner";
const FENCE = "fence";

/**
 * Takes the folder for this process and raises its fence, alone among all processes and durably.
 * @param takeOver takes it from an owner that cannot be seen from here
 * @throws StoreError `locked` while its owner lives, with the owner's process id
 */
export function takeOwnership(state: StateFile, folder: string, takeOver = false): Ownership {
  const me = describeProcess(process.pid);
  const mine = JSON.stringify(me);
  const notice = state.change(OWNER, (value) => {
    const owner = value === undefined ? null : parseOwner(value);
    const status = owner === null ? "gone" : statusOf(owner, me);
    if (owner !== null && status !== "gone" && !(status === "unseen" && takeOver)) {
      throw lockedError(folder, owner, status);
    }
    const left = owner === null ? null : `the keeper ${owner.pid} had left without closing`;
    return { value: Buffer.from(mine), result: left };
  });
  const fence = state.change(FENCE, (value) => {
    const raised = readFence(value) + 1;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(raised));
    return { value: bytes, result: raised };
  });
  return {
    fence,
    notice,
    isCurrent: () => readFence(state.get(FENCE)) === fence,
    release() {
      state.change(OWNER, (value) => {
        const isMine = value !== undefined && Buffer.from(value).toString() === mine;
        return { value: isMine ? null : (value ?? null), result: undefined };
      });
    },
  };
}

/** The owner and fence of a folder, for people. */
export function readOwnership(state: StateFile): {
  readonly fence: Fence;
  readonly owner: (Owner & { readonly alive: boolean }) | null;
} {
  const value = state.get(OWNER);
  const owner = value === undefined ? null : parseOwner(value);
  const me = describeProcess(process.pid);
  return {
    fence: readFence(state.get(FENCE)),
    owner: owner === null ? null : { ...owner, alive: statusOf(owner, me) !== "gone" },
  };
}

function readFence(value: Uint8Array | undefined): Fence {
  return value === undefined ? 0 : Number(Buffer.from(value).readBigUInt64BE());
}

function parseOwner(value: Uint8Array): Owner {
  return JSON.parse(Buffer.from(value).toString()) as Owner;
}

function statusOf(owner: Owner, me: Owner): "alive" | "gone" | "unseen" {
  if (owner.boot !== me.boot) return owner.host === me.host ? "gone" : "unseen";
  if (owner.namespace !== me.namespace) return "unseen";
  return isRunning(owner.pid) && startOf(owner.pid) === owner.start ? "alive" : "gone";
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it runs, under another user.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}

function describeProcess(pid: number): Owner {
  return {
    pid,
    start: startOf(pid),
    boot: readOrEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()),
    namespace: readOrEmpty(() => readlinkSync("/proc/self/ns/pid")),
    host: hostname(),
  };
}

/** Field 22 of the process's status line, counted behind its name, which may hold anything. */
function startOf(pid: number): string {
  return readOrEmpty(() => {
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    return line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  });
}

/** Systems without such files tell nothing, and then only the process id decides. */
function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function lockedError(folder: string, owner: Owner, status: "alive" | "unseen"): StoreError {
  const where = status === "alive" ? "" : ` on ${owner.host}, which cannot be seen from here`;
  const fix =
    status === "alive"
      ? "stop it first, or name another folder with --data"
      : "if it is gone for sure, start once with --take-over";
  return new StoreError("locked", `process ${owner.pid}${where} has this folder`, fix, {
    file: folder,
  });
}
