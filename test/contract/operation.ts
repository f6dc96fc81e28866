import { concat, keccak256, solidityPacked, TypedDataEncoder, toBigInt, ZeroHash } from "ethers";

import type {
  BatchStruct,
  OperationsStruct,
  SettlementsStruct,
} from "../../typechain-types/Depository.ts";
import { type Key, lengthOf, signDigest } from "./entity.ts";

/** A deadline that no test reaches. */
export const FAR = 4_000_000_000n;

/** What a settlement does in one token; amounts in the token's smallest unit. */
export type Change = {
  readonly token: bigint;
  readonly leftDiff: bigint;
  readonly rightDiff: bigint;
  readonly collateralDiff: bigint;
  readonly ondeltaDiff: bigint;
};

/** A settlement as its sides see it, before it is laid out in tables. */
export type Settlement = {
  readonly left: Key;
  readonly right: Key;
  readonly epoch?: bigint;
  readonly number: bigint;
  readonly deadline?: bigint;
  readonly plan?: string;
  readonly diffs: readonly Change[];
};

/** A fair change: left pays `left` out of its reserve, right pays `right`, in one token. */
export function change(token: bigint, left: bigint, right: bigint): Change {
  return {
    token,
    leftDiff: -left,
    rightDiff: -right,
    collateralDiff: left + right,
    ondeltaDiff: left,
  };
}

const SETTLEMENT_TYPES = {
  Settlement: [
    { name: "left", type: "bytes32" },
    { name: "right", type: "bytes32" },
    { name: "epoch", type: "uint64" },
    { name: "number", type: "uint64" },
    { name: "deadline", type: "uint64" },
    { name: "plan", type: "bytes32" },
    { name: "diffsHash", type: "bytes32" },
  ],
};

/** The Depository's EIP-712 domain. */
export type Domain = {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: string;
};

/** What both sides of a settlement sign, as a leaf. */
export function settlementDigest(domain: Domain, settlement: Settlement): string {
  return TypedDataEncoder.hash(domain, SETTLEMENT_TYPES, termsOf(settlement));
}

/** What a plan's hash covers of one of its settlements. */
export function settlementStructHash(settlement: Settlement): string {
  return TypedDataEncoder.hashStruct("Settlement", SETTLEMENT_TYPES, termsOf(settlement));
}

function termsOf(settlement: Settlement): Record<string, string | bigint> {
  const packed = settlement.diffs.map((diff) =>
    solidityPacked(
      ["uint32", "int128", "int128", "int128", "int128"],
      [diff.token, diff.leftDiff, diff.rightDiff, diff.collateralDiff, diff.ondeltaDiff],
    ),
  );
  return {
    left: settlement.left.id,
    right: settlement.right.id,
    epoch: settlement.epoch ?? 0n,
    number: settlement.number,
    deadline: settlement.deadline ?? FAR,
    plan: settlement.plan ?? ZeroHash,
    diffsHash: keccak256(concat(packed)),
  };
}

/** A settlement's head as the ABI packs it; `tokens` are indices into the table of tokens. */
function packHead(head: {
  readonly left: number;
  readonly right: number;
  readonly epoch: bigint;
  readonly number: bigint;
  readonly deadline: bigint;
  readonly tokens: readonly number[];
  readonly leftSignature: number;
  readonly rightSignature: number;
}): bigint {
  const bits = head.tokens.reduce((sum, index) => sum | (1 << index), 0) >>> 0;
  return toBigInt(
    solidityPacked(
      ["uint32", "uint64", "uint64", "uint8", "uint8", "uint32", "uint24", "uint24"],
      [
        head.epoch,
        head.number,
        head.deadline,
        head.left,
        head.right,
        bits,
        head.leftSignature,
        head.rightSignature,
      ],
    ),
  );
}

/** Gives a side's signature under a settlement, or no bytes. */
export type SideSigner = (side: Key, digest: string) => string;

/** A signer for all sides but the carrier, whose batch has signed already. */
export function signAllBut(carrier?: Key): SideSigner {
  return (side, digest) => (side.id === carrier?.id ? "0x" : signDigest(side, digest));
}

/**
 * Lays settlements out in the tables of the ABI, signed.
 * @param others further entities of the table, as a plan's signers are.
 */
export function layOut(
  domain: Domain,
  settlements: readonly Settlement[],
  atomic: boolean,
  sign: SideSigner = signAllBut(),
  others: readonly string[] = [],
): SettlementsStruct {
  const ids = new Set([...others, ...settlements.flatMap((s) => [s.left.id, s.right.id])]);
  const entities = [...ids].sort();
  const tokens = [...new Set(settlements.flatMap((s) => s.diffs.map((d) => d.token)))].sort(
    (a, b) => Number(a - b),
  );
  const signed = settlements.map((settlement) => {
    const digest = settlementDigest(domain, settlement);
    return {
      settlement,
      left: sign(settlement.left, digest),
      right: sign(settlement.right, digest),
    };
  });
  return {
    atomic,
    entities,
    tokens,
    heads: signed.map(({ settlement, left, right }) =>
      packHead({
        left: entities.indexOf(settlement.left.id),
        right: entities.indexOf(settlement.right.id),
        epoch: settlement.epoch ?? 0n,
        number: settlement.number,
        deadline: settlement.deadline ?? FAR,
        tokens: settlement.diffs.map(({ token }) => tokens.indexOf(token)),
        leftSignature: lengthOf(left),
        rightSignature: lengthOf(right),
      }),
    ),
    diffs: settlements.flatMap((s) =>
      s.diffs.map(({ leftDiff, rightDiff }) =>
        toBigInt(solidityPacked(["int128", "int128"], [leftDiff, rightDiff])),
      ),
    ),
    signatures: concat(signed.flatMap(({ left, right }) => [left, right])),
  };
}

/** A batch with only the given kinds of operation. */
export function batchOf(
  entity: Key,
  nonce: bigint,
  operations: Partial<OperationsStruct>,
  deadline: bigint = FAR,
): BatchStruct {
  return {
    entity: entity.id,
    nonce,
    deadline,
    operations: {
      reserveToReserve: [],
      collateralToReserve: [],
      settlements: [],
      reserveToCollateral: [],
      withdrawals: [],
      enforcements: [],
      ...operations,
    },
  };
}
