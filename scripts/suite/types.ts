/** What a suite found. A suite that could not run counts as one failed test. */
export type Count = {
  readonly passed: number;
  readonly failed: number;
  /** What failed, in words for a reader, most telling first. */
  readonly failures: readonly string[];
};

/** Where suites run and whom they tell how far they are. */
export type Context = {
  /** The project's folder. */
  readonly root: string;
  /** Shows a line of progress. */
  readonly report: (line: string) => void;
};

/** One part of `./xln test`. */
export type Suite = {
  readonly name: string;
  readonly what: string;
  /** Suites of one lane never run at the same time: they would disturb each other. */
  readonly lane?: string;
  readonly run: (context: Context) => Promise<Count>;
};

/** A suite's count with its name and how long it took. */
export type Outcome = Count & { readonly name: string; readonly seconds: number };
