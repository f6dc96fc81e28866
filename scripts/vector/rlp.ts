import { fromHex, toHex } from "../../keeper/base/bytes.ts";
import { encodeRlp, type RlpValue, zigzag } from "../../keeper/codec/rlp/encode.ts";

/** Strings are `0x` hexadecimal, lists are arrays. */
type Tree = string | readonly Tree[];

const LOREM = "Lorem ipsum dolor sit amet, consectetur adipisicing elit";
const text = (value: string): string => toHex(new TextEncoder().encode(value));
const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const sequence = (count: number): string => toHex(Uint8Array.from({ length: count }, (_, i) => i));

/** The facts of Ethereum's own list of examples, and the borders of each form. */
const TREES: readonly (readonly [name: string, tree: Tree])[] = [
  ["empty string", "0x"],
  ["the byte 0x00", "0x00"],
  ["the byte 0x01", "0x01"],
  ["the byte 0x7f", "0x7f"],
  ["the byte 0x80", "0x80"],
  ["dog", text("dog")],
  ["a string of 55 bytes", text(LOREM.slice(0, 55))],
  ["a string of 56 bytes", text(LOREM)],
  ["a string of 255 bytes", sequence(255)],
  ["a string of 256 bytes", toHex(Uint8Array.from({ length: 256 }, (_, i) => i))],
  ["a string of 1,024 bytes", toHex(new Uint8Array(1024).fill(0x61))],
  ["empty list", []],
  ["dog, god, cat", ["dog", "god", "cat"].map(text)],
  ["a list of mixed items", [text("zw"), ["0x04"], "0x01"]],
  ["a list of 55 bytes", repeat(11, text("asdf"))],
  ["a list of 56 bytes", [...repeat(11, text("asdf")), "0x01"]],
  ["four lists of lists", repeat(4, ["asdf", "qwer", "zxcv"].map(text))],
  ["32 lists of lists", repeat(32, ["asdf", "qwer", "zxcv"].map(text))],
  ["lists of empty lists", [[[], []], []]],
  ["the set of three", [[], [[]], [[], [[]]]]],
  ["a dictionary", [1, 2, 3, 4].map((i) => [text(`key${i}`), text(`val${i}`)])],
];

const NUMBERS: readonly bigint[] = [
  0n,
  1n,
  16n,
  79n,
  127n,
  128n,
  255n,
  256n,
  1000n,
  100_000n,
  2n ** 24n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 48n - 1n,
  2n ** 48n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 64n - 1n,
  2n ** 64n,
  83729609699884896815286331701780722n,
  2n ** 127n - 1n,
];

/** Malformed for every reader; the names say what is wrong. */
const INVALID: readonly (readonly [name: string, encoded: string])[] = [
  ["nothing at all", "0x"],
  ["a length of 64 bits", "0xbf0f000000000000021111"],
  ["a list's length of 64 bits", "0xff0f000000000000021111"],
  ["a list shorter than its header, short form", "0xf80180"],
  ["a list shorter than its header, wrong count", "0xf80100"],
  [
    "a length with a leading zero before a random string",
    "0xb9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df0",
  ],
  [
    "random bytes that look like lists",
    "0xf861f83eb9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df0" +
      "27b90015002d5ef8325ae4d034df55d4b58d0dfba64d61ddd17be00000b9001a00dae30907045a2f66" +
      "fa36f2bb8aa9029cbb0b8a7b3b5c435ab331",
  ],
  ["the byte 0x00 under a header", "0x8100"],
  ["the byte 0x01 under a header", "0x8101"],
  ["the byte 0x7f under a header", "0x817f"],
  ["a string's length with a leading zero", `0xb90040${sequence(64).slice(2)}`],
  ["a string in the long form with length 0", "0xb800"],
  ["a list's length with leading zeros", `0xfb00000040${sequence(64).slice(2)}`],
  ["a list in the long form with length 0", "0xf800"],
  ["a string of 16 bytes in the long form", "0xb81000112233445566778899aabbccddeeff"],
  ["a string of 1 byte in the long form", "0xb801ff"],
  ["a list of 16 bytes in the long form", `0xf810${sequence(16).slice(2)}`],
  ["a list of 3 bytes in the long form", "0xf803112233"],
  ["a string of 55 bytes in the long form", `0xb837${sequence(55).slice(2)}`],
  ["a string header without content", "0x81"],
  ["a string one byte short", `0xa0${sequence(31).slice(2)}`],
  ["a list one byte short", "0xc501c20304"],
  ["a list two bytes short", "0xc5010203"],
  ["a header whose length is cut off", "0xba0100"],
  ["a long string cut off", "0xba010000aabbccddeeff"],
  ["a string of 64 bytes cut off", "0xb840ffeeddccbbaa99887766554433221100"],
  ["a long list cut off", "0xf90180"],
  ["a length of 2^64 - 1", "0xffffffffffffffffff0001020304050607"],
  ["a length that would overflow 53 bits", "0xbf7fffffffffffffff"],
  ["a byte behind a string", "0x83646f6700"],
  ["a byte behind a list", "0xc000"],
  ["an item that ends behind its list", "0xc28300"],
  ["a list inside that ends behind its list", "0xc2c201"],
  ["lists nested 33 deep", `0x${repeat(33, nest).reduce((inner, around) => around(inner), "")}`],
];

/** Well formed, and yet no number: an integer has no leading zero and is no list. */
const INVALID_NUMBERS: readonly (readonly [name: string, encoded: string])[] = [
  ["zero as a byte", "0x00"],
  ["a leading zero", "0x820001"],
  ["a leading zero before 127 bits", `0x9000${"ff".repeat(15)}`],
  ["a list", "0xc0"],
  ["more than 16 bytes", `0x91${"01".repeat(17)}`],
  ["2^127", `0x9080${"00".repeat(15)}`],
];

/** One list around short content. */
function nest(inner: string): string {
  return (0xc0 + inner.length / 2).toString(16) + inner;
}

function rlpValue(tree: Tree): RlpValue {
  return typeof tree === "string" ? fromHex(tree) : tree.map(rlpValue);
}

function signedBorders(): readonly bigint[] {
  const borders = [0n, 1n, 63n, 64n, 2n ** 31n, 2n ** 51n, 2n ** 52n, 2n ** 63n, 2n ** 127n - 1n];
  return Array.from(new Set(borders.flatMap((value) => [value, -value, value - 1n])));
}

export function rlpVectors(): unknown {
  const encoded = (value: RlpValue): string => toHex(encodeRlp(value));
  return {
    trees: TREES.map(([name, tree]) => ({ name, tree, encoded: encoded(rlpValue(tree)) })),
    numbers: NUMBERS.map((value) => ({ value: `${value}`, encoded: encoded(value) })),
    signed: signedBorders().map((value) => ({
      value: `${value}`,
      encoded: encoded(zigzag(value)),
    })),
    invalid: INVALID.map(([name, bytes]) => ({ name, encoded: bytes })),
    invalidAmounts: INVALID_NUMBERS.map(([name, bytes]) => ({ name, encoded: bytes })),
  };
}
