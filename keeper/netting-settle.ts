/** The stage of a round of netting in which what is left over a limit is settled on chain. */
import { z } from "zod";
import { exposureOf } from "./account/rcpan.ts";
import type { Account } from "./account/types.ts";
import { toHex } from "./base/bytes.ts";
import type { Entity } from "./entity/types.ts";
import type { EntityId, TokenId } from "./jurisdiction/types.ts";
import { inPool, type NettingParts, type Round } from "./netting-round.ts";
import type { Json } from "./queue/types.ts";

/** Settlements that are under way at once. */
const SETTLEMENTS_AT_ONCE = 64;

const beforeSchema = z.looseObject({ ok: z.literal(true) });

type Due = {
  readonly entity: EntityId;
  readonly peer: EntityId;
  readonly tokens: readonly TokenId[];
};

/**
 * Stage *settle*: the participants that this keeper runs ask for settlement of what others owe
 * them above their soft limits. Those of other keepers do so at theirs.
 */
export async function settleRest(round: Round, before: Json, parts: NettingParts): Promise<Json> {
  const committed = beforeSchema.parse(before);
  const { id, settleBy } = round;
  const due = settleBy === null ? [] : dueOf(round, parts);
  const settlements = await inPool(due, SETTLEMENTS_AT_ONCE, async ({ entity, peer, tokens }) => {
    const result = await parts.command({
      kind: "command",
      entity,
      id: `${id}/settle/${toHex(peer)}`,
      command: { kind: "settle", peer, tokens, deadline: settleBy ?? 0 },
    });
    const landed = result.ok && result.value.kind === "settlement" && result.value.landed;
    const code = result.ok ? null : result.refusal.code;
    return { entity: toHex(entity), peer: toHex(peer), tokens, landed, code };
  });
  const landed = settlements.filter((one) => one.landed).length;
  parts.tell("settled", { asked: settlements.length, landed });
  return { ...committed, settlements } as Json;
}

function dueOf({ participants }: Round, parts: NettingParts): readonly Due[] {
  const { interner, entities } = parts.runtime();
  return participants.flatMap((id) => {
    const entity = entities.get(interner.find(id));
    return entity === undefined ? [] : dueTo(entity, (index) => interner.bytesOf(index));
  });
}

function dueTo({ id, accounts }: Entity, idOf: (index: number) => EntityId): readonly Due[] {
  return Array.from(accounts.keys()).flatMap((index) => {
    const tokens = tokensOverLimit(accounts.get(index) as Account);
    return tokens.length === 0 ? [] : [{ entity: id, peer: idOf(index), tokens }];
  });
}

/** Tokens in which the peer owes more than this side's soft limit. */
function tokensOverLimit({ me, state, frozen }: Account): readonly TokenId[] {
  if (frozen !== null) return [];
  const debtor = me === "left" ? "right" : "left";
  const over = state.rows.filter((row) => {
    const soft = me === "left" ? row.leftSoftLimit : row.rightSoftLimit;
    return exposureOf(row, debtor) > soft;
  });
  return over.map(({ token }) => token);
}
