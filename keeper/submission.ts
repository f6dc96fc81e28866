/**
 * Signed work on its way to the chain as jobs of the queue `chain-submit` (QUE-1): the job rings
 * the submitter's bell. The work itself is in the machines, which ask for it again after a restart.
 */
import { z } from "zod";
import { fromHex, toHex } from "./base/bytes.ts";
import { nameOf } from "./chain/call.ts";
import type { Submission } from "./chain/types.ts";
import { decodeRlp, type RlpReader, readBytes, readList, readNumber } from "./codec/rlp/decode.ts";
import { encodeRlp, type RlpValue } from "./codec/rlp/encode.ts";
import {
  batchItem,
  planCommitItem,
  readBatch,
  readPlanCommit,
  readSettlement,
  settlementItem,
} from "./jurisdiction/codec.ts";
import { MAX_SIGNATURE_BYTES } from "./jurisdiction/limit.ts";
import type { Job, Json } from "./queue/types.ts";

const BATCH = 0;
const SETTLEMENT = 1;
const PLAN = 2;

const dataSchema = z.strictObject({ work: z.string().regex(/^0x([0-9a-f]{2})+$/) });

/**
 * The job of a piece of work. Its id names the process's start too: after a restart the work is
 * asked for again, and a job of before, which has ended, must not stand in its way.
 */
export function submissionJob(piece: Submission, start: number): Job {
  const id = `${nameOf(piece).replaceAll(" ", "/")}/${start}`;
  return { id, data: { work: toHex(encodeRlp(itemOf(piece))) } };
}

function itemOf(piece: Submission): RlpValue {
  switch (piece.kind) {
    case "batch":
      return [BATCH, batchItem(piece.batch), piece.signature];
    case "settlement":
      return [
        SETTLEMENT,
        settlementItem(piece.settlement),
        piece.leftSignature,
        piece.rightSignature,
      ];
    case "plan":
      return [PLAN, planCommitItem(piece.commit)];
  }
}

/** The work of such a job. @throws Error for anything else: only this process puts them in. */
export function submissionOf(data: Json): Submission {
  const { work } = dataSchema.parse(data);
  const decoded = decodeRlp(fromHex(work), (reader) => readList(reader, () => readWork(reader)));
  if (!decoded.ok) throw new Error(`a job of chain-submit: ${decoded.refusal.message}`);
  return decoded.value;
}

function readWork(reader: RlpReader): Submission {
  switch (readNumber(reader, PLAN)) {
    case BATCH: {
      const batch = readBatch(reader);
      return { kind: "batch", batch, signature: readBytes(reader, MAX_SIGNATURE_BYTES) };
    }
    case SETTLEMENT:
      return {
        kind: "settlement",
        settlement: readSettlement(reader),
        leftSignature: readBytes(reader, MAX_SIGNATURE_BYTES),
        rightSignature: readBytes(reader, MAX_SIGNATURE_BYTES),
      };
    default:
      return { kind: "plan", commit: readPlanCommit(reader) };
  }
}
