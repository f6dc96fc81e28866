import { HDNodeWallet } from "ethers";
import { lineAt } from "./mask.ts";
import type { File, Rule, Violation } from "./project.ts";

/** Hardhat's phrase, known to everyone: its keys guard nothing. */
const publicPhrase = "test test test test test test test test test test test junk";
const publicKeyCount = 20;

const secrets: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g, what: "a private key" },
  { pattern: /\b(npm|ghp|gho|ghs)_[A-Za-z0-9]{36}\b/g, what: "a token" },
  { pattern: /\bgithub_pat_\w{30,}/g, what: "a token" },
  { pattern: /\bAKIA[0-9A-Z]{16}\b/g, what: "a cloud key" },
  {
    pattern: /\b\w+:\/\/[^\s/:@"'`$]+:[^\s/:@"'`$]{3,}@[\w.-]+/g,
    what: "a password in an address",
  },
];

/** A 32-byte number on a line that speaks of secrets. */
const keyLine = /private|secret|signing.?key/i;
const word32 = /\b(?:0x)?([0-9a-fA-F]{64})\b/g;
const phrase = /["'`]((?:[a-z]{3,8} ){11}(?:[a-z]{3,8})(?: [a-z]{3,8}){0,12})["'`]/g;

export const secretRule: Rule = {
  name: "secrets",
  what: "no key but Hardhat's public ones and trivial test numbers, no token, no password",
  check: (project) => project.files.filter(isOurs).flatMap((file) => findSecrets(file)),
};

/** An absolute path of somebody's machine; the project knows only paths from its own root. */
const machinePath = /(?<![\w.:/~})$*-])\/(home|root|tmp|Users|work|workspace|mnt)\/[\w.-]+/g;

export const pathRule: Rule = {
  name: "paths",
  what: "no absolute path of one machine",
  check: (project) =>
    project.files.filter(isOurs).flatMap((file) =>
      [...file.text.matchAll(machinePath)].map((match) => ({
        path: file.path,
        line: lineAt(file.text, match.index + 1),
        message: `the path ${match[0]} exists on one machine only`,
      })),
    ),
};

function findSecrets(file: File): readonly Violation[] {
  const found = (line: number, what: string) => ({ path: file.path, line, message: what });
  const plain = secrets.flatMap(({ pattern, what }) =>
    [...file.text.matchAll(pattern)].map((match) =>
      found(lineAt(file.text, match.index + 1), what),
    ),
  );
  const phrases = [...file.text.matchAll(phrase)]
    .filter((match) => match[1] !== publicPhrase)
    .filter((match) => looksLikePhrase(match[1] ?? ""))
    .map((match) => found(lineAt(file.text, match.index + 1), "a seed phrase"));
  const keys = file.text.split("\n").flatMap((line, index) => {
    if (!keyLine.test(line)) return [];
    const numbers = [...line.matchAll(word32)].map((match) => (match[1] ?? "").toLowerCase());
    return numbers
      .filter((number) => !isTrivial(number) && !isPublic(number))
      .map(() => found(index + 1, "a private key that is not one of Hardhat's public ones"));
  });
  return [...plain, ...phrases, ...keys];
}

/** Sentences have short words and articles; a seed phrase has neither. */
function looksLikePhrase(text: string): boolean {
  return !/\b(the|and|not|for|are|that|with|its|has|but|can|may|from|this|than)\b/.test(text);
}

/** One byte repeated, or a number below 2^64: nobody keeps money under such a key. */
function isTrivial(hex: string): boolean {
  return hex === hex.slice(0, 2).repeat(32) || hex.startsWith("0".repeat(48));
}

function isPublic(hex: string): boolean {
  publicKeys ??= new Set(derivePublicKeys());
  return publicKeys.has(hex);
}

let publicKeys: Set<string> | undefined;

function derivePublicKeys(): readonly string[] {
  const root = HDNodeWallet.fromPhrase(publicPhrase, "", "m/44'/60'/0'/0");
  return Array.from({ length: publicKeyCount }, (_, index) =>
    root.deriveChild(index).privateKey.slice(2),
  );
}

function isOurs(file: File): boolean {
  const isLock = file.path === "package-lock.json";
  return !isLock && !/^(scripts\/tidy\/|test\/scripts\/tidy)/.test(file.path);
}
