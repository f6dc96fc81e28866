import type { z } from "zod";
import { Failure } from "./failure.ts";

type Issue = z.core.$ZodIssue;

/** What is wrong with a value from a file: its key, and what was expected, in plain words. */
export type IssueWords = { readonly key: string; readonly expected: string };

/** The first issue of a check, said for people. Never shows a value: it may be a secret. */
export function issueWords(error: z.ZodError): IssueWords {
  const [issue] = error.issues;
  if (issue === undefined) return { key: WHOLE, expected: "something else" };
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return { key: [...path, issue.keys[0]].join("."), expected: "no such key" };
  }
  return { key: path.join(".") || WHOLE, expected: expectedBy(issue) };
}

const WHOLE = "the whole file";

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeNames.get(issue.expected) ?? issue.expected;
    case "too_small":
      return `${unitOf(issue.origin)}at least ${issue.minimum}${itemsOf(issue.origin)}`;
    case "too_big":
      return `${unitOf(issue.origin)}at most ${issue.maximum}${itemsOf(issue.origin)}`;
    default:
      return issue.message.replace(/^expected /, "");
  }
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ["string", "a text"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["array", "a list"],
  ["object", "an object of keys and values"],
  ["boolean", "true or false"],
]);

function unitOf(origin: string): string {
  return origin === "string" || origin === "array" ? "" : "a number of ";
}

function itemsOf(origin: string): string {
  return origin === "string" ? " letters" : origin === "array" ? " entries" : "";
}

/**
 * A file's text as JSON. What stands there is not repeated: it may be a secret.
 * @throws Failure with this code and fix, and with the place where the parser names one
 */
export function parseJson(text: string, file: string, code: string, fix: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [, line, column] = /line (\d+) column (\d+)/.exec(String(error)) ?? [];
    const message = text.trim() === "" ? "expected JSON, found nothing" : "this is not JSON";
    const place = line === undefined ? {} : { line: Number(line), column: Number(column) };
    throw new Failure(code, message, fix, { file, ...place });
  }
}
