import type { Objective } from "../types.ts";

/** A leg that a participant refused, or that was shrunk, and why. Names as in the file. */
export type RefusedLeg = {
  readonly left: string;
  readonly right: string;
  readonly code: string;
};

/** One token of the report N (DESIGN "Command line"). Amounts in the smallest unit. */
export type TokenReport = {
  /** Sum of exposures before. */
  readonly gross: bigint;
  /** Sum over entities of `max(owed to it − owed by it, 0)`, before. */
  readonly netInternalDebt: bigint;
  /** The most that can go: exposure for *value*, exposure above soft limits for *excess*. */
  readonly optimum: bigint;
  /** The same sum that did go, computed anew from the states before and after. */
  readonly cleared: bigint;
  /** `optimum − cleared`. */
  readonly gap: bigint;
  readonly overLimitBefore: number;
  readonly overLimitAfter: number;
  readonly refused: readonly RefusedLeg[];
  /** Obligations only: what setting each pair's debts against each other has removed. */
  readonly bilateral?: bigint;
};

/** The report N. Tokens are keyed by the name in the file. */
export type NettingReport = {
  readonly objective: Objective;
  /** `file`, or the percentage of credit limits that stood for soft limits. */
  readonly softLimit: string;
  readonly tokens: Readonly<Record<string, TokenReport>>;
};

/** One leg of a report: the signed change of `delta`, in the file's orientation. */
export type Flow = {
  readonly left: string;
  readonly right: string;
  readonly token: string;
  readonly amount: bigint;
};

/** What one entity owes and is owed in one token, before and after. */
export type ParticipantReport = {
  readonly entity: string;
  readonly token: string;
  readonly owesBefore: bigint;
  readonly owesAfter: bigint;
  readonly owedBefore: bigint;
  readonly owedAfter: bigint;
  /** Accounts whose delta changes. */
  readonly legs: number;
};

/** The network that a percentage belongs to (NET-8). */
export type TopologyReport = {
  readonly entities: number;
  readonly accounts: number;
  /** The entities with the most accounts, largest first, ties by name; at most five. */
  readonly hubs: readonly { readonly entity: string; readonly accounts: number }[];
  readonly tokens: Readonly<Record<string, TokenTopology>>;
};

/** One token's part of the topology: positions with an exposure, and where they lie. */
export type TokenTopology = {
  readonly positions: number;
  readonly exposed: number;
  readonly onCycles: number;
  readonly valueOnCycles: bigint;
  readonly cores: number;
  readonly onChains: number;
  readonly valueOnChains: bigint;
  readonly payers: number;
  readonly receivers: number;
};
