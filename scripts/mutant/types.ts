/** A change of one place in the contracts, as it stands in a table. */
export type Mutant = {
  readonly name: string;
  /** From contracts/. */
  readonly file: string;
  /** What is there, in exactly one place: an expression, or whole statements. */
  readonly find: string;
  /** What takes its place. */
  readonly replace: string;
  /** Set if `find` is statements, of Solidity or of assembly, and declares nothing. */
  readonly as?: "statement" | "assembly";
};

/** A change whose place is known, in bytes of the file. */
export type Edit = {
  readonly name: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly kind: "expression" | "statement" | "assembly";
  /** What takes its place, in bytes (latin1). */
  readonly text: string;
};

/** The sources, by their path from contracts/; each character is one byte (latin1). */
export type Sources = ReadonlyMap<string, string>;
