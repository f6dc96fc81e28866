/** EIP-1559 fees of one transaction, and the dearer ones of its replacement. */

export type Fees = {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** A quarter and one wei more, up to the cap: nodes ask a tenth more for a replacement. */
  readonly bumped: () => Fees;
  /** The dearer of both, in each part. */
  readonly atLeast: (other: Fees) => Fees;
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
    atLeast: (other) =>
      createFees({
        maxFeePerGas: most(maxFeePerGas, other.maxFeePerGas),
        maxPriorityFeePerGas: most(maxPriorityFeePerGas, other.maxPriorityFeePerGas),
      }),
  };
}

function dearer(fee: bigint): bigint {
  return (fee * 5n) / 4n + 1n;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
