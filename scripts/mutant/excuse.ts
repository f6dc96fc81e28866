/** Mutants that no test can kill, and why. */
export const excuses: Readonly<Record<string, string>> = {
  "library/PlanRun.sol _requireCertificate check: RootSignature.isSignedBy(scratch, signer, start)":
    "a signature that passes here passes the slower check behind it, too: this one spares gas",
  "library/SettlementRun.sol _writeNets check: run.tokenCount == 0":
    "without tokens the loop over the entities has nothing to write: the return spares its gas",
};
