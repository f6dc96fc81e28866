/** Gathers what the entities ask for during one tick into its `Ready`. */
import { unreachable } from "../base/assert.ts";
import type { Bytes, Bytes32 } from "../base/bytes.ts";
import type { Refusal } from "../base/result.ts";
import { encodeEntityMessage } from "../entity/codec/message.ts";
import type { EntityEffect, Signing } from "../entity/effect.ts";
import type { CommandId, CommandResult } from "../entity/types.ts";
import type { EntityId } from "../jurisdiction/types.ts";
import type { ChainRequest, Notice, OutgoingMessage, Ready, SignatureRequest } from "./types.ts";

export type Collector = {
  readonly effect: (entity: EntityId, effect: EntityEffect) => void;
  readonly result: (entity: EntityId, id: CommandId, result: CommandResult) => void;
  readonly alarm: (entity: EntityId, peer: EntityId, refusal: Refusal) => void;
  readonly reorg: (height: number, depth: number) => void;
  readonly refusedBlock: (refusal: Refusal) => void;
  readonly halt: (refusal: Refusal) => void;
  readonly finish: (height: number, record: Bytes, root: Bytes32) => Ready;
};

/** What one tick has asked for so far. */
type Gathered = {
  readonly signatures: SignatureRequest[];
  readonly messages: OutgoingMessage[];
  readonly transactions: ChainRequest[];
  readonly results: Ready["results"][number][];
  readonly notices: Notice[];
  halt: Refusal | null;
};

export function createCollector(): Collector {
  const gathered: Gathered = {
    signatures: [],
    messages: [],
    transactions: [],
    results: [],
    notices: [],
    halt: null,
  };
  const { results, notices } = gathered;
  return {
    effect: (entity, effect) => gather(gathered, entity, effect),
    result: (entity, id, result) => void results.push({ entity, id, result }),
    alarm: (entity, peer, refusal) => void notices.push({ kind: "alarm", entity, peer, refusal }),
    reorg: (height, depth) => void notices.push({ kind: "reorg", height, depth }),
    refusedBlock: (refusal) => void notices.push({ kind: "refusedBlock", refusal }),
    halt: (refusal) => {
      gathered.halt = refusal;
    },
    finish: (height, record, root) => ({ height, record, root, ...gathered }),
  };
}

/** What the chain reads soon is signed alone; the rest shares one signature a key. */
function request({ signatures }: Gathered, entity: EntityId, signing: Signing): number {
  const { slot, digest } = signing;
  const alone = signing.alone ?? (slot.kind === "batch" || slot.kind === "settlement");
  return signatures.push({ entity, slot, digest, alone }) - 1;
}

function gather(gathered: Gathered, entity: EntityId, effect: EntityEffect): void {
  const { messages, transactions, results, notices } = gathered;
  switch (effect.kind) {
    case "send": {
      const { to, message, sign } = effect;
      const signature = sign === null ? -1 : request(gathered, entity, sign);
      messages.push({ from: entity, to, payload: encodeEntityMessage(message), signature });
      return;
    }
    case "submitBatch": {
      const signature = request(gathered, entity, effect.sign);
      transactions.push({ kind: "batch", batch: effect.batch, signature });
      return;
    }
    case "submitSettlement": {
      const { settlement, peerSignature } = effect;
      const signature = request(gathered, entity, effect.sign);
      transactions.push({ kind: "settlement", settlement, by: entity, peerSignature, signature });
      return;
    }
    case "submitPlan":
      transactions.push({ kind: "plan", commit: effect.commit });
      return;
    case "result":
      results.push({ entity, id: effect.id, result: effect.result });
      return;
    case "committed": {
      const { peer, number, hash, stateRoot } = effect;
      notices.push({ kind: "committed", entity, peer, number, hash, stateRoot });
      return;
    }
    case "certified":
      notices.push({ kind: "certified", entity, plan: effect.plan });
      return;
    case "alarm":
      notices.push({ kind: "alarm", entity, peer: effect.peer, refusal: effect.refusal });
      return;
    default:
      return unreachable(effect);
  }
}
