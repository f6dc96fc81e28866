/** EIP-712 digests of the Depository that belong to a chain; DESIGN.md, "Encodings". */
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import {
  createPacker,
  hashPacked,
  packBigWord,
  packBytes32,
  packDelta,
  packUint32,
  packWord,
  restart,
} from "../codec/packed.ts";
import { domainSeparator, startStruct, typedDigest, typeHash } from "../codec/typed.ts";
import type { EntityId, Settlement, SettlementDiff, TokenId } from "./types.ts";

const SETTLEMENT = typeHash(
  "Settlement(bytes32 left,bytes32 right,uint64 epoch,uint64 number,uint64 deadline," +
    "bytes32 plan,bytes32 diffsHash)",
);
const BATCH = typeHash("Batch(bytes32 entity,uint64 nonce,uint64 deadline,bytes32 operationsHash)");
const DEPOSIT = typeHash(
  "Deposit(bytes32 entity,uint32 token,uint128 amount,uint256 nonce,uint64 deadline)",
);

const packer = createPacker();

/** The domain of one Depository on one chain. */
export function depositoryDomain(chainId: number, depository: Bytes): Bytes32 {
  return domainSeparator({
    name: "XLN Depository",
    version: "1",
    chainId: BigInt(chainId),
    verifyingContract: depository,
  });
}

export function diffsHash(diffs: readonly SettlementDiff[]): Bytes32 {
  restart(packer);
  for (const { token, leftDiff, rightDiff, collateralDiff, ondeltaDiff } of diffs) {
    packUint32(packer, token);
    packDelta(packer, leftDiff);
    packDelta(packer, rightDiff);
    packDelta(packer, collateralDiff);
    packDelta(packer, ondeltaDiff);
  }
  return hashPacked(packer);
}

/** `hashStruct(Settlement)`, as a plan's `settlementsHash` takes it too. */
export function settlementHash(settlement: Settlement): Bytes32 {
  const { left, right, epoch, number, deadline, plan, diffs } = settlement;
  const hash = diffsHash(diffs);
  startStruct(packer, SETTLEMENT);
  packBytes32(packer, left);
  packBytes32(packer, right);
  packWord(packer, epoch);
  packWord(packer, number);
  packWord(packer, deadline);
  packBytes32(packer, plan);
  packBytes32(packer, hash);
  return hashPacked(packer);
}

/** What both sides sign for a settlement (DEP-4). */
export function settlementDigest(domain: Bytes32, settlement: Settlement): Bytes32 {
  return typedDigest(domain, settlementHash(settlement));
}

/** What an entity signs for its batch (DEP-2); `batchDigest` computes the operations' hash. */
export function hashBatch(
  domain: Bytes32,
  batch: {
    readonly entity: EntityId;
    readonly nonce: number;
    readonly deadline: number;
    readonly operationsHash: Bytes32;
  },
): Bytes32 {
  startStruct(packer, BATCH);
  packBytes32(packer, batch.entity);
  packWord(packer, batch.nonce);
  packWord(packer, batch.deadline);
  packBytes32(packer, batch.operationsHash);
  return typedDigest(domain, hashPacked(packer));
}

/** What a token's owner signs, directly and not under a root, for a deposit (DEP-1). */
export function depositDigest(
  domain: Bytes32,
  deposit: {
    readonly entity: EntityId;
    readonly token: TokenId;
    readonly amount: bigint;
    readonly nonce: bigint;
    readonly deadline: number;
  },
): Bytes32 {
  startStruct(packer, DEPOSIT);
  packBytes32(packer, deposit.entity);
  packWord(packer, deposit.token);
  packBigWord(packer, deposit.amount);
  packBigWord(packer, deposit.nonce);
  packWord(packer, deposit.deadline);
  return typedDigest(domain, hashPacked(packer));
}
