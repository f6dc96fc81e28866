/** What entities send each other; the envelope binds sender and receiver (NETW-2). */
import type { AccountMessage } from "../account/message.ts";
import type { PlanMessage } from "../plan/message.ts";
import type { HandedRow } from "./types.ts";

export type EntityMessage =
  | { readonly kind: "account"; readonly message: AccountMessage }
  | { readonly kind: "plan"; readonly message: PlanMessage }
  /** A coordinator asks for rows; the request's number comes back with the answer. */
  | { readonly kind: "askRows"; readonly request: string }
  /** Signed by the sender: the envelope claims the digest of these rows. */
  | {
      readonly kind: "rows";
      readonly request: string;
      readonly rows: readonly HandedRow[];
    };
