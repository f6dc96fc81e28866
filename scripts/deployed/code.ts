/** Where a compiler leaves room for what a constructor sets, by the id of the variable. */
export type ImmutableReferences = Readonly<
  Record<string, readonly { readonly start: number; readonly length: number }[]>
>;

/** What a build says of one contract. */
export type Compiled = {
  /** `0x` and hex. */
  readonly deployedBytecode: string;
  readonly immutableReferences?: ImmutableReferences | undefined;
};

/**
 * What differs between a contract's code on a chain and what was compiled; nothing if it is that
 * contract. Immutables are apart: each must hold one of the words that are allowed, and the same
 * word wherever it is read.
 * @param code `0x` and hex, as the chain has it
 * @param allowed words of 32 bytes in hex without `0x`, lower case
 */
export function compareCode(
  compiled: Compiled,
  code: string,
  allowed: ReadonlySet<string>,
): readonly string[] {
  if (code === "0x") return ["no contract is there"];
  const expected = compiled.deployedBytecode.slice(2).toLowerCase();
  const found = code.slice(2).toLowerCase();
  if (found.length !== expected.length) {
    return [`${found.length / 2} bytes of code, not ${expected.length / 2}`];
  }
  const faults: string[] = [];
  let masked = found;
  for (const [id, places] of Object.entries(compiled.immutableReferences ?? {})) {
    const words = new Set<string>();
    for (const { start, length } of places) {
      words.add(found.slice(2 * start, 2 * (start + length)).padStart(64, "0"));
      const zeros = "0".repeat(2 * length);
      masked = masked.slice(0, 2 * start) + zeros + masked.slice(2 * (start + length));
    }
    if (words.size > 1) faults.push(`immutable ${id} has ${words.size} values`);
    for (const word of words) {
      if (!allowed.has(word)) faults.push(`immutable ${id} is 0x${word}, which is none of ours`);
    }
  }
  if (masked !== expected) {
    const at = [...masked].findIndex((digit, index) => digit !== expected[index]);
    faults.push(`the code differs from the compiled one at byte ${Math.floor(at / 2)}`);
  }
  return faults;
}
