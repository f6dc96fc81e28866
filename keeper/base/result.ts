/**
 * A refusal: the fault of a peer or a user, told as a value (ARC-2).
 * `code` is stable and meant for programs and tests; `message` says in words what to do about it;
 * `details` names the offending values.
 */
export type Refusal<Code extends string = string> = {
  readonly code: Code;
  readonly message: string;
  readonly details?: Readonly<Record<string, string>>;
};

export type Success<T> = { readonly ok: true; readonly value: T };
export type Failure<R extends Refusal = Refusal> = { readonly ok: false; readonly refusal: R };

/** What a function returns whose input comes from outside: a value, or the refusal of it. */
export type Result<T, R extends Refusal = Refusal> = Success<T> | Failure<R>;

/** A result that carries `value`. */
export function ok<T>(value: T): Success<T> {
  return { ok: true, value };
}

/** A result that refuses, with a stable code, words, and the offending values. */
export function refuse<Code extends string>(
  code: Code,
  message: string,
  details?: Readonly<Record<string, string>>,
): Failure<Refusal<Code>> {
  return {
    ok: false,
    refusal: details === undefined ? { code, message } : { code, message, details },
  };
}
