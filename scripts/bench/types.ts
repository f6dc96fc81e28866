/** One measured figure, as `./xln bench NAME --json` prints it (DESIGN section 13). */
export type BenchRow = {
  /** A stable id: those of DESIGN.md, or one that extends them by a suffix. */
  readonly work: string;
  readonly value: number;
  readonly unit: string;
  /** What the primitives allow in the same run; null where nothing bounds the work. */
  readonly limit: number | null;
  readonly goal: number | null;
  readonly better: "higher" | "lower";
  /** What ran, where that is not plain: which signature library, what was synced. */
  readonly note?: string;
};

export type Bench = {
  readonly name: string;
  /** A line for `--help`: what is measured, under which conditions. */
  readonly title: string;
  /** Imports what does the work and runs it; `progress` takes a line about what runs now. */
  readonly run: (progress: (line: string) => void) => Promise<readonly BenchRow[]>;
};
