/**
 * The floors of the keeper, as data. The import check in `scripts/tidy` reads this table, and
 * `./xln arch` prints it, draws it and answers questions about it. A pure file imports only its
 * own floor and the pure floors above it. A shell floor imports pure floors and `observe`, never
 * another shell floor. The composition root imports every floor and hands them to one another.
 */
export type FloorKind = "pure" | "shell" | "root";

export type Floor = {
  readonly name: string;
  readonly owns: string;
  readonly kind: FloorKind;
  /** Has a machine: one exhaustive step over the five files of `machineFiles`. */
  readonly machine: boolean;
  /** npm packages that it may import, their subpaths included. */
  readonly packages: readonly string[];
  /** Modules of Node that it may import, without `node:`. */
  readonly node: readonly string[];
  /** Folders outside `keeper/` that it may import. */
  readonly folders: readonly string[];
};

/** The five files of a machine's folder. */
export const machineFiles = ["types.ts", "codec.ts", "input.ts", "effect.ts", "step.ts"] as const;

/** The one shell floor that other shell floors may import. */
export const observer = "observe";

/** In order: a pure floor may import those above it. */
export const floors: readonly Floor[] = [
  pure("base", "Result, assert, bytes, canonical order, overlay maps, seeded randomness"),
  {
    ...pure("codec", "strict RLP, keccak, typed data, Merkle root and paths, signature recovery"),
    // The only arithmetic that we do not write ourselves: hashing and curve operations. The curve's
    // library is CommonJS with native code, so it is required.
    packages: ["hash-wasm", "secp256k1"],
    node: ["module"],
  },
  {
    ...machine(
      "jurisdiction",
      "ids, tokens, chain events and reorgs folded into a view; batch, settlement, their digests",
    ),
    // A batch's digest is taken over its ABI bytes, and nothing encodes those by hand.
    packages: ["viem"],
    folders: ["typechain-types"],
  },
  machine("account", "the bilateral machine, RCPAN arithmetic, proofs"),
  {
    ...pure("netting", "rows in, flows and report out: graph, solver, bounds"),
    // The syntax of CSV files; what their cells mean is ours.
    packages: ["csv-parse"],
  },
  machine("plan", "the machine of one netting: coordinator and participant"),
  machine("entity", "the BFT machine over a board; carries accounts, batch and plans"),
  pure("routing", "the capacity graph, routes"),
  pure("gossip", "profiles that converge"),
  pure("runtime", "one tick over all entities; Ready"),
  shell("observe", "logs, metrics, health", ["pino"], ["fs", "http", "os", "perf_hooks"]),
  shell(
    "signer",
    "keys, and the guard of what is signed",
    ["secp256k1"],
    ["crypto", "fs", "fs/promises", "path", "worker_threads"],
  ),
  shell(
    "store",
    "log, checkpoints, recovery",
    ["lmdb"],
    ["fs", "fs/promises", "os", "path", "zlib"],
  ),
  {
    ...shell("chain", "RPC client, watcher, submitter", ["viem", "ethers"], ["fs", "path"]),
    folders: ["typechain-types"],
  },
  shell("wire", "peers", [], ["crypto", "events", "net", "stream", "timers", "timers/promises"]),
  shell(
    "queue",
    "BullMQ queues and workers, the in-process queue",
    ["bullmq", "ioredis"],
    // It also starts the Redis of machines that have none.
    [
      "child_process",
      "crypto",
      "events",
      "fs",
      "fs/promises",
      "net",
      "os",
      "path",
      "timers",
      "timers/promises",
      "util",
    ],
  ),
  shell("api", "HTTP, WebSocket, dashboard", [], ["fs", "fs/promises", "http", "path", "stream"]),
  {
    name: "cli",
    owns: "commands; with the files beside the floors the composition root and the only loop",
    kind: "root",
    machine: false,
    packages: ["*"],
    node: ["*"],
    folders: ["scripts", "ignition", "typechain-types"],
  },
];

/** The floor of that name, or undefined. */
export function findFloor(name: string): Floor | undefined {
  return floors.find((floor) => floor.name === name);
}

/**
 * The floor that a file belongs to.
 * @param path from the project's root, e.g. `keeper/account/step.ts`
 * @returns undefined for a folder that is no floor; files beside the floors belong to the root
 */
export function floorOf(path: string): Floor | undefined {
  const [, first, ...rest] = path.split("/");
  return first === undefined ? undefined : findFloor(rest.length === 0 ? "cli" : first);
}

/** Whether a file of floor `from` may import a file of floor `to`. */
export function mayImport(from: Floor, to: Floor): boolean {
  if (from.name === to.name || from.kind === "root") return true;
  if (from.kind === "shell") return to.kind === "pure" || to.name === observer;
  return to.kind === "pure" && floors.indexOf(to) < floors.indexOf(from);
}

/** The floors that may import `floor`, without itself. */
export function importersOf(floor: Floor): readonly Floor[] {
  return floors.filter((other) => other !== floor && mayImport(other, floor));
}

/** The floors that `floor` may import, without itself. */
export function importsOf(floor: Floor): readonly Floor[] {
  return floors.filter((other) => other !== floor && mayImport(floor, other));
}

/** Whether `floor` may import an npm package or a module of Node (`node:fs`). */
export function mayImportPackage(floor: Floor, specifier: string): boolean {
  const isNode = specifier.startsWith("node:");
  const name = isNode ? specifier.slice("node:".length) : packageOf(specifier);
  const allowed = isNode ? floor.node : floor.packages;
  return allowed.includes("*") || allowed.includes(name);
}

/** `@scope/name/sub` → `@scope/name`, `name/sub` → `name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function pure(name: string, owns: string): Floor {
  return { name, owns, kind: "pure", machine: false, packages: [], node: [], folders: [] };
}

function machine(name: string, owns: string): Floor {
  return { ...pure(name, owns), machine: true };
}

function shell(
  name: string,
  owns: string,
  packages: readonly string[],
  node: readonly string[],
): Floor {
  return { name, owns, kind: "shell", machine: false, packages, node, folders: [] };
}
