/**
 * A book of plans in a checkpoint. The book's own encoding has its open plans in the order of their
 * hashes; what a step says of several plans comes in the order in which they began, so a checkpoint
 * keeps that too.
 */
import { compareStrings } from "../../base/order.ts";
import { orderedKeys } from "../../base/overlay.ts";
import { fail, type RlpReader, readItems, readList, readNumber } from "../../codec/rlp/decode.ts";
import type { RlpValue } from "../../codec/rlp/encode.ts";
import { planBookItem, readPlanBook } from "../../plan/book-codec.ts";
import type { PlanBook } from "../../plan/types.ts";

type Open<T> = ReadonlyMap<string, T>;

export function plansItem(book: PlanBook): RlpValue {
  return [planBookItem(book), places(book.participations), places(book.coordinations)];
}

export function readPlans(reader: RlpReader): PlanBook {
  return readList(reader, () => {
    const book = readPlanBook(reader);
    const participations = readPlaces(reader, book.participations);
    const coordinations = readPlaces(reader, book.coordinations);
    return { ...book, participations, coordinations };
  });
}

/** For each plan in the order in which they began, its place in the order of hashes. */
function places<T>(open: Open<T>): readonly number[] {
  const sorted = new Map(orderedKeys(open, compareStrings).map((key, place) => [key, place]));
  return Array.from(open.keys(), (key) => sorted.get(key) as number);
}

function readPlaces<T>(reader: RlpReader, sorted: Open<T>): Open<T> {
  const entries = [...sorted];
  const begun = readItems(reader, entries.length, () => {
    const entry = entries[readNumber(reader)];
    return entry === undefined ? fail("no plan has this place") : entry;
  });
  const open = new Map(begun);
  return open.size === entries.length ? open : fail("a plan has no place");
}
