/** Logs, metrics and health: told everything, asked nothing by a machine. */
export type Level = "debug" | "info" | "warn" | "error";

/** Structured; a value is never a secret and never a key. */
export type Fields = Readonly<Record<string, string | number | boolean | bigint | null>>;

export type Log = {
  readonly write: (level: Level, event: string, fields?: Fields) => void;
  readonly child: (fields: Fields) => Log;
};

export type Health = {
  readonly ok: boolean;
  readonly height: number;
  readonly chainHead: number | null;
  readonly chainFinal: number | null;
  readonly peers: number;
  readonly queue: "redis" | "memory";
  readonly faults: readonly string[];
};
