/** A change of one place in the contracts, as it stands in a table. */
export type Mutant = {
  readonly name: string;
  /** From contracts/. */
  readonly file: string;
  /** A longer text, in exactly one place, where `find` alone is in several. */
  readonly within?: string;
  /** What is there, in exactly one place: an expression, or whole statements. */
  readonly find: string;
  /** What takes its place. */
  readonly replace: string;
  /**
   * Set if `find` is statements that declare nothing, of Solidity or of assembly; "after" if it is
   * a declaration in assembly, behind which `replace` is carried out.
   */
  readonly as?: "statement" | "assembly" | "after";
};

/** A change whose place is known, in bytes of the file. */
export type Edit = {
  readonly name: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly kind: "expression" | "statement" | "assembly" | "after";
  /** What takes its place, in bytes (latin1). */
  readonly text: string;
};

/** The sources, by their path from contracts/; each character is one byte (latin1). */
export type Sources = ReadonlyMap<string, string>;
