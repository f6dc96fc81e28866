import { Failure } from "./failure.ts";

/** A height from the command line: a whole number from 1 on. @throws Failure `bad-height`. */
export function parseHeight(text: string, option: string): number {
  const height = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (height >= 1) return height;
  throw new Failure("bad-height", `${option} is ${text}`, "give a whole number from 1 on");
}
