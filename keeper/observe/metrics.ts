import { assert } from "../base/assert.ts";
import type { Labels, Metrics } from "./types.ts";

type Family = {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Lines of text, each with its series' name and value. */
  readonly lines: () => Iterable<string>;
  readonly handle: unknown;
};

const NAME = /^[a-z_][a-z0-9_]*$/;

/** An empty set of metrics. */
export function createMetrics(): Metrics {
  const families = new Map<string, Family>();

  function family<T>(name: string, kind: Family["kind"], make: () => Omit<Family, "kind">): T {
    const known = families.get(name);
    if (known !== undefined) {
      assert(known.kind === kind, "a metric has one kind", { name });
      return known.handle as T;
    }
    assert(NAME.test(name), "not a name of a metric", { name });
    const isTotal = name.endsWith("_total");
    assert(isTotal === (kind === "counter"), "counters alone end in _total", { name });
    const made = { kind, ...make() };
    families.set(name, made);
    return made.handle as T;
  }

  return {
    counter: (name, help) =>
      family(name, "counter", () => {
        const values = new Map<string, number>();
        const add = (by = 1, labels: Labels = {}) => {
          assert(by >= 0, "a counter only rises", { name, by });
          const series = `${name}${labelText(labels)}`;
          values.set(series, (values.get(series) ?? 0) + by);
        };
        return { help, lines: () => valueLines(values), handle: { add } };
      }),
    gauge: (name, help) =>
      family(name, "gauge", () => {
        const values = new Map<string, number>();
        const set = (value: number, labels: Labels = {}) => {
          values.set(`${name}${labelText(labels)}`, value);
        };
        return { help, lines: () => valueLines(values), handle: { set } };
      }),
    measured(name, help, read) {
      const lines = () => [`${name} ${numberText(read())}`];
      family(name, "gauge", () => ({ help, lines, handle: undefined }));
    },
    histogram: (name, help, bounds) =>
      family(name, "histogram", () => histogram(name, help, bounds)),
    text: () => [...families].map(([name, one]) => familyText(name, one)).join(""),
  };
}

type Buckets = { readonly labels: Labels; readonly counts: number[]; sum: number };

function histogram(name: string, help: string, bounds: readonly number[]): Omit<Family, "kind"> {
  const series = new Map<string, Buckets>();
  const observe = (value: number, labels: Labels = {}) => {
    const key = labelText(labels);
    const known = series.get(key);
    const one = known ?? { labels, counts: Array.from(bounds, () => 0).concat(0), sum: 0 };
    if (known === undefined) series.set(key, one);
    const index = bounds.findIndex((bound) => value <= bound);
    const bucket = index < 0 ? bounds.length : index;
    one.counts[bucket] = (one.counts[bucket] as number) + 1;
    one.sum += value;
  };
  function* lines(): Generator<string> {
    for (const [key, { labels, counts, sum }] of series) {
      let count = 0;
      for (const [index, there] of counts.entries()) {
        count += there;
        const le = numberText(bounds[index] ?? Infinity);
        yield `${name}_bucket${labelText({ ...labels, le })} ${count}`;
      }
      yield `${name}_sum${key} ${numberText(sum)}`;
      yield `${name}_count${key} ${count}`;
    }
  }
  return { help, lines, handle: { observe } };
}

function* valueLines(values: ReadonlyMap<string, number>): Generator<string> {
  for (const [series, value] of values) yield `${series} ${numberText(value)}`;
}

function familyText(name: string, family: Family): string {
  const help = family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const head = [`# HELP ${name} ${help}`, `# TYPE ${name} ${family.kind}`];
  return `${[...head, ...family.lines()].join("\n")}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    assert(NAME.test(name), "not a name of a label", { name });
    const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    return `${name}="${escaped}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
