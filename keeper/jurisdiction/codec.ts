/**
 * Canonical RLP of blocks, inputs, settlements, batches and views, for messages, log and
 * checkpoints. `…Item` gives what is embedded in a larger encoding, `read…` takes it out of one.
 */
import { unreachable } from "../base/assert.ts";
import { type Bytes, compareBytes, equalBytes } from "../base/bytes.ts";
import { compareNumbers, isStrictlyAscending } from "../base/order.ts";
import type { Result } from "../base/result.ts";
import { entityClass } from "../codec/identity.ts";
import {
  decodeRlp,
  fail,
  hasMore,
  type RlpReader,
  readAmount,
  readBytes,
  readBytes32,
  readDelta,
  readExactly,
  readItems,
  readList,
  readNumber,
} from "../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue, zigzag } from "../codec/rlp/encode.ts";
import type { JurisdictionInput } from "./input.ts";
import {
  MAX_DIFFS,
  MAX_EVENTS,
  MAX_FUNDINGS,
  MAX_RECENT,
  MAX_SETTLEMENTS,
  MAX_SIGNATURE_BYTES,
  MAX_SIGNERS,
  MAX_TRANSFERS,
  MAX_WITHDRAWALS,
} from "./limit.ts";
import type {
  Batch,
  Block,
  BlockReference,
  ChainEvent,
  EntityId,
  Jurisdiction,
  Operations,
  PlanCommit,
  Settlement,
  SettlementDiff,
  TokenId,
  View,
} from "./types.ts";

const MAX_TOKEN = 2 ** 32 - 1;

// Ids

/** An id that somebody can have (ENT-1). */
export function readEntity(reader: RlpReader): EntityId {
  const id = readBytes32(reader);
  if (entityClass(id) === undefined) fail("nobody has the id 0");
  return id;
}

export function readToken(reader: RlpReader): TokenId {
  return readNumber(reader, MAX_TOKEN);
}

function readAddress(reader: RlpReader): Bytes {
  return readExactly(reader, 20);
}

// Blocks

export function blockItem(block: Block): RlpValue {
  const { height, hash, timestamp, parentHash, events } = block;
  return [height, hash, timestamp, parentHash, events.map(eventItem)];
}

export function readBlock(reader: RlpReader): Block {
  return readList(reader, () => ({
    ...readReferenceFields(reader),
    parentHash: readBytes32(reader),
    events: readItems(reader, MAX_EVENTS, readEvent),
  }));
}

function readReferenceFields(reader: RlpReader): BlockReference {
  return {
    height: readNumber(reader),
    hash: readBytes32(reader),
    timestamp: readNumber(reader),
  };
}

function eventItem(event: ChainEvent): RlpValue {
  switch (event.kind) {
    case "account": {
      const { left, right, token, epoch, number, collateral, ondelta } = event;
      return [0, left, right, token, epoch, number, collateral, zigzag(ondelta)];
    }
    case "reserve":
      return [1, event.entity, event.token, event.amount];
    case "batch":
      return [2, event.entity, event.nonce];
    case "token": {
      const { token, contract, assetId } = event;
      return assetId === null ? [3, token, contract] : [3, token, contract, assetId];
    }
    case "board":
      return [4, event.entity, event.boardHash];
    case "plan":
      return [5, event.plan];
    default:
      return unreachable(event);
  }
}

function readEvent(reader: RlpReader): ChainEvent {
  return readList(reader, (): ChainEvent => {
    const kind = readNumber(reader);
    switch (kind) {
      case 0:
        return {
          kind: "account",
          ...readParties(reader),
          token: readToken(reader),
          epoch: readNumber(reader),
          number: readNumber(reader),
          collateral: readAmount(reader),
          ondelta: readDelta(reader),
        };
      case 1: {
        const entity = readEntity(reader);
        return { kind: "reserve", entity, token: readToken(reader), amount: readAmount(reader) };
      }
      case 2:
        return { kind: "batch", entity: readEntity(reader), nonce: readNumber(reader) };
      case 3: {
        const [token, contract] = [readToken(reader), readAddress(reader)];
        const assetId = hasMore(reader) ? readBytes32(reader) : null;
        return { kind: "token", token, contract, assetId };
      }
      case 4:
        return { kind: "board", entity: readEntity(reader), boardHash: readBytes32(reader) };
      case 5:
        return { kind: "plan", plan: readBytes32(reader) };
      default:
        return fail(`no event of kind ${kind}`);
    }
  });
}

function readParties(reader: RlpReader): { readonly left: EntityId; readonly right: EntityId } {
  const left = readEntity(reader);
  const right = readEntity(reader);
  if (compareBytes(left, right) >= 0) fail("left is not the lower id");
  return { left, right };
}

// Inputs

export function inputItem(input: JurisdictionInput): RlpValue {
  switch (input.kind) {
    case "block":
      return [0, blockItem(input.block)];
    case "reorg":
      return [1, input.height, input.hash];
    default:
      return unreachable(input);
  }
}

export function readInput(reader: RlpReader): JurisdictionInput {
  return readList(reader, (): JurisdictionInput => {
    const kind = readNumber(reader);
    if (kind === 0) return { kind: "block", block: readBlock(reader) };
    if (kind !== 1) fail(`no chain input of kind ${kind}`);
    return { kind: "reorg", height: readNumber(reader), hash: readBytes32(reader) };
  });
}

export function encodeInput(input: JurisdictionInput): Bytes {
  return encodeRlp(inputItem(input));
}

export function decodeInput(bytes: Bytes): Result<JurisdictionInput> {
  return decodeRlp(bytes, readInput);
}

// Settlements and batches

export function settlementItem(settlement: Settlement): RlpValue {
  const { left, right, epoch, number, deadline, plan, diffs } = settlement;
  return [left, right, epoch, number, deadline, plan, diffs.map(diffItem)];
}

export function readSettlement(reader: RlpReader): Settlement {
  return readList(reader, () => ({
    ...readParties(reader),
    epoch: readNumber(reader),
    number: readNumber(reader),
    deadline: readNumber(reader),
    plan: readBytes32(reader),
    diffs: readDiffs(reader),
  }));
}

export function diffItem(diff: SettlementDiff): RlpValue {
  const { token, leftDiff, rightDiff, collateralDiff, ondeltaDiff } = diff;
  return [token, ...[leftDiff, rightDiff, collateralDiff, ondeltaDiff].map(zigzag)];
}

/** Strictly ascending by token, each in balance (DEP-4). */
export function readDiffs(reader: RlpReader): readonly SettlementDiff[] {
  const diffs = readItems(reader, MAX_DIFFS, readDiff);
  if (!isStrictlyAscending(diffs, (a, b) => compareNumbers(a.token, b.token))) {
    fail("diffs are not strictly ascending by token");
  }
  return diffs;
}

function readDiff(reader: RlpReader): SettlementDiff {
  const diff = readList(reader, () => ({
    token: readToken(reader),
    leftDiff: readDelta(reader),
    rightDiff: readDelta(reader),
    collateralDiff: readDelta(reader),
    ondeltaDiff: readDelta(reader),
  }));
  if (diff.leftDiff + diff.rightDiff + diff.collateralDiff !== 0n) fail("a diff is not in balance");
  return diff;
}

export function operationsItem(operations: Operations): RlpValue {
  const { reserveToReserve, settlements, reserveToCollateral, withdrawals } = operations;
  return [
    reserveToReserve.map(({ to, token, amount }) => [to, token, amount]),
    settlements.map(({ settlement, signature }) => [settlementItem(settlement), signature]),
    reserveToCollateral.map(({ payee, counterparty, token, amount }) => [
      payee,
      counterparty,
      token,
      amount,
    ]),
    withdrawals.map(({ to, token, amount }) => [to, token, amount]),
  ];
}

export function readOperations(reader: RlpReader): Operations {
  return readList(reader, () => ({
    reserveToReserve: readItems(reader, MAX_TRANSFERS, () =>
      readList(reader, () => ({
        to: readEntity(reader),
        token: readToken(reader),
        amount: readAmount(reader),
      })),
    ),
    settlements: readItems(reader, MAX_SETTLEMENTS, () =>
      readList(reader, () => ({
        settlement: readSettlement(reader),
        signature: readBytes(reader, MAX_SIGNATURE_BYTES),
      })),
    ),
    reserveToCollateral: readItems(reader, MAX_FUNDINGS, () =>
      readList(reader, () => ({
        payee: readEntity(reader),
        counterparty: readEntity(reader),
        token: readToken(reader),
        amount: readAmount(reader),
      })),
    ),
    withdrawals: readItems(reader, MAX_WITHDRAWALS, () =>
      readList(reader, () => ({
        to: readAddress(reader),
        token: readToken(reader),
        amount: readAmount(reader),
      })),
    ),
  }));
}

export function batchItem(batch: Batch): RlpValue {
  const { entity, nonce, deadline, operations } = batch;
  return [entity, nonce, deadline, operationsItem(operations)];
}

export function readBatch(reader: RlpReader): Batch {
  return readList(reader, () => ({
    entity: readEntity(reader),
    nonce: readNumber(reader),
    deadline: readNumber(reader),
    operations: readOperations(reader),
  }));
}

export function planCommitItem(commit: PlanCommit): RlpValue {
  const { plan, signers, legsHash, settlements, salt, commitBy, signatures } = commit;
  const settled = settlements.map(settlementItem);
  return [plan, signers, legsHash, settled, salt, commitBy, signatures];
}

export function readPlanCommit(reader: RlpReader): PlanCommit {
  return readList(reader, () => ({
    plan: readBytes32(reader),
    signers: readItems(reader, MAX_SIGNERS, readEntity),
    legsHash: readBytes32(reader),
    settlements: readItems(reader, MAX_SETTLEMENTS, readSettlement),
    salt: readBytes32(reader),
    commitBy: readNumber(reader),
    signatures: readItems(reader, MAX_SIGNERS, () => readBytes(reader, MAX_SIGNATURE_BYTES)),
  }));
}

// Views

export function jurisdictionItem(jurisdiction: Jurisdiction): RlpValue {
  return [
    jurisdiction.chainId,
    jurisdiction.depository,
    jurisdiction.entityProvider,
    jurisdiction.domain,
    jurisdiction.deployedAt,
    jurisdiction.finalityDepth,
    jurisdiction.inclusionMargin,
    jurisdiction.responseTime,
  ];
}

export function readJurisdiction(reader: RlpReader): Jurisdiction {
  return readList(reader, () => ({
    chainId: readNumber(reader),
    depository: readAddress(reader),
    entityProvider: readAddress(reader),
    domain: readBytes32(reader),
    deployedAt: readNumber(reader),
    finalityDepth: readNumber(reader, MAX_RECENT),
    inclusionMargin: readNumber(reader),
    responseTime: readNumber(reader),
  }));
}

/** A reference to a block, or an empty list for none. */
export function referenceItem(reference: BlockReference | null): RlpValue {
  return reference === null ? [] : [reference.height, reference.hash, reference.timestamp];
}

export function readReference(reader: RlpReader): BlockReference | null {
  return readList(reader, () => (hasMore(reader) ? readReferenceFields(reader) : null));
}

export function viewItem(view: View): RlpValue {
  const { jurisdiction, final, tokens, recent } = view;
  return [jurisdictionItem(jurisdiction), referenceItem(final), tokens, recent.map(blockItem)];
}

/** Only what the fold can have made: recent blocks stand on the final one, each on another. */
export function readView(reader: RlpReader): View {
  return readList(reader, () => {
    const jurisdiction = readJurisdiction(reader);
    const final = readReference(reader);
    const tokens = readToken(reader);
    const recent = readItems(reader, jurisdiction.finalityDepth, readBlock);
    let below: { readonly height: number; readonly hash: Bytes } | null = final;
    for (const block of recent) {
      const stands = below === null || equalBytes(block.parentHash, below.hash);
      const height = below === null ? jurisdiction.deployedAt : below.height + 1;
      if (!stands || block.height !== height) fail("a block does not stand on the one before");
      below = block;
    }
    return { jurisdiction, final, tokens, recent };
  });
}

export function encodeView(view: View): Bytes {
  return encodeRlp(viewItem(view));
}

export function decodeView(bytes: Bytes): Result<View> {
  return decodeRlp(bytes, readView);
}
