/** Whether a recovered log lacks what the guard remembers (NET-5: after that a plan is neither). */
import type { Account } from "./account/types.ts";
import type { Bytes32 } from "./base/bytes.ts";
import type { Entity } from "./entity/types.ts";
import type { EntityId } from "./jurisdiction/types.ts";
import type { Participation } from "./plan/types.ts";
import type { Runtime } from "./runtime/types.ts";
import type { GuardedSlot, Signer } from "./signer/types.ts";

/**
 * The entities whose guard has signed something that their log does not know: the log was restored
 * from an older disk. The log is synced before the guard, so a log that is whole never lacks
 * anything. A log without an open plan may have forgotten one whole, with the holds that its
 * "prepared" was signed for; a frame of an account tells, or an account that is not known at all:
 * whose it was nobody can say then. A frozen account signs nothing, and no plan is taken on in it.
 * Where the guard's own record is as old as the log nothing can be noticed here; then the exchange
 * of heads with the peers may tell (ACC-6).
 */
export function olderEntities(
  { entities, view }: Pick<Runtime, "entities" | "view">,
  { remembers, survey }: Pick<Signer, "remembers" | "survey">,
): readonly EntityId[] {
  const { domain } = view.jurisdiction;
  const all = Array.from(entities.keys(), (index) => entities.get(index) as Entity);
  const { remembered, hasOthers } = survey(slotsOf(all, domain));
  let place = 0;
  const older = all.filter(({ id, accounts, plans }) => {
    let isOlder = hasOthers;
    for (const peer of accounts.keys()) {
      const isAhead = remembered.has(place++);
      if (isAhead && accounts.get(peer)?.frozen === null) isOlder = true;
    }
    for (const participation of plans.participations.values()) {
      const { hash: plan } = participation;
      if (mayHaveSigned(participation) && remembers(id, { kind: "plan", plan })) isOlder = true;
    }
    return isOlder;
  });
  return older.map(({ id }) => id);
}

function* slotsOf(
  entities: readonly Entity[],
  domain: Bytes32,
): Generator<readonly [EntityId, GuardedSlot]> {
  for (const { id, accounts } of entities) {
    for (const peer of accounts.keys()) {
      yield [id, slotAbove(accounts.get(peer) as Account, domain)];
    }
  }
}

/** The next number above all that the log knows to be signed. */
function slotAbove({ state, highestSigned }: Account, domain: Bytes32): GuardedSlot {
  const { key: account, epoch } = state;
  return { kind: "proof", account, domain, epoch, number: highestSigned + 1 };
}

function mayHaveSigned({ phase }: Participation): boolean {
  return phase === "accepted" || phase === "holding";
}
