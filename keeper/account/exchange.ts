/** The exchange of ACC-6, the first message of each connection in both directions. */
import { equalBytes, isZeroBytes, ZERO_BYTES32 } from "../base/bytes.ts";
import { burn } from "./burn.ts";
import type { AccountMessage } from "./message.ts";
import { isOutOfReach } from "./number.ts";
import { sendInFlight } from "./proposal.ts";
import { acknowledgeAgain } from "./receive.ts";
import { freeze, highestKnown, misbehave, send, type Turn, update } from "./turn.ts";
import type { Account, Link } from "./types.ts";

type Hello = AccountMessage & { kind: "hello" };

/** A connection came up: nothing counts on it before both have said hello. */
export function connect(turn: Turn, connection: number): void {
  resetLink(turn, { phase: "exchanging", connection });
  const { state, inFlight, highestSigned } = turn.account;
  send(turn, {
    kind: "hello",
    epoch: state.epoch,
    number: state.number,
    head: state.head,
    inFlight: inFlight?.hash ?? ZERO_BYTES32,
    highestSigned,
  });
}

export function disconnect(turn: Turn): void {
  if (turn.account.link.phase !== "down") resetLink(turn, { phase: "down" });
}

/** What was owed on the old connection is settled by the exchange on the next. */
function resetLink(turn: Turn, link: Link): void {
  update(turn, { link, held: null, acknowledgeDue: false, settlementDue: false });
}

/** The peer's half of the exchange. */
export function receiveHello(turn: Turn, connection: number, hello: Hello): void {
  const { state } = turn.account;
  if (isOutOfReach(hello.highestSigned, highestKnown(turn.account))) {
    const details = { highest: `${hello.highestSigned}` };
    return misbehave(turn, { code: "numberJump", message: "the number is out of reach", details });
  }
  if (hello.epoch !== state.epoch) {
    return freeze(turn, `the sides are in different epochs: ${state.epoch} and ${hello.epoch}`);
  }
  const relation = relate(turn.account, hello);
  switch (relation) {
    case "same":
    case "behindByInFlight":
      return carryOn(turn, connection, hello, relation === "behindByInFlight");
    case "aheadByInFlight":
      // The peer signed the frame in flight and says so again, now that it has our hello.
      return ready(turn, connection, hello);
    case "ancestor":
      return sendHistory(turn, connection, hello);
    case "ahead":
      return freeze(
        turn,
        `the peer's head is ${hello.number}, ours ${state.number}: this side runs on an older ` +
          "disk and would not know what it has signed",
        true,
      );
    case "apart":
      return freeze(
        turn,
        `the heads have no common line: ours is ${state.number}, the peer's ${hello.number}`,
        true,
      );
  }
}

type Relation = "same" | "behindByInFlight" | "aheadByInFlight" | "ancestor" | "ahead" | "apart";

/** Where the peer's head lies, seen from ours. */
function relate({ state, inFlight, recent }: Account, hello: Hello): Relation {
  if (equalBytes(hello.head, state.head)) return "same";
  if (inFlight !== null && equalBytes(hello.head, inFlight.hash)) return "aheadByInFlight";
  const isOurHeadInFlight = state.number > 0 && equalBytes(hello.inFlight, state.head);
  if (isOurHeadInFlight) return "behindByInFlight";
  if (hello.number > state.number) return "ahead";
  const known = recent.some(({ hash }) => equalBytes(hash, hello.head));
  return known || isZeroBytes(hello.head) ? "ancestor" : "apart";
}

/** Heads are equal, or the peer waits for our answer to the frame that is our head. */
function carryOn(turn: Turn, connection: number, hello: Hello, peerWaits: boolean): void {
  ready(turn, connection, hello);
  const { inFlight } = turn.account;
  const outdone = inFlight !== null && hello.highestSigned > inFlight.frame.number;
  if (outdone) burn(turn, -1, null);
  if (peerWaits) acknowledgeAgain(turn);
  else if (turn.account.inFlight !== null) sendInFlight(turn);
}

function ready(turn: Turn, connection: number, hello: Hello): void {
  const { state, highestSeen } = turn.account;
  update(turn, {
    link: { phase: "ready", connection },
    highestSeen: Math.max(highestSeen, hello.highestSigned),
    settlementDue: (state.settlement?.settlement.number ?? 0) > 0,
  });
}

/** The peer lacks frames that both signed: it gets them, and nothing is proposed meanwhile. */
function sendHistory(turn: Turn, connection: number, hello: Hello): void {
  const { recent } = turn.account;
  const from = recent.findIndex(({ hash }) => equalBytes(hash, hello.head)) + 1;
  update(turn, { link: { phase: "catchingUp", connection } });
  send(turn, { kind: "history", frames: recent.slice(from) });
}
