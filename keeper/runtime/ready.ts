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
  readonly result: (id: CommandId, result: CommandResult) => void;
  readonly alarm: (entity: EntityId, peer: EntityId, refusal: Refusal) => void;
  readonly reorg: (height: number, depth: number) => void;
  readonly refusedBlock: (refusal: Refusal) => void;
  readonly halt: (refusal: Refusal) => void;
  readonly finish: (height: number, record: Bytes, root: Bytes32) => Ready;
};

export function createCollector(): Collector {
  const signatures: SignatureRequest[] = [];
  const messages: OutgoingMessage[] = [];
  const transactions: ChainRequest[] = [];
  const results: { id: CommandId; result: CommandResult }[] = [];
  const notices: Notice[] = [];
  let halted: Refusal | null = null;

  /** What the chain reads soon is signed alone; the rest shares one signature a key. */
  function request(entity: EntityId, { slot, digest }: Signing): number {
    const alone = slot.kind === "batch" || slot.kind === "settlement";
    return signatures.push({ entity, slot, digest, alone }) - 1;
  }

  function effect(entity: EntityId, asked: EntityEffect): void {
    switch (asked.kind) {
      case "send": {
        const signature = asked.sign === null ? -1 : request(entity, asked.sign);
        const payload = encodeEntityMessage(asked.message);
        messages.push({ from: entity, to: asked.to, payload, signature });
        return;
      }
      case "submitBatch": {
        const signature = request(entity, asked.sign);
        transactions.push({ kind: "batch", batch: asked.batch, signature });
        return;
      }
      case "submitSettlement": {
        const { settlement, peerSignature } = asked;
        const signature = request(entity, asked.sign);
        transactions.push({ kind: "settlement", settlement, by: entity, peerSignature, signature });
        return;
      }
      case "result":
        results.push({ id: asked.id, result: asked.result });
        return;
      case "committed": {
        const { peer, number, hash, stateRoot } = asked;
        notices.push({ kind: "committed", entity, peer, number, hash, stateRoot });
        return;
      }
      case "certified":
        notices.push({ kind: "certified", entity, plan: asked.plan });
        return;
      case "alarm":
        notices.push({ kind: "alarm", entity, peer: asked.peer, refusal: asked.refusal });
        return;
      default:
        return unreachable(asked);
    }
  }

  return {
    effect,
    result: (id, result) => void results.push({ id, result }),
    alarm: (entity, peer, refusal) => void notices.push({ kind: "alarm", entity, peer, refusal }),
    reorg: (height, depth) => void notices.push({ kind: "reorg", height, depth }),
    refusedBlock: (refusal) => void notices.push({ kind: "refusedBlock", refusal }),
    halt: (refusal) => {
      halted = refusal;
    },
    finish: (height, record, root) => ({
      height,
      record,
      root,
      signatures,
      messages,
      transactions,
      results,
      notices,
      halt: halted,
    }),
  };
}
