/**
 * The sample ledger: `node scripts/sample.ts [--seed N] [--kind ledger|obligations] [--out FILE]`.
 * The same seed gives the same bytes. What it is like is said in `ledger/README.md`.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { assert } from "../keeper/base/assert.ts";
import { createRandom, type Random } from "../keeper/base/random.ts";
import { shareText } from "../keeper/cli/quantity.ts";
import { detect } from "../keeper/netting/detect.ts";
import { parseLedger } from "../keeper/netting/ledger/parse.ts";

/** The seed of the committed files. */
export const SAMPLE_SEED = 8;

/** 120 entities: two hubs, firms on each hub's side, and firms that stand apart. */
const SIDE_FIRMS = 36;
const APART_FIRMS = 46;
/** Firms of each side that know nobody but their hub. */
const PURE_SPOKES = 10;
/** Firms apart that keep an account with both hubs. */
const BRIDGES = 8;
const ACCOUNTS = 400;
/** Firms that also trade in the second token. */
const SECOND_TOKEN_FIRMS = 40;

type Pair = { readonly debtor: string; readonly creditor: string; readonly isTrade: boolean };

/** How a token's amounts look: at least `low` whole steps of `step` smallest units. */
type Token = { readonly name: string; readonly step: bigint; readonly low: bigint };

/** 18 decimals in whole cents, from 2,500.00: seven or eight significant bytes. */
const DAI: Token = { name: "DAI", step: 10n ** 16n, low: 250_000n };
/** 18 decimals to the last one, from 0.09: seven or eight bytes. */
const WETH: Token = { name: "WETH", step: 1n, low: 9n * 10n ** 16n };

/** The sample ledger of a seed, as CSV. */
export function sampleLedger(seed: number): string {
  const random = createRandom(seed);
  const traders = random.fork("traders").shuffle(tradersOf());
  const pairs = pairsOf(random.fork("pairs"), traders);
  // Neighbours in the supply chain, or the second token would have no cycles.
  const second = new Set(traders.slice(0, SECOND_TOKEN_FIRMS));
  const draw = random.fork("rows");
  const rows = draw.shuffle(pairs).flatMap((pair) => {
    const both = second.has(pair.debtor) && second.has(pair.creditor);
    const tokens = !both ? [DAI] : draw.chance(1, 3) ? [DAI, WETH] : [WETH];
    return tokens.map((token) => rowOf(draw, pair, token));
  });
  const header =
    "left,right,token,delta,collateral,creditLeft,creditRight,softLimitLeft,softLimitRight";
  return `${[header, ...rows].join("\n")}\n`;
}

/** Trade invoices of 60 firms: pairs come often, and in both directions. */
export function sampleObligations(seed: number): string {
  const random = createRandom(seed).fork("obligations");
  const firms = names("firm", 60);
  const rows: string[] = [];
  while (rows.length < 400) {
    const [debtor, creditor] = tradePair(random, firms);
    const token = debtor < "firm-026" && creditor < "firm-026" ? "USD" : "EUR";
    const invoices = random.between(1, 3);
    for (let i = 0; i < invoices; i++) {
      const [from, to] = random.chance(1, 6) ? [creditor, debtor] : [debtor, creditor];
      rows.push(`${from},${to},${skewed(random, 250_000n)},${token}`);
    }
  }
  return `debtor,creditor,amount,token\n${random.shuffle(rows).join("\n")}\n`;
}

/** Firms that owe each other for goods: all but those that know nobody but their hub. */
function tradersOf(): readonly string[] {
  const [a, b] = ["a", "b"].map((side) => names(side, SIDE_FIRMS).slice(PURE_SPOKES));
  return [...(a ?? []), ...(b ?? []), ...names("t", APART_FIRMS)];
}

/** All 400 pairs, each with who owes whom. `traders` stand in the order of the supply chain. */
function pairsOf(random: Random, traders: readonly string[]): readonly Pair[] {
  const pairs: Pair[] = [{ debtor: "hub-a", creditor: "hub-b", isTrade: false }];
  for (const side of ["a", "b"]) {
    const hub = `hub-${side}`;
    for (const firm of [...names(side, SIDE_FIRMS), ...names("t", BRIDGES)]) {
      const [debtor, creditor] = random.chance(1, 2) ? [hub, firm] : [firm, hub];
      pairs.push({ debtor, creditor, isTrade: false });
    }
  }
  const taken = new Set<string>();
  while (pairs.length < ACCOUNTS) {
    const [debtor, creditor] = tradePair(random, traders);
    const key = [debtor, creditor].toSorted().join(" ");
    // Trade between the sides comes more often, so that most accounts join two keepers.
    const isKept = debtor[0] !== creditor[0] || random.chance(2, 3);
    if (taken.has(key) || !isKept) continue;
    taken.add(key);
    pairs.push({ debtor, creditor, isTrade: true });
  }
  return pairs;
}

/**
 * Debtor and creditor of one trade. `order` is the supply chain: mostly a firm owes one a little
 * before it, which makes chains, and now and then one after it, which closes cycles.
 */
function tradePair(random: Random, order: readonly string[]): readonly [string, string] {
  const near = Math.ceil(order.length / 4);
  const from = random.below(order.length);
  const distance = random.between(1, near);
  const to = random.chance(4, 5) ? from - distance : from + distance;
  const at = (index: number) => order[(index + order.length) % order.length] as string;
  return [at(from), at(to)];
}

/** One row: who owes and how much is fixed first, then limits that it obeys (RCP-1). */
function rowOf(random: Random, { debtor, creditor, isTrade }: Pair, token: Token): string {
  const exposure = skewed(random, token.low) * token.step;
  const isSecured = random.chance(2, 5);
  const collateral = isSecured ? rounded((exposure * BigInt(random.between(20, 150))) / 100n) : 0n;
  const isCovered = isSecured && random.chance(1, 6);
  // Use of the limit: most between a third and all of it, so that about half is over its share.
  const limit = rounded((exposure * 100n) / BigInt(random.between(35, 97)));
  const back = isTrade && random.chance(1, 4) ? 0n : shareOf(limit, random.between(40, 120));
  const softOfDebt = shareOf(limit, random.between(45, 80));
  const softBack = shareOf(back, random.between(45, 80));
  const debtorIsLeft = random.chance(1, 2);
  if (isCovered) {
    // The collateral covers this one: nobody is exposed.
    const delta = (collateral * BigInt(random.between(10, 90))) / 100n;
    const onStep = delta - (delta % token.step);
    return [
      debtor,
      creditor,
      token.name,
      onStep,
      collateral,
      limit,
      back,
      softBack,
      softOfDebt,
    ].join(",");
  }
  return debtorIsLeft
    ? [debtor, creditor, token.name, -exposure, collateral, limit, back, softBack, softOfDebt].join(
        ",",
      )
    : [creditor, debtor, token.name, collateral + exposure, collateral, back, limit, softOfDebt]
        .concat(softBack)
        .join(",");
}

/** Between `low` and twenty times it, many small and few large: sums of a trade are skewed. */
function skewed(random: Random, low: bigint): bigint {
  let top = low * 2n;
  while (top < low * 20n && random.chance(3, 5)) top += top / 2n;
  return low + random.bigintBelow(top - low);
}

function shareOf(amount: bigint, percent: number): bigint {
  return rounded((amount * BigInt(percent)) / 100n);
}

/** People agree limits in round figures: three digits, upwards. */
function rounded(amount: bigint): bigint {
  const step = 10n ** BigInt(Math.max(0, amount.toString().length - 3));
  return ((amount + step - 1n) / step) * step;
}

function names(prefix: string, amount: number): readonly string[] {
  return Array.from({ length: amount }, (_, i) => `${prefix}-${String(i + 1).padStart(3, "0")}`);
}

/** What the generator says about a file: its seed, its size, the share of value on cycles. */
export function describeSample(seed: number, csv: string): string {
  const parsed = parseLedger(new TextEncoder().encode(csv));
  assert(parsed.ok, "a generated file is valid");
  const { names: entities, accounts, tokens } = parsed.value;
  const shares = tokens.map(({ name, network }) => {
    const { onCycles, exposed } = detect(network);
    return `${name} ${shareText(onCycles.value, exposed.value)}`;
  });
  return (
    `seed ${seed}: ${entities.length} entities, ${accounts} accounts; ` +
    `share of value on cycles: ${shares.join(", ")}`
  );
}

function main(): void {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: `${SAMPLE_SEED}` },
      kind: { type: "string", default: "ledger" },
      out: { type: "string" },
    },
  });
  const seed = Number(values.seed);
  const make = { ledger: sampleLedger, obligations: sampleObligations }[values.kind];
  if (!Number.isSafeInteger(seed) || seed < 0 || make === undefined) {
    process.stderr.write("--seed takes a whole number, --kind ledger or obligations\n");
    process.exitCode = 2;
    return;
  }
  const csv = make(seed);
  if (values.out === undefined) process.stdout.write(csv);
  else writeFileSync(values.out, csv);
  process.stderr.write(`${describeSample(seed, csv)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
