/** EIP-1559 fees of one transaction, and the dearer ones of its replacement. */

export type Fees = {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** A tenth and one wei more than nodes ask for a replacement, up to the cap. */
  readonly bumped: () => Fees;
};

/** Wei of gas that are never exceeded: a stuck transaction must not eat the gas account. */
export const FEE_CAP = 2_000n * 10n ** 9n;

export function createFees(estimate: {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}): Fees {
  const maxFeePerGas = least(estimate.maxFeePerGas, FEE_CAP);
  const maxPriorityFeePerGas = least(estimate.maxPriorityFeePerGas, maxFeePerGas);
  return {
    maxFeePerGas,
    maxPriorityFeePerGas,
    bumped: () =>
      createFees({
        maxFeePerGas: dearer(maxFeePerGas),
        maxPriorityFeePerGas: dearer(maxPriorityFeePerGas),
      }),
  };
}

function dearer(fee: bigint): bigint {
  return (fee * 5n) / 4n + 1n;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
