import { enforcementTable } from "./table/enforcement.ts";
import { entityTable } from "./table/entity.ts";
import { moneyTable } from "./table/money.ts";
import type { Mutant } from "./types.ts";

/** Faults that no operator makes: the wrong side, the wrong order, the wrong moment. */
export const table: readonly Mutant[] = [...moneyTable, ...entityTable, ...enforcementTable];
