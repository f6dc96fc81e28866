/**
 * Commands as they come out of the queue: JSON with ids and amounts as text, checked whole before
 * anything reaches a machine; and results as they go back (QUE-1).
 */
import { z } from "zod";
import { type Bytes32, equalBytes, fromHex, toHex } from "./base/bytes.ts";
import { ok, type Result, refuse } from "./base/result.ts";
import type { Command, CommandResult } from "./entity/types.ts";
import type { RuntimeInput } from "./runtime/input.ts";

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, "expected 0x and 64 hex digits in lower case")
  .transform((text) => fromHex(text as `0x${string}`) as Bytes32);
const bytes20 = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, "expected 0x and 40 hex digits in lower case")
  .transform((text) => fromHex(text as `0x${string}`));
const amount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,38})$/, "expected a whole number in decimal digits")
  .transform((text) => BigInt(text));
const signed = z
  .string()
  .regex(/^(0|-?[1-9][0-9]{0,38})$/, "expected a whole number in decimal digits")
  .transform((text) => BigInt(text));
const token = z.number().int().min(1).max(0xffff_ffff);
const seconds = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const small = z.number().int().min(0).max(0xffff);

const transaction = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("setCredit"), token, limit: amount, softLimit: amount }),
  z.strictObject({ kind: z.literal("pay"), token, amount }),
]);

const operations = z.strictObject({
  reserveToReserve: z.array(z.strictObject({ to: bytes32, token, amount })).default([]),
  settlements: z.tuple([]).default([]),
  reserveToCollateral: z
    .array(z.strictObject({ payee: bytes32, counterparty: bytes32, token, amount }))
    .default([]),
  withdrawals: z.array(z.strictObject({ to: bytes20, token, amount })).default([]),
});

const planSettlement = z.strictObject({
  left: bytes32,
  right: bytes32,
  epoch: seconds,
  number: seconds,
  deadline: seconds,
  plan: bytes32,
  diffs: z
    .array(
      z.strictObject({
        token,
        leftDiff: signed,
        rightDiff: signed,
        collateralDiff: signed,
        ondeltaDiff: signed,
      }),
    )
    .min(1)
    .max(16),
});

const plan = z.strictObject({
  domain: bytes32,
  signers: z.array(bytes32).min(2).max(32),
  legs: z.array(z.strictObject({ left: small, right: small, token, amount: signed })).min(1),
  settlements: z.array(planSettlement).max(32).default([]),
  salt: bytes32,
  commitBy: seconds,
});

const command = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("openAccount"), peer: bytes32 }),
  z.strictObject({
    kind: z.literal("transact"),
    peer: bytes32,
    transactions: z.array(transaction).min(1).max(10_000),
  }),
  z.strictObject({ kind: z.literal("batch"), deadline: seconds, operations }),
  z.strictObject({
    kind: z.literal("settle"),
    peer: bytes32,
    tokens: z.array(token).min(1).max(1_000),
    deadline: seconds,
  }),
  z.strictObject({ kind: z.literal("collectRows"), from: z.array(bytes32).min(1).max(10_000) }),
  z.strictObject({ kind: z.literal("coordinate"), plan }),
  z.strictObject({ kind: z.literal("setConsent"), netting: z.boolean() }),
]);

/**
 * What the Depository refuses whatever it holds: such a batch would never land, and keep the next
 * one waiting until its deadline.
 */
function refuseUnfit(
  { entity, command: asked }: { readonly entity: Bytes32; readonly command: Command },
  context: z.RefinementCtx,
): void {
  if (asked.kind !== "batch") return;
  const { reserveToReserve, reserveToCollateral, withdrawals } = asked.operations;
  const at = (list: string, index: number, field: string, message: string) =>
    context.addIssue({
      code: "custom",
      path: ["command", "operations", list, index, field],
      message,
    });
  for (const [list, items] of Object.entries({
    reserveToReserve,
    reserveToCollateral,
    withdrawals,
  })) {
    for (const [index, item] of items.entries()) {
      if (item.amount === 0n) at(list, index, "amount", "expected more than nothing");
    }
  }
  for (const [index, { to }] of reserveToReserve.entries()) {
    if (equalBytes(to, entity)) at("reserveToReserve", index, "to", "expected another entity");
  }
  for (const [index, { payee, counterparty }] of reserveToCollateral.entries()) {
    if (equalBytes(payee, counterparty)) {
      at("reserveToCollateral", index, "counterparty", "expected another than the payee");
    }
  }
}

const job = z.strictObject({
  commands: z
    .array(
      z
        .strictObject({ entity: bytes32, id: z.string().min(1).max(200), command })
        .superRefine(refuseUnfit),
    )
    .min(1)
    .max(1_000),
});

export type CommandInput = RuntimeInput & { kind: "command" };

/** The commands of one ingress job, or the first thing that is wrong with it. */
export function parseIngress(data: unknown): Result<readonly CommandInput[]> {
  const parsed = job.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join(".") ?? "";
    return refuse("badCommand", `${where}: ${issue?.message ?? "unreadable"}`);
  }
  const commands = parsed.data.commands.map(({ entity, id, command: asked }) => {
    const typed: Command = asked;
    return { kind: "command" as const, entity, id, command: typed };
  });
  return ok(commands);
}

/** A command for the queue: the reverse of `parseIngress`. */
export function ingressJson(inputs: readonly Omit<CommandInput, "kind">[]): unknown {
  return {
    commands: inputs.map(({ entity, id, command: asked }) =>
      jsonOf({ entity, id, command: asked }),
    ),
  };
}

/** A result as JSON: bytes as hex, amounts as decimal text. */
export function resultJson(result: CommandResult): unknown {
  return jsonOf(result);
}

/** The rows of a `collectRows` result that came back through the queue. */
export const rowsResult = z.object({
  kind: z.literal("rows"),
  disagreed: z.number(),
  rows: z.array(
    z.object({
      left: bytes32,
      right: bytes32,
      token,
      delta: signed,
      collateral: amount,
      leftLimit: amount,
      rightLimit: amount,
      leftSoftLimit: amount,
      rightSoftLimit: amount,
      consent: z.boolean(),
    }),
  ),
});

function jsonOf(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonOf(inner)]));
}
