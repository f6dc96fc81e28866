/** The money of a cast as the chain itself has it. */
import { createPublicClient, http } from "viem";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";
import { DevToken__factory } from "../../../typechain-types/factories/dev/DevToken__factory.ts";
import { toHex } from "../../base/bytes.ts";
import type { Cast, CastRow } from "./cast.ts";
import type { Deployment } from "./deployment.ts";

export type Money = { readonly ondelta: bigint; readonly collateral: bigint };

/** All by token number. */
export type ChainState = {
  /** By entity, in hex. */
  readonly reserves: ReadonlyMap<number, ReadonlyMap<string, bigint>>;
  /** By both ids, left first, in hex. */
  readonly money: ReadonlyMap<number, ReadonlyMap<string, Money>>;
  /** What the Depository holds of the token. */
  readonly held: ReadonlyMap<number, bigint>;
};

export function pairKey({ left, right }: Pick<CastRow, "left" | "right">): string {
  return `${toHex(left.id)}${toHex(right.id)}`;
}

export async function readChain(
  cast: Cast,
  deployment: Deployment,
  rpc: string,
): Promise<ChainState> {
  const client = createPublicClient({ transport: http(rpc, { batch: { batchSize: 500 } }) });
  const address = deployment.depository as `0x${string}`;
  const { abi } = Depository__factory;
  const reserves = new Map<number, ReadonlyMap<string, bigint>>();
  const money = new Map<number, ReadonlyMap<string, Money>>();
  const held = new Map<number, bigint>();
  for (const [market, { token, address: asset }] of deployment.tokens.entries()) {
    const rows = cast.rows.filter((row) => row.market === market);
    if (rows.length === 0) continue;
    const ofActors = cast.actors.map(async ({ id }): Promise<[string, bigint]> => {
      const args = [toHex(id), token] as const;
      const call = { abi, address, functionName: "reserveOf", args } as const;
      return [toHex(id), await client.readContract(call)];
    });
    reserves.set(token, new Map(await Promise.all(ofActors)));
    const ofRows = rows.map(async (row): Promise<[string, Money]> => {
      const args = [toHex(row.left.id), toHex(row.right.id), token] as const;
      const call = { abi, address, functionName: "moneyOf", args } as const;
      const [ondelta, collateral] = await client.readContract(call);
      return [pairKey(row), { ondelta, collateral }];
    });
    money.set(token, new Map(await Promise.all(ofRows)));
    const balance = await client.readContract({
      abi: DevToken__factory.abi,
      address: asset as `0x${string}`,
      functionName: "balanceOf",
      args: [address],
    });
    held.set(token, balance);
  }
  return { reserves, money, held };
}

/** Reserves and collateral of the cast together. */
export function booked({ reserves, money }: ChainState, token: number): bigint {
  const collateral = [...(money.get(token)?.values() ?? [])].map((row) => row.collateral);
  return [...(reserves.get(token)?.values() ?? []), ...collateral].reduce((a, b) => a + b, 0n);
}
