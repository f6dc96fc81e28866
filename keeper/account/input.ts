/** What one side's replica of an account can be told. */
import type { AccountMessage, Claim } from "./message.ts";
import type { Transaction } from "./transaction.ts";
import type { ObservedBlock } from "./types.ts";

export type AccountInput =
  /** The entity wants these agreed; they wait in the mempool. */
  | { readonly kind: "submit"; readonly transactions: readonly Transaction[] }
  | {
      readonly kind: "message";
      readonly connection: number;
      readonly message: AccountMessage;
      readonly claim: Claim | null;
    }
  | { readonly kind: "connect"; readonly connection: number }
  | { readonly kind: "disconnect" }
  /** A final block touched this account, or passed its open settlement's deadline. */
  | { readonly kind: "observe"; readonly block: ObservedBlock }
  /** The chain's final height moved: a held frame may go on. */
  | { readonly kind: "final" }
  /** The guard would not sign this number: on a newer disk it has signed up to `mark` (BFT-4). */
  | {
      readonly kind: "numberTaken";
      readonly epoch: number;
      readonly number: number;
      readonly mark: number;
    }
  /** End of the tick for this account: propose what waits, if a proposal may be made. */
  | { readonly kind: "flush" };
