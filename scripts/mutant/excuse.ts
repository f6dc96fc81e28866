/** Mutants that no test can kill, and why. */
export const excuses: Readonly<Record<string, string>> = {};
