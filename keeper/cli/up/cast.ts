/** Who plays whom: a ledger's names as entities with keys, its rows as the chain orders them. */
import { mnemonicToAccount } from "viem/accounts";
import { asBytes32, type Bytes32, compareBytes, toHex } from "../../base/bytes.ts";
import { addressEntity } from "../../codec/identity.ts";
import { addressOf, publicKeyOf } from "../../codec/signature.ts";
import type { EntityId } from "../../jurisdiction/types.ts";
import type { Ledger } from "../../netting/ledger/types.ts";
import { partition } from "../partition.ts";

/** The public development mnemonic of Hardhat: worthless on any real chain. */
const MNEMONIC = "test test test test test test test test test test test junk";

/** Indices below are funded by a local node: the deployer is 0, keepers pay gas from 1 on. */
const FIRST_ENTITY = 100;

export type Actor = {
  readonly name: string;
  /** Its number in the ledger: names are any text, and ids of jobs are not. */
  readonly index: number;
  readonly id: EntityId;
  readonly key: Bytes32;
  /** Which of the three keepers runs it. */
  readonly keeper: number;
};

/** One position of the ledger, left being the lower id, and where it stands in the file. */
export type CastRow = {
  readonly left: Actor;
  readonly right: Actor;
  /** Index of the token in the ledger, and of the position in it. */
  readonly market: number;
  readonly position: number;
  /** True when the file has the sides the other way round. */
  readonly flipped: boolean;
  readonly delta: bigint;
  readonly collateral: bigint;
  readonly leftLimit: bigint;
  readonly rightLimit: bigint;
  readonly leftSoftLimit: bigint;
  readonly rightSoftLimit: bigint;
};

export type Cast = {
  readonly ledger: Ledger;
  readonly actors: readonly Actor[];
  readonly byId: ReadonlyMap<string, Actor>;
  readonly rows: readonly CastRow[];
  /** Accounts whose sides are run by different keepers. */
  readonly crossing: number;
};

/** A development key of Hardhat by its index. */
export function developmentKey(index: number): Bytes32 {
  const { privateKey } = mnemonicToAccount(MNEMONIC, { addressIndex: index }).getHdKey();
  if (privateKey === null) throw new Error("a derived key has its private part");
  return asBytes32(privateKey);
}

export function castOf(ledger: Ledger): Cast {
  const { keeperOf, crossing } = partition(ledger);
  const actors = ledger.names.map((name, index): Actor => {
    const key = developmentKey(FIRST_ENTITY + index);
    const id = addressEntity(addressOf(publicKeyOf(key)));
    return { name, index, id, key, keeper: keeperOf[index] ?? 0 };
  });
  const rows = ledger.tokens.flatMap(({ network }, market) =>
    network.positions.map((position, index): CastRow => {
      const first = actors[position.left] as Actor;
      const second = actors[position.right] as Actor;
      const flipped = compareBytes(first.id, second.id) > 0;
      const { delta, collateral, leftLimit, rightLimit, leftSoftLimit, rightSoftLimit } = position;
      const common = { market, position: index, flipped, collateral };
      if (!flipped) {
        const money = { delta, leftLimit, rightLimit, leftSoftLimit, rightSoftLimit };
        return { left: first, right: second, ...common, ...money };
      }
      return {
        left: second,
        right: first,
        ...common,
        // What is not left's claim is right's.
        delta: collateral - delta,
        leftLimit: rightLimit,
        rightLimit: leftLimit,
        leftSoftLimit: rightSoftLimit,
        rightSoftLimit: leftSoftLimit,
      };
    }),
  );
  const byId = new Map(actors.map((actor) => [toHex(actor.id), actor]));
  return { ledger, actors, byId, rows, crossing };
}

/** Delta as the file has it. */
export function fileDelta(row: CastRow, delta: bigint, collateral: bigint): bigint {
  return row.flipped ? collateral - delta : delta;
}

/** Every account once, with its rows. */
export function accountsOf(cast: Cast): readonly (readonly CastRow[])[] {
  const byPair = Map.groupBy(cast.rows, ({ left, right }) => `${toHex(left.id)}${toHex(right.id)}`);
  return [...byPair.values()];
}
