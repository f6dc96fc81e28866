/** Amounts as people read them: exact, with digits in groups of three. */
export function amountText(amount: bigint): string {
  return amount.toString().replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}

/** The power of ten, in threes, that leaves `largest` five to seven digits; 0 below 10^9. */
export function scaleOf(largest: bigint): number {
  const digits = largest.toString().length;
  return digits < 10 ? 0 : 3 * Math.floor((digits - 5) / 3);
}

/** An amount in units of 10^scale, rounded half up to two decimals; exact at scale 0. */
export function scaledText(amount: bigint, scale: number): string {
  if (scale === 0) return amountText(amount);
  const hundredth = 10n ** BigInt(scale - 2);
  const rounded = (amount + hundredth / 2n) / hundredth;
  if (rounded === 0n && amount > 0n) return "<0.01";
  return `${amountText(rounded / 100n)}.${(rounded % 100n).toString().padStart(2, "0")}`;
}

/** How a table says its scale. */
export function scaleText(scale: number): string {
  return scale === 0 ? "" : `, in 10^${scale}`;
}

/** `part` of `whole` in per cent with two decimals, rounded half up; "–" of nothing. */
export function shareText(part: bigint, whole: bigint): string {
  if (whole === 0n) return "–";
  const sign = part < 0n !== whole < 0n && part !== 0n ? "−" : "";
  const [top, bottom] = [part < 0n ? -part : part, whole < 0n ? -whole : whole];
  const hundredths = (top * 20_000n + bottom) / (bottom * 2n);
  if (hundredths === 0n && top !== 0n) return `${sign}<0.01 %`;
  const fraction = (hundredths % 100n).toString().padStart(2, "0");
  return `${sign}${hundredths / 100n}.${fraction} %`;
}

/** How something changed, signed, against what it was. */
export function changeText(before: bigint, after: bigint): string {
  if (before === after) return "0 %";
  const share = shareText(after - before, before);
  return after > before && before !== 0n ? `+${share}` : share;
}

/** A whole number of `width` steps, for bars: `amount` of `most`, rounded, 1 for the least. */
export function stepsOf(amount: bigint, most: bigint, width: number): number {
  if (amount <= 0n || most <= 0n) return 0;
  return Math.max(1, Number((amount * BigInt(width * 2) + most) / (most * 2n)));
}
