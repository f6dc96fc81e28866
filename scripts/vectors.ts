/**
 * Writes the encodings that contracts and keeper must both produce: `node scripts/vectors.ts`.
 * The same bytes every time. Integers are decimal strings, bytes are `0x` hexadecimal, and an empty
 * `refusal` means that the case is valid.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { actionVectors } from "./vector/action.ts";
import { boardVectors } from "./vector/board.ts";
import { digestVectors } from "./vector/digest.ts";
import { rlpVectors } from "./vector/rlp.ts";
import { rootVectors } from "./vector/root.ts";
import { signatureVectors } from "./vector/signature.ts";

/** The text of each file in `test/vectors`, by its name. */
export function vectorFiles(): ReadonlyMap<string, string> {
  const documents = {
    action: actionVectors(),
    board: boardVectors(),
    digest: digestVectors(),
    rlp: rlpVectors(),
    root: rootVectors(),
    signature: signatureVectors(),
  };
  return new Map(
    Object.entries(documents).map(([name, document]) => [
      `${name}.json`,
      `${JSON.stringify(document, null, 1)}\n`,
    ]),
  );
}

export const vectorFolder = new URL("../test/vectors/", import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of vectorFiles()) writeFileSync(new URL(name, vectorFolder), text);
}
