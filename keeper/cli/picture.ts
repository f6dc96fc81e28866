import { maxBigint } from "../base/amount.ts";
import { leftExposure, rightExposure } from "../netting/bound.ts";
import type { Ledger, TokenLedger } from "../netting/ledger/types.ts";
import { totals } from "../netting/total.ts";
import type { Position } from "../netting/types.ts";
import { layout, type Point } from "./layout.ts";
import { changeText, scaledText, scaleOf, scaleText } from "./quantity.ts";
import type { WhatIf } from "./what-if.ts";

/** Laying out is quadratic, and a picture of more is a ball of wool. */
export const MAX_DRAWN = 300;

const WIDTH = 1280;
const PANEL = { width: 600, height: 520 };
const MARGIN = 32;
const HEAD = 76;
const BAR_ROW = 22;
const BARS = 16;
const BARS_HEAD = 58;
const NAMED = 8;
const COLOR = {
  paper: "#ffffff",
  ink: "#1f2933",
  faint: "#69757f",
  panel: "#f6f8fa",
  none: "#dfe5ea",
  within: "#3d7ea6",
  over: "#d1495b",
  gone: "#e4e9ed",
  limit: "#1f2933",
} as const;

/** One account of one token in one state, as it is drawn. */
type Line = {
  readonly debtor: number;
  readonly creditor: number;
  readonly exposure: bigint;
  readonly limit: bigint;
};

/**
 * The network before and after as SVG, a block for each token: who owes whom, thick as the
 * exposure, red above the soft limit; then the largest exposures as bars.
 */
export function pictureOf({ file, ledger: read, netting, flows }: WhatIf): string {
  const ledger = read.kind === "obligations" ? unlimited(read) : read;
  const points = layout(ledger.names.length, edgesOf(ledger));
  const blocks: string[] = [];
  let top = HEAD;
  for (const [index, token] of ledger.tokens.entries()) {
    const found = flows[index] ?? [];
    const bars = barsOf(ledger, token, found);
    blocks.push(`<g transform="translate(0 ${top})">${tokenBlock(ledger, token, found, points)}`);
    blocks.push(`<g transform="translate(0 ${PANEL.height + 64})">${bars.text}</g></g>`);
    top += PANEL.height + 64 + bars.height + MARGIN;
  }
  const size = `${ledger.names.length} entities, ${ledger.accounts} accounts`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}"` +
      ` height="${top}" font-family="system-ui, sans-serif" font-size="13" fill="${COLOR.ink}">`,
    `<rect width="${WIDTH}" height="${top}" fill="${COLOR.paper}"/>`,
    text(MARGIN, 34, `${file}: ${size}`, 'font-size="20" font-weight="600"'),
    text(
      MARGIN,
      58,
      `objective ${netting.objective}; a line is what one owes the other, thick as the amount`,
      `fill="${COLOR.faint}"`,
    ),
    legend(),
    ...blocks,
    "</svg>\n",
  ].join("\n");
}

function legend(): string {
  const items = [
    [COLOR.within, "within the soft limit"],
    [COLOR.over, "over it"],
    [COLOR.none, "account without exposure"],
  ] as const;
  return items
    .map(([color, words], index) => {
      const x = WIDTH - MARGIN - 540 + index * 170;
      return (
        `<line x1="${x}" y1="54" x2="${x + 20}" y2="54" stroke="${color}" stroke-width="4"/>` +
        text(x + 26, 58, words)
      );
    })
    .join("");
}

function tokenBlock(
  ledger: Ledger,
  { name, network }: TokenLedger,
  flows: readonly bigint[],
  points: readonly Point[],
): string {
  const before = totals(network);
  const after = totals(network, flows);
  const most = network.positions.reduce((peak, position, index) => {
    const then = lineOf(position, position.delta).exposure;
    const now = lineOf(position, position.delta + (flows[index] ?? 0n)).exposure;
    return maxBigint(peak, maxBigint(then, now));
  }, 0n);
  const words = (state: string, gross: bigint, over: number) =>
    `${name} ${state}: gross ${scaledText(gross, scale)}${scaleText(scale)}, ${over} over limit`;
  const scale = scaleOf(before.gross);
  const change = ` (${changeText(before.gross, after.gross)})`;
  const right = WIDTH - MARGIN - PANEL.width;
  return [
    text(MARGIN, 30, words("before", before.gross, before.overLimit), 'font-weight="600"'),
    text(right, 30, words("after", after.gross, after.overLimit) + change, 'font-weight="600"'),
    `<g transform="translate(${MARGIN} 44)">`,
    panel(ledger, network.positions, [], points, most),
    `</g><g transform="translate(${right} 44)">`,
    panel(ledger, network.positions, flows, points, most),
    "</g>",
  ].join("\n");
}

function panel(
  ledger: Ledger,
  positions: readonly Position[],
  flows: readonly bigint[],
  points: readonly Point[],
  most: bigint,
): string {
  const place = (entity: number): Point => {
    const { x, y } = points[entity] as Point;
    return { x: 40 + x * (PANEL.width - 80), y: 30 + y * (PANEL.height - 60) };
  };
  const degree = new Map<number, number>();
  const drawn = positions.map((position, index) => {
    for (const end of [position.left, position.right]) {
      degree.set(end, (degree.get(end) ?? 0) + 1);
    }
    return lineOf(position, position.delta + (flows[index] ?? 0n));
  });
  // Small ones below, so that what matters is not painted over.
  const ordered = drawn.toSorted((a, b) => Number(a.exposure > b.exposure) * 2 - 1);
  const circles = [...degree].map(([entity, accounts]) => {
    const { x, y } = place(entity);
    const radius = 2 + Math.sqrt(accounts);
    return (
      `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="${fixed(radius)}" fill="${COLOR.ink}"` +
      ` stroke="${COLOR.paper}"><title>${escaped(ledger.names[entity] as string)}</title></circle>`
    );
  });
  const isSmall = ledger.names.length <= 40;
  const named = [...degree]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, isSmall ? 40 : NAMED)
    .map(([entity, accounts]) => {
      const { x, y } = place(entity);
      const halo = `stroke="${COLOR.panel}" stroke-width="3" paint-order="stroke"`;
      const name = cut(ledger.names[entity] as string);
      return text(x + 4 + Math.sqrt(accounts), y - 4, name, `font-size="11" ${halo}`);
    });
  const frame =
    `<rect width="${PANEL.width}" height="${PANEL.height}" rx="6"` + ` fill="${COLOR.panel}"/>`;
  const lines = ordered.map((line) => stroke(line, place, most));
  return [frame, ...lines, ...circles, ...named].join("\n");
}

function stroke(line: Line, place: (entity: number) => Point, most: bigint): string {
  const from = place(line.debtor);
  const to = place(line.creditor);
  const color =
    line.exposure === 0n ? COLOR.none : line.exposure > line.limit ? COLOR.over : COLOR.within;
  const width = line.exposure === 0n ? 0.7 : 0.8 + 6 * Math.sqrt(ratio(line.exposure, most));
  return (
    `<line x1="${fixed(from.x)}" y1="${fixed(from.y)}" x2="${fixed(to.x)}" y2="${fixed(to.y)}"` +
    ` stroke="${color}" stroke-width="${fixed(width)}" stroke-linecap="round" opacity="0.8"/>`
  );
}

/** The largest exposures: what was (pale) and what is (dark), with the soft limit as a mark. */
function barsOf(
  ledger: Ledger,
  { network }: TokenLedger,
  flows: readonly bigint[],
): { readonly text: string; readonly height: number } {
  const rows = network.positions
    .map((position, index) => {
      const before = lineOf(position, position.delta);
      const after = lineOf(position, position.delta + (flows[index] ?? 0n));
      const shown = before.exposure >= after.exposure ? before : after;
      return { index, before, after, shown };
    })
    .filter(({ shown }) => shown.exposure > 0n)
    .sort((a, b) =>
      a.shown.exposure === b.shown.exposure
        ? a.index - b.index
        : Number(a.shown.exposure < b.shown.exposure) * 2 - 1,
    )
    .slice(0, BARS);
  const most = rows[0]?.shown.exposure ?? 0n;
  const length = (amount: bigint) => fixed(760 * ratio(amount, most));
  const words = rows.map(({ before, after, shown }, row) => {
    const y = BARS_HEAD + row * BAR_ROW;
    const names = [shown.debtor, shown.creditor].map((end) => cut(ledger.names[end] as string));
    const color = after.exposure > after.limit ? COLOR.over : COLOR.within;
    const limit = fixed(MARGIN + 230 + 760 * ratio(shown.limit, most));
    const bar = (amount: bigint, fill: string) =>
      `<rect x="${MARGIN + 230}" y="${y - 11}" width="${length(amount)}" height="14"` +
      ` rx="2" fill="${fill}"/>`;
    return [
      text(MARGIN, y, names.join(" owes ")),
      bar(before.exposure, COLOR.gone),
      bar(after.exposure, color),
      // A limit beyond the longest bar has no place on this scale.
      shown.limit > most
        ? ""
        : `<line x1="${limit}" y1="${y - 14}" x2="${limit}" y2="${y + 6}"` +
          ` stroke="${COLOR.limit}" stroke-width="1.5"/>`,
      text(MARGIN + 1010, y, changeText(before.exposure, after.exposure)),
    ].join("");
  });
  const title = text(
    MARGIN,
    30,
    "largest exposures: pale is gone, a mark is the soft limit",
    `fill="${COLOR.faint}"`,
  );
  return { text: [title, ...words].join("\n"), height: BARS_HEAD + rows.length * BAR_ROW };
}

function lineOf(position: Position, delta: bigint): Line {
  const left = leftExposure(delta);
  const right = rightExposure(delta, position.collateral);
  return left > 0n
    ? {
        debtor: position.left,
        creditor: position.right,
        exposure: left,
        limit: position.rightSoftLimit,
      }
    : {
        debtor: position.right,
        creditor: position.left,
        exposure: right,
        limit: position.leftSoftLimit,
      };
}

/** Obligations state no soft limits: nothing of theirs is drawn as over one. */
function unlimited(ledger: Ledger): Ledger {
  const tokens = ledger.tokens.map((token) => {
    const positions = token.network.positions.map((position) => ({
      ...position,
      leftSoftLimit: position.rightLimit,
      rightSoftLimit: position.leftLimit,
    }));
    return { ...token, network: { ...token.network, positions } };
  });
  return { ...ledger, tokens };
}

function edgesOf({ tokens }: Ledger): readonly (readonly [number, number])[] {
  return tokens.flatMap(({ network }) =>
    network.positions.map(({ left, right }) => [left, right] as const),
  );
}

/** For drawing only: no sum is ever computed from it. */
function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function cut(name: string): string {
  const letters = [...name];
  return letters.length <= 14 ? name : `${letters.slice(0, 13).join("")}…`;
}

function text(x: number, y: number, words: string, attributes = ""): string {
  const place = `x="${fixed(x)}" y="${fixed(y)}"`;
  return `<text ${place}${attributes === "" ? "" : ` ${attributes}`}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return words.replace(/[&<>]/g, (character) => entities[character] as string);
}
