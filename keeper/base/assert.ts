/**
 * Checks something that only a bug of ours can make false (ARC-2). Never use it on what comes
 * from a peer, a user or the chain: that is a refusal.
 * @throws InvariantError when `condition` is falsy.
 */
export function assert(
  condition: unknown,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): asserts condition {
  if (!condition) throw new InvariantError(message, details);
}

/**
 * The last arm of an exhaustive switch; the compiler proves that it is never taken.
 * @throws InvariantError always.
 */
export function unreachable(value: never): never {
  throw new InvariantError("a value outside of its type reached an exhaustive switch", { value });
}

/** An invariant of our own code does not hold: the process must stop, for its state is suspect. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(Object.keys(details).length === 0 ? message : `${message} (${describe(details)})`);
    this.details = details;
  }
}

function describe(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${typeof value === "object" ? "object" : String(value)}`)
    .join(", ");
}
