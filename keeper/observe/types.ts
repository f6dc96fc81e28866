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

/** Label values of one series. */
export type Labels = Readonly<Record<string, string>>;

export type Counter = {
  /** `by` is not negative; 1 when left out. */
  readonly add: (by?: number, labels?: Labels) => void;
};

export type Gauge = { readonly set: (value: number, labels?: Labels) => void };

export type Histogram = { readonly observe: (value: number, labels?: Labels) => void };

/** Names are those of Prometheus; the same name gives the same metric. */
export type Metrics = {
  /** The name ends in `_total`. */
  readonly counter: (name: string, help: string) => Counter;
  readonly gauge: (name: string, help: string) => Gauge;
  /** Read when somebody asks for the metrics. */
  readonly measured: (name: string, help: string, read: () => number) => void;
  /** Bounds are ascending; the last bucket has none. */
  readonly histogram: (name: string, help: string, bounds: readonly number[]) => Histogram;
  /** All of it in the text format of Prometheus, version 0.0.4. */
  readonly text: () => string;
};
