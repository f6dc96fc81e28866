// Which test files are asked first, by the beginning of a source file's name: most mutants are
// killed there, at a fraction of the time that all tests take.
const near: readonly (readonly [RegExp, RegExp])[] = [
  [/^library\/(Settle|Settling|Nets)/, /^(Settle|Batch|Plan)/],
  [/^library\/PlanRun/, /^Plan/],
  [/^library\/Batch|^Depository/, /^(Batch|Processing|Deposit|SignedDeposit|Withdrawal)/],
  [/^library\/(Assets|Tokens)/, /^(Deposit|SignedDeposit|Withdrawal|Contract)/],
  [/^library\/Reserves/, /^(Settle|Batch|Debt)/],
  [
    /^library\/(Names|Tenures)|^EntityProvider/,
    /^(EntityProvider|Name|Replacement|Tenure|Retired)/,
  ],
  [
    /^library\/(Board|Contract|Root)Signature/,
    /^(Board|EntityProvider|Authorisation|Tenure|SignatureForm)/,
  ],
  [/^library\/(Authorisation|Identity)/, /^(Authorisation|Batch|Plan|Dispute|Retired)/],
  [
    /^library\/(Dispute|Finalisation|Outcome|Condition|Transformer|Evidence|Fill|Body)/,
    /^(Dispute|Condition|Counter|Fill|Finalis|Closing|LimitOrder|Transformer|Body|Plan|Retired)/,
  ],
  [/^digest/, /^Digest/],
  [/^library\/Debt/, /^(Debt|Dispute)/],
  [/^library\/Enforcement|^Enforcement/, /^(Dispute|Contract|Debt|Module)/],
  [/^Guard/, /^(Reentrancy|Processing)/],
];

/**
 * The tests closest to a source.
 * @param file from contracts/
 * @param tests names of test files
 * @returns none if nothing is known of it
 */
export function nearTests(file: string, tests: readonly string[]): readonly string[] {
  const patterns = near.filter(([source]) => source.test(file)).map(([, test]) => test);
  return tests
    .filter((name) => !/Invariant/.test(name))
    .filter((name) => [...patterns, /^Mutant/].some((pattern) => pattern.test(name)));
}
