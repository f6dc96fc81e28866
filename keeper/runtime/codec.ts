/** The log's record of a tick, and the envelope of a message on the wire: canonical, strict. */
import { unreachable } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Result } from "../base/result.ts";
import {
  decodeRlp,
  fail,
  hasMore,
  type RlpReader,
  readBytes,
  readBytes32,
  readItems,
  readList,
  readNumber,
  readText,
} from "../codec/rlp/decode.ts";
import { encodeRlp, type RlpValue } from "../codec/rlp/encode.ts";
import { commandItem, readCommand } from "../entity/codec/command.ts";
import { inputItem, readEntity, readInput } from "../jurisdiction/codec.ts";
import type { Envelope, RuntimeInput, Tick } from "./input.ts";

/** Bytes of one payload, as the wire bounds a message. */
const PAYLOAD_MAX = 4 * 1024 * 1024;
/** Bytes of a signature with its path, or of a board's. */
const SIGNATURE_MAX = 64 * 1024;
const INPUTS_MAX = 1_000_000;
const PEERS_MAX = 10_000;
const ID_BYTES_MAX = 1_000;

type CommandInput = RuntimeInput & { readonly kind: "command" };

/** Each is written as its place in the list: append only. */
const KINDS = [
  "command",
  "message",
  "start",
  "connect",
  "disconnect",
  "chain",
  "older",
  "numberTaken",
  "nonceTaken",
] as const;

export function encodeTick(tick: Tick): Bytes {
  return encodeRlp([tick.now, tick.inputs.map(inputOf)]);
}

export function decodeTick(bytes: Bytes): Result<Tick> {
  return decodeRlp(bytes, (reader) =>
    readList(reader, () => ({
      now: readNumber(reader),
      inputs: readItems(reader, INPUTS_MAX, readRuntimeInput),
    })),
  );
}

/**
 * The command as replay will read it from the log. Refuses `badEncoding` for one that the log could
 * not give back: its tick would be written, and the keeper would never start again.
 * @throws RangeError for transactions that are not an owner's
 */
export function asLogged(input: CommandInput): Result<CommandInput> {
  return decodeRlp(encodeRlp(inputOf(input)), (reader) => {
    const read = readRuntimeInput(reader);
    return read.kind === "command" ? read : fail("no command");
  });
}

function inputOf(input: RuntimeInput): RlpValue {
  return [KINDS.indexOf(input.kind), ...fieldsOf(input)];
}

function fieldsOf(input: RuntimeInput): readonly RlpValue[] {
  switch (input.kind) {
    case "command":
      return [input.entity, input.id, commandItem(input.command)];
    case "message":
      return [input.envelope.connection, envelopeItem(input.envelope)];
    case "start":
      return [];
    case "connect":
      return [input.connection, input.peers];
    case "disconnect":
      return [input.connection];
    case "chain":
      return [inputItem(input.input)];
    case "older":
      return [input.entity];
    case "numberTaken":
      return [input.entity, input.peer, input.epoch, input.number, input.mark];
    case "nonceTaken":
      return [input.entity, input.nonce];
    default:
      return unreachable(input);
  }
}

function readRuntimeInput(reader: RlpReader): RuntimeInput {
  return readList(reader, () => {
    const kind = KINDS[readNumber(reader, KINDS.length - 1)];
    switch (kind) {
      case "command": {
        const entity = readEntity(reader);
        const id = readText(reader, ID_BYTES_MAX);
        return { kind, entity, id, command: readCommand(reader) };
      }
      case "message": {
        const connection = readNumber(reader);
        return { kind, envelope: { ...readEnvelope(reader), connection } };
      }
      case "start":
        return { kind };
      case "connect": {
        const connection = readNumber(reader);
        return { kind, connection, peers: readItems(reader, PEERS_MAX, readEntity) };
      }
      case "disconnect":
        return { kind, connection: readNumber(reader) };
      case "chain":
        return { kind, input: readInput(reader) };
      case "older":
        return { kind, entity: readEntity(reader) };
      case "numberTaken": {
        const entity = readEntity(reader);
        const peer = readEntity(reader);
        const epoch = readNumber(reader);
        const number = readNumber(reader);
        return { kind, entity, peer, epoch, number, mark: readNumber(reader) };
      }
      case "nonceTaken":
        return { kind, entity: readEntity(reader), nonce: readNumber(reader) };
      default:
        return fail("an unknown input");
    }
  });
}

/** The envelope as it goes over the wire; the connection is the receiver's own number. */
export function encodeEnvelope(envelope: Envelope): Bytes {
  return encodeRlp(envelopeItem(envelope));
}

/** An envelope that came in over `connection`; its claim is not checked yet. */
export function decodeEnvelope(bytes: Bytes, connection: number): Result<Envelope> {
  return decodeRlp(bytes, (reader) => ({ ...readEnvelope(reader), connection }));
}

function envelopeItem({ from, to, payload, claim }: Envelope): RlpValue {
  const head = [from, to, payload];
  return claim === null ? head : [...head, claim.digest, claim.signature];
}

function readEnvelope(reader: RlpReader): Omit<Envelope, "connection"> {
  return readList(reader, () => {
    const from = readEntity(reader);
    const to = readEntity(reader);
    const payload = readBytes(reader, PAYLOAD_MAX);
    if (!hasMore(reader)) return { from, to, payload, claim: null };
    const digest = readBytes32(reader);
    return { from, to, payload, claim: { digest, signature: readBytes(reader, SIGNATURE_MAX) } };
  });
}
