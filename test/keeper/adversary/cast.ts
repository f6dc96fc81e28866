/** Who is at the siege, what they sign with, and the plans that they make up. */
import { type Bytes, compareBytes } from "../../../keeper/base/bytes.ts";
import type { Random } from "../../../keeper/base/random.ts";
import { keccakText } from "../../../keeper/codec/keccak.ts";
import { leafHash } from "../../../keeper/codec/merkle.ts";
import { rootDigest } from "../../../keeper/codec/root.ts";
import { signDigest } from "../../../keeper/codec/signature.ts";
import type { Plan, PlanLeg } from "../../../keeper/plan/types.ts";
import { jurisdiction } from "../runtime/chain.ts";
import { type Person, personOf } from "../runtime/world.ts";
import { TOKENS } from "./liar.ts";

export const victims = ["alice", "bob"].map(personOf) as [Person, Person];
export const liars = ["mallory", "mike", "moriarty"].map(personOf);
export const everybody = [...victims, ...liars];

export function credit(token: number, limit: bigint) {
  return { kind: "setCredit", token, limit, softLimit: limit } as const;
}

/** A ring over some victims and liars, mostly one that they can hold. */
export function planOf(random: Random, now: number): Plan {
  const count = 2 + random.below(3);
  const ring = random.shuffle([...everybody]).slice(0, Math.max(3, count));
  const signers = ring.map(({ id }) => id).sort(compareBytes);
  const place = (person: Person) => signers.findIndex((id) => compareBytes(id, person.id) === 0);
  const amount = BigInt(1 + random.below(200));
  const token = random.pick([...TOKENS, 1, 1]);
  const legs = ring.map((person, at): PlanLeg => {
    const [a, b] = [place(person), place(ring[(at + 1) % ring.length] as Person)];
    const moved = random.below(50) === 0 ? amount + 1n : amount;
    return a < b
      ? { left: a, right: b, token, amount: moved }
      : { left: b, right: a, token, amount: -moved };
  });
  legs.sort((a, b) => a.left - b.left || a.right - b.right);
  const commitBy = now + random.pick([5, 620, 1_000]);
  const { domain } = jurisdiction;
  const salt = keccakText(`salt ${random.uint32()}`);
  return { domain, signers, legs, settlements: [], salt, commitBy };
}

export function sign({ id, key }: Person, digest: Parameters<typeof leafHash>[1]): Bytes {
  return signDigest(key, rootDigest(leafHash(id, digest)));
}
