/**
 * Batches and settlements as the Depository's doors take them, typed by its ABI (CHN-1). The same
 * values are hashed here and sent by the chain floor, so they can never differ.
 */
import type { ContractFunctionArgs } from "viem";
import { IDepository__factory } from "../../typechain-types/factories/interface/IDepository__factory.ts";
import { assert } from "../base/assert.ts";
import {
  type Bytes,
  compareBytes,
  concatBytes,
  EMPTY_BYTES,
  equalBytes,
  isZeroBytes,
  toHex,
} from "../base/bytes.ts";
import { compareNumbers, indexOfSorted } from "../base/order.ts";
import { MAX_DIFFS, MAX_SETTLEMENTS, MAX_TABLE_TOKENS } from "./limit.ts";
import type {
  Batch,
  EntityId,
  Operations,
  PlanCommit,
  Settlement,
  SettlementDiff,
  TokenId,
} from "./types.ts";

/** The Depository's interface, from `typechain-types` alone. */
export const depositoryAbi = IDepository__factory.abi;

type Call<Name extends "processBatch" | "settleDiffs" | "commitPlan"> = ContractFunctionArgs<
  typeof depositoryAbi,
  "nonpayable",
  Name
>;

/** The first argument of `processBatch`. */
export type ContractBatch = Call<"processBatch">[0];
export type ContractOperations = ContractBatch["operations"];
/** The argument of `settleDiffs`. */
export type ContractSettlements = Call<"settleDiffs">[0];
/** The arguments of `commitPlan`: the plan's terms; its signers, settlements and certificate. */
export type ContractPlan = Call<"commitPlan">;

/** A settlement with what both sides signed; empty for the side whose own batch carries it. */
export type SignedSettlement = {
  readonly settlement: Settlement;
  readonly leftSignature: Bytes;
  readonly rightSignature: Bytes;
};

/** What `processBatch` takes for this batch; its signature goes beside it. */
export function toContractBatch(batch: Batch): ContractBatch {
  const { entity, nonce, deadline, operations } = batch;
  return {
    entity: toHex(entity),
    nonce: BigInt(nonce),
    deadline: BigInt(deadline),
    operations: toContractOperations(entity, operations),
  };
}

/**
 * The operations of `entity`'s batch. Its settlements skip and report, so that one whose number is
 * used, or that is insolvent, does not hold up the rest.
 */
export function toContractOperations(entity: EntityId, operations: Operations): ContractOperations {
  const settlements = operations.settlements.map(({ settlement, signature }): SignedSettlement => {
    const weAreLeft = equalBytes(settlement.left, entity);
    assert(weAreLeft || equalBytes(settlement.right, entity), "a settlement of somebody else");
    return {
      settlement,
      leftSignature: weAreLeft ? EMPTY_BYTES : signature,
      rightSignature: weAreLeft ? signature : EMPTY_BYTES,
    };
  });
  return {
    reserveToReserve: byToken(operations.reserveToReserve).map(([token, items]) => ({
      token,
      transfers: items.map(({ to, amount }) => ({ to: toHex(to), amount })),
    })),
    collateralToReserve: [],
    settlements: inLists(settlements).map((list) => toContractSettlements(list, false)),
    reserveToCollateral: byToken(operations.reserveToCollateral).map(([token, items]) => ({
      token,
      fundings: items.map(({ payee, counterparty, amount }) => ({
        beneficiary: toHex(payee),
        counterparty: toHex(counterparty),
        amount,
      })),
    })),
    withdrawals: byToken(operations.withdrawals).map(([token, items]) => ({
      token,
      items: items.map(({ to, amount }) => ({ to: toHex(to), amount })),
    })),
    enforcements: [],
  };
}

/** In their order, in as few lists as their tables of tokens allow. */
function inLists(settlements: readonly SignedSettlement[]): readonly SignedSettlement[][] {
  const lists: SignedSettlement[][] = [];
  let tokens = new Set<TokenId>();
  for (const signed of settlements) {
    const own = signed.settlement.diffs.map(({ token }) => token);
    const all = new Set([...tokens, ...own]);
    const last = lists.at(-1);
    if (last === undefined || all.size > MAX_TABLE_TOKENS) {
      lists.push([signed]);
      tokens = new Set(own);
    } else {
      last.push(signed);
      tokens = all;
    }
  }
  return lists;
}

/**
 * What `settleDiffs` takes, in the order given, with its tables of entities and tokens.
 * @param atomic all land or none does, and reserves are judged on balance (DEP-5).
 * @throws InvariantError beyond the contract's maximum of settlements, diffs, entities or tokens:
 * cut lists before.
 */
export function toContractSettlements(
  settlements: readonly SignedSettlement[],
  atomic: boolean,
): ContractSettlements {
  const listed = settlements.map(({ settlement }) => settlement);
  for (const { token, leftDiff, ondeltaDiff } of listed.flatMap(({ diffs }) => diffs)) {
    assert(ondeltaDiff === -leftDiff, "a settlement without a plan is fair by itself (DEP-4)", {
      token,
    });
  }
  const entities = distinct(
    listed.flatMap(({ left, right }) => [left, right]),
    compareBytes,
  );
  return {
    atomic,
    ...toTables(settlements, entities),
    signatures: toHex(
      concatBytes(
        ...settlements.flatMap(({ leftSignature, rightSignature }) => [
          leftSignature,
          rightSignature,
        ]),
      ),
    ),
  };
}

/**
 * What `commitPlan` takes: the chain sees the legs' hash alone, and for each signer in order the
 * length of its signature as `u16` and the signature (NET-5, NET-6).
 * @throws InvariantError beyond the contract's maxima: the plan floor's are lower.
 */
export function toContractPlan(commit: PlanCommit): ContractPlan {
  const { signers, legsHash, settlements, salt, commitBy, signatures } = commit;
  assert(signers.length === signatures.length, "a certificate has a signature of every signer");
  const unsigned = settlements.map((settlement): SignedSettlement => {
    return { settlement, leftSignature: EMPTY_BYTES, rightSignature: EMPTY_BYTES };
  });
  const terms = {
    legsHash: toHex(legsHash),
    salt: toHex(salt),
    commitBy: BigInt(commitBy),
    ondeltaDiffs: settlements.flatMap(({ diffs }) => diffs.map(({ ondeltaDiff }) => ondeltaDiff)),
  };
  const certificate = concatBytes(...signatures.flatMap((signature) => measured(signature)));
  const tables = toTables(unsigned, signers);
  return [terms, { atomic: true, ...tables, signatures: toHex(certificate) }];
}

/** A signature of a certificate behind its length. */
function measured(signature: Bytes): readonly Bytes[] {
  const { length } = signature;
  assert(length <= 0xffff, "a signature too long", { length });
  return [Uint8Array.of(length >> 8, length & 0xff), signature];
}

/** Heads and diffs, with the tables that they point into. */
function toTables(
  settlements: readonly SignedSettlement[],
  entities: readonly EntityId[],
): Omit<ContractSettlements, "atomic" | "signatures"> {
  const diffs = settlements.flatMap(({ settlement }) => settlement.diffs);
  assert(settlements.length <= MAX_SETTLEMENTS, "too many settlements");
  assert(diffs.length <= MAX_DIFFS, "too many diffs", { count: diffs.length });
  const tokens = distinct(
    diffs.map(({ token }) => token),
    compareNumbers,
  );
  return {
    entities: entities.map(toHex),
    tokens,
    heads: settlements.map((signed) => toHead(signed, entities, tokens)),
    diffs: diffs.map(toDiff),
  };
}

/** A settlement's head, packed as the ABI's `Settlements` describes it. */
function toHead(
  { settlement, leftSignature, rightSignature }: SignedSettlement,
  entities: readonly EntityId[],
  tokens: readonly TokenId[],
): bigint {
  const { left, right, epoch, number, deadline, plan, diffs } = settlement;
  assert(isZeroBytes(plan), "a plan's settlement belongs in the plan's commit");
  return toWord([
    [epoch, 32],
    [number, 64],
    [deadline, 64],
    [indexOfSorted(entities, left, compareBytes), 8],
    [indexOfSorted(entities, right, compareBytes), 8],
    [tokenBits(diffs, tokens), 32],
    [leftSignature.length, 24],
    [rightSignature.length, 24],
  ]);
}

/** A bit for each token that the diffs change, the lowest for the first of the table. */
function tokenBits(diffs: readonly SettlementDiff[], tokens: readonly TokenId[]): number {
  return diffs.reduce(
    (bits, { token }) => bits + 2 ** indexOfSorted(tokens, token, compareNumbers),
    0,
  );
}

/** The contract derives the change of the collateral; what was signed must be the same. */
function toDiff({ token, leftDiff, rightDiff, collateralDiff }: SettlementDiff): bigint {
  assert(leftDiff + rightDiff + collateralDiff === 0n, "a diff is not in balance", { token });
  return toWord([
    [BigInt.asUintN(128, leftDiff), 128],
    [BigInt.asUintN(128, rightDiff), 128],
  ]);
}

/** Fields side by side, the first in the highest bits; each with its width in bits. */
function toWord(fields: readonly (readonly [value: number | bigint, width: number])[]): bigint {
  return fields.reduce((word, [value, width]) => {
    const field = BigInt(value);
    assert(field >= 0n && field >> BigInt(width) === 0n, "a field too wide", { value, width });
    return (word << BigInt(width)) | field;
  }, 0n);
}

/** Groups in ascending order of token, items of one token in the order given. */
function byToken<Item extends { readonly token: TokenId }>(
  items: readonly Item[],
): readonly (readonly [TokenId, readonly Item[]])[] {
  const groups = new Map<TokenId, Item[]>();
  for (const item of items) {
    const group = groups.get(item.token);
    if (group === undefined) groups.set(item.token, [item]);
    else group.push(item);
  }
  return Array.from(groups).sort(([a], [b]) => compareNumbers(a, b));
}

function distinct<T>(items: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  const sorted = items.toSorted(compare);
  return sorted.filter((item, index) => index === 0 || compare(item, sorted[index - 1] as T) !== 0);
}
