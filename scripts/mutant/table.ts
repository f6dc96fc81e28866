import type { Mutant } from "./types.ts";

/** Faults that no operator makes. */
export const table: readonly Mutant[] = [];
