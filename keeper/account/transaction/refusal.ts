import type { Refusal } from "../../base/result.ts";
import type { TokenId } from "../../jurisdiction/types.ts";

/** The refusals that several kinds share. */
export function tokenNotListed(token: TokenId): Refusal {
  return {
    code: "tokenNotListed",
    message: "give credit in this token first: that lists it",
    details: { token: `${token}` },
  };
}

export function amountOutside(value: bigint): Refusal {
  return {
    code: "amountRange",
    message: "an amount is an integer, 0 ≤ x < 2^127",
    details: { value: `${value}` },
  };
}
