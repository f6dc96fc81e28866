/** What must hold in every world, and in every world in which nothing more happens (NET-5). */
import { expect } from "chai";
import { equalBytes } from "../../../keeper/base/bytes.ts";
import { verifyCertificate } from "../../../keeper/plan/certificate.ts";
import { planHash } from "../../../keeper/plan/digest.ts";
import { keyOf } from "../../../keeper/plan/result.ts";
import type { Plan } from "../../../keeper/plan/types.ts";
import { contextOf, type World } from "./world.ts";

/**
 * Nobody who signs "prepared" lets go before the chain has shown that the plan did not commit;
 * nothing is applied before every signer has signed, and nothing is released in one account and
 * applied in another; what settles on chain is applied by the chain alone.
 */
export function judge(world: World): void {
  const { committed, over } = world.chain;
  for (const [person, { name }] of world.people.entries()) {
    if (!world.signed[person] || !world.dropped[person]) continue;
    if (over && !committed) continue;
    throw new Error(`${name} signed prepared and let a hold go`);
  }
  if (world.torn.length > 0) throw new Error(`the plan is torn at ${world.torn.join()}`);
  for (const { left, right, applied, flight } of world.accounts) {
    const committing = flight?.signedByBoth === true && flight.transaction.kind === "commit";
    if (!applied && !committing) continue;
    for (const [person, signed] of world.signed.entries()) {
      if (signed || !isParty(world, person)) continue;
      throw new Error(`account ${left}–${right} is applied, and ${person} has not signed`);
    }
    for (const account of world.accounts) {
      if (account.held || account.applied) continue;
      throw new Error(`account ${left}–${right} is applied, and another is not held`);
    }
    if (settlesOnChain(world) && !committed) {
      throw new Error(`account ${left}–${right} is applied before the chain has settled`);
    }
  }
}

function settlesOnChain({ books }: World): boolean {
  return books.some(({ participations }) =>
    Array.from(participations.values()).some(({ plan }) => plan.settlements.length > 0),
  );
}

function isParty(world: World, person: number): boolean {
  return world.accounts.some(({ left, right }) => left === person || right === person);
}

/** All or nothing: every account applied and everybody knows, or nothing is left of the plan. */
export function judgeEnd(world: World, plan: Plan): void {
  const applied = world.accounts.filter((account) => account.applied).length;
  expect(applied === 0 || applied === world.accounts.length, "all legs or none").to.equal(true);
  const committed = applied > 0;
  expect(
    world.accounts.some(({ held }) => held),
    "a hold is left",
  ).to.equal(false);
  expect(world.outcomes.map((outcome) => outcome.committed)).to.deep.equal([committed]);
  const key = keyOf(planHash(plan));
  for (const [person, { name, id }] of world.people.entries()) {
    const book = world.books[person];
    expect(book?.participations.size, `${name} still takes part`).to.equal(0);
    expect(book?.coordinations.size, `${name} still coordinates`).to.equal(0);
    const end = book?.finished.get(key);
    const isSigner = plan.signers.some((signer) => equalBytes(signer, id));
    if (committed && isSigner) expect(end?.committed, name).to.equal(true);
    if (!committed) expect(end?.committed ?? false, name).to.equal(false);
  }
}

/** The certificates that people go by are valid, signature by signature. */
export function judgeCertificates(world: World): void {
  for (const [person, book] of world.books.entries()) {
    for (const { plan, hash, certificate } of book.participations.values()) {
      if (certificate === null) continue;
      const objection = verifyCertificate(plan, hash, certificate, contextOf(world, person));
      if (objection !== null) throw new Error(`${person} goes by a false certificate`);
    }
  }
}
