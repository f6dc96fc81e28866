import { type LevelWithSilent, pino } from "pino";
import type { Sink } from "./sink.ts";
import type { Fields, Level, Log } from "./types.ts";

export type LogOptions = {
  /** `info` when left out. */
  readonly level?: Level;
  readonly sink: Sink;
  /** Texts that must never appear, such as the password in a URL: masked wherever they do. */
  readonly secrets?: readonly string[];
};

/** Names whose values are never shown, whatever they hold. */
const SECRET_NAME =
  /(private.?key|secret|password|passphrase|mnemonic|seed.?phrase|authorization)/i;
/** What stands before the host in a URL: a user's name and password. */
const CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@]*@/gi;
const MASK = "[secret]";
/** A longer value is cut: a log is for reading. */
const MAX_TEXT = 2000;

/**
 * A log of JSON lines: `time` (ISO 8601, UTC), `level`, `event`, then the fields. Bigints become
 * decimal strings. Keys cannot get in: a field is never bytes, secret names and texts are masked.
 */
export function createLog(options: LogOptions): Log {
  const secrets = (options.secrets ?? []).filter((secret) => secret !== "");
  const settings = {
    level: (options.level ?? "info") as LevelWithSilent,
    base: null,
    messageKey: "event",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return over(pino(settings, { write: options.sink.write }), secrets);
}

function over(logger: pino.Logger, secrets: readonly string[]): Log {
  return {
    write(level, event, fields) {
      const values = fields === undefined ? {} : clean(fields, secrets);
      logger[level](values, maskText(event, secrets));
    },
    child: (fields) => over(logger.child(clean(fields, secrets)), secrets),
  };
}

/** Names of the line itself cannot be taken by a field. */
const TAKEN: ReadonlySet<string> = new Set(["time", "level", "event"]);

type Plain = string | number | boolean | null;

function clean(fields: Fields, secrets: readonly string[]): Record<string, Plain> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      TAKEN.has(name) ? `${name}_` : name,
      SECRET_NAME.test(name) ? MASK : cleanValue(value, secrets),
    ]),
  );
}

/** The type forbids the rest; what slips through a cast is not printed either. */
function cleanValue(value: Fields[string], secrets: readonly string[]): Plain {
  switch (typeof value) {
    case "string":
      return maskText(value, secrets);
    case "bigint":
      return value.toString();
    case "number":
    case "boolean":
      return value;
    default:
      return value === null ? null : `[${typeof value}]`;
  }
}

function maskText(text: string, secrets: readonly string[]): string {
  let masked = text.replace(CREDENTIALS, `$1${MASK}@`);
  for (const secret of secrets) masked = masked.replaceAll(secret, MASK);
  return masked.length <= MAX_TEXT ? masked : `${masked.slice(0, MAX_TEXT)}…`;
}
