/** Whether a recovered log lacks what the guard remembers (NET-5: after that a plan is neither). */
import type { Account } from "./account/types.ts";
import type { Entity } from "./entity/types.ts";
import type { EntityId } from "./jurisdiction/types.ts";
import type { Participation } from "./plan/types.ts";
import type { Runtime } from "./runtime/types.ts";
import type { Signer } from "./signer/types.ts";

/**
 * The entities whose guard has signed something for an open plan that their log does not know: the
 * log was restored from an older disk. The log is synced before the guard, so a log that is whole
 * never lacks anything. Where the guard's own record is as old as the log nothing can be noticed
 * here; then the exchange of heads with the peers may tell (ACC-6).
 */
export function olderEntities(
  { entities, interner, view }: Runtime,
  { remembers }: Pick<Signer, "remembers">,
): readonly EntityId[] {
  const { domain } = view.jurisdiction;
  const older: EntityId[] = [];
  for (const index of entities.keys()) {
    const { id, accounts, plans } = entities.get(index) as Entity;
    const isAhead = ({ state, highestSigned }: Account): boolean => {
      const { key: account, epoch } = state;
      const number = highestSigned + 1;
      return remembers(id, { kind: "proof", account, domain, epoch, number });
    };
    const isForgotten = ({ phase, hash: plan, accounts: touched }: Participation): boolean => {
      if (phase !== "accepted" && phase !== "holding") return false;
      if (remembers(id, { kind: "plan", plan })) return true;
      return touched.some(({ peer }) => {
        const account = accounts.get(interner.find(peer));
        return account !== undefined && isAhead(account);
      });
    };
    if (Array.from(plans.participations.values()).some(isForgotten)) older.push(id);
  }
  return older;
}
