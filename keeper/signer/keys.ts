import { open } from "node:fs/promises";
import {
  asBytes32,
  type Bytes,
  type Bytes32,
  equalBytes,
  isBytes32,
  parseHex,
} from "../base/bytes.ts";
import { addressEntity, entityClass } from "../codec/identity.ts";
import { addressOf, isPrivateKey, publicKeyOf } from "../codec/signature.ts";
import { hashOfBoard } from "./board.ts";
import { SignerError } from "./fault.ts";
import type { SignerKey } from "./types.ts";

/** Largest keys file, checked before it is read. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads private keys from a file that nobody else may read. Each line holds one entity: `KEY` for
 * the key's own address, or `ENTITY KEY` for an entity whose board is this key alone (weight and
 * threshold 1). Both are 0x and 64 hexadecimal digits; `#` begins a comment.
 * @throws SignerError `keys` with the line, never with a key
 */
export async function readKeys(file: string): Promise<readonly SignerKey[]> {
  const handle = await openFile(file);
  try {
    const { mode, size } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      const rights = (mode & 0o777).toString(8);
      const message = `others may use the keys file ${file} (mode ${rights})`;
      throw new SignerError("keys", message, `run chmod 600 ${file}`);
    }
    if (size > MAX_FILE_BYTES) {
      throw new SignerError("keys", `the keys file ${file} is too large`, "name another file");
    }
    return parseKeys(await handle.readFile("utf8"), file);
  } finally {
    await handle.close();
  }
}

async function openFile(file: string) {
  try {
    return await open(file, "r");
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
    throw new SignerError("keys", `cannot open the keys file ${file} (${code})`, "check the path");
  }
}

/** The same from text; `source` names it in errors. @throws SignerError `keys` */
export function parseKeys(text: string, source: string): readonly SignerKey[] {
  const keys: SignerKey[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const words = (line.split("#")[0] ?? "").split(/\s+/).filter((word) => word !== "");
    if (words.length === 0) continue;
    const where = `line ${index + 1} of ${source}`;
    if (words.length > 2) throw lineError(where, "write KEY or ENTITY KEY");
    const privateKey = parseWord(words.at(-1) as string, where);
    if (!isPrivateKey(privateKey)) throw lineError(where, "the key is not one of secp256k1");
    const address = addressEntity(addressOf(publicKeyOf(privateKey)));
    if (words.length === 1) {
      keys.push({ entity: address, board: null, privateKey });
      continue;
    }
    const entity = parseWord(words[0] as string, where);
    const kind = entityClass(entity);
    if (kind !== "numbered" && kind !== "lazy") throw lineError(where, "that id has no board");
    const board = { threshold: 1, members: [{ id: address, weight: 1 }] };
    // Told here, for the words may have been exchanged and no later error must name a key.
    const isOther = kind === "lazy" && !equalBytes(hashOfBoard(board), entity);
    if (isOther) throw lineError(where, "the id is not the hash of a board of that key alone");
    keys.push({ entity, board, privateKeys: [privateKey] });
  }
  return keys;
}

function parseWord(word: string, where: string): Bytes32 {
  const parsed = parseHex(word);
  const bytes: Bytes = parsed.ok ? parsed.value : new Uint8Array(0);
  if (!isBytes32(bytes)) throw lineError(where, "ids and keys are 0x and 64 digits");
  return asBytes32(bytes);
}

function lineError(where: string, fix: string): SignerError {
  return new SignerError("keys", `${where} cannot be read`, fix);
}
