/** Pages as a store keeps them: by key, in ascending order, changes folded in. */
import { type Bytes, compareBytes, toHex } from "../../../keeper/base/bytes.ts";
import type { PageDraft } from "../../../keeper/runtime/checkpoint.ts";

type Page = { readonly key: Bytes; readonly value: Bytes };

export type Shelf = {
  readonly put: (drafts: readonly PageDraft[]) => void;
  readonly pages: () => readonly Page[];
  /** As text, for comparison. */
  readonly text: () => readonly string[];
};

export function createShelf(): Shelf {
  const pages = new Map<string, Page>();
  const sorted = () => [...pages.values()].sort((a, b) => compareBytes(a.key, b.key));
  return {
    put(drafts) {
      for (const { key, encode } of drafts) {
        if (encode === null) pages.delete(toHex(key));
        else pages.set(toHex(key), { key, value: encode() });
      }
    },
    pages: sorted,
    text: () => sorted().map(({ key, value }) => `${toHex(key)} ${toHex(value)}`),
  };
}
