import { readFileSync } from "node:fs";
import { vectorFolder } from "../../../scripts/vectors.ts";

/** A committed file of vectors. The type is the caller's word; a wrong one fails its test. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, vectorFolder), "utf8")) as T;
}
