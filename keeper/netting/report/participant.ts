import { leftExposure, rightExposure } from "../bound.ts";
import type { Ledger, TokenLedger } from "../ledger/types.ts";
import type { ParticipantReport } from "./types.ts";

/**
 * What every participant owes and is owed, before and after (NET-8): one row for each token in
 * which it has an account, tokens in file order, entities in order of first appearance.
 */
export function participantsOf(
  ledger: Ledger,
  flows: readonly (readonly bigint[])[],
): readonly ParticipantReport[] {
  return ledger.tokens.flatMap((token, index) =>
    participantsOfToken(ledger.names, token, flows[index] ?? []),
  );
}

type Sums = { owes: bigint; owed: bigint };

function participantsOfToken(
  names: readonly string[],
  token: TokenLedger,
  flows: readonly bigint[],
): readonly ParticipantReport[] {
  const before = sumsOf(token);
  const after = sumsOf(token, flows);
  const legs = new Map<number, number>();
  for (const [index, { left, right }] of token.network.positions.entries()) {
    if ((flows[index] ?? 0n) === 0n) continue;
    for (const entity of [left, right]) legs.set(entity, (legs.get(entity) ?? 0) + 1);
  }
  return [...before.keys()]
    .sort((a, b) => a - b)
    .map((entity) => {
      const then = before.get(entity) as Sums;
      const now = after.get(entity) as Sums;
      return {
        entity: names[entity] as string,
        token: token.name,
        owesBefore: then.owes,
        owesAfter: now.owes,
        owedBefore: then.owed,
        owedAfter: now.owed,
        legs: legs.get(entity) ?? 0,
      };
    });
}

function sumsOf({ network }: TokenLedger, flows: readonly bigint[] = []): Map<number, Sums> {
  const sums = new Map<number, Sums>();
  const of = (entity: number): Sums => {
    const known = sums.get(entity);
    if (known !== undefined) return known;
    const fresh = { owes: 0n, owed: 0n };
    sums.set(entity, fresh);
    return fresh;
  };
  for (const [index, position] of network.positions.entries()) {
    const delta = position.delta + (flows[index] ?? 0n);
    const left = of(position.left);
    const right = of(position.right);
    const leftOwes = leftExposure(delta);
    const rightOwes = rightExposure(delta, position.collateral);
    left.owes += leftOwes;
    right.owed += leftOwes;
    right.owes += rightOwes;
    left.owed += rightOwes;
  }
  return sums;
}
