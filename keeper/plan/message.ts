/** What the signers of a plan and its coordinator send each other, entity to entity. */
import type { Bytes32 } from "../base/bytes.ts";
import type { Plan } from "./types.ts";

export type PlanMessage =
  /** Coordinator to all signers: the whole plan, to be checked alone by each. */
  | { readonly kind: "propose"; readonly plan: Plan }
  /** Signer to coordinator. Binds nobody: nothing is held before all have accepted. */
  | { readonly kind: "accept"; readonly plan: Bytes32 }
  | { readonly kind: "refuse"; readonly plan: Bytes32; readonly code: string }
  /** Coordinator to all: everybody accepted, hold the legs. */
  | { readonly kind: "begin"; readonly plan: Bytes32 }
  /** Signer to coordinator: all own legs are in frames signed by both. Binds nobody yet. */
  | { readonly kind: "held"; readonly plan: Bytes32 }
  /**
   * Coordinator to all: everybody's legs are held, sign. Until then anyone may still let go, so a
   * hold that is refused leaves nobody behind with a hold that it cannot drop.
   */
  | { readonly kind: "prepare"; readonly plan: Bytes32 }
  /** Signer to all signers; the envelope carries the signature under `Prepared(plan)`. */
  | { readonly kind: "prepared"; readonly plan: Bytes32 }
  /** Coordinator to all: it will not be; whoever has not signed "prepared" lets go. */
  | { readonly kind: "drop"; readonly plan: Bytes32; readonly code: string }
  /** Signer to coordinator: all own legs are applied, or released. */
  | { readonly kind: "done"; readonly plan: Bytes32; readonly committed: boolean };
