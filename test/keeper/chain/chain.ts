/** A real Hardhat node with the contracts, and a proxy before it that lies as a test tells it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createWalletClient, type Hex, http, publicActions } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { TIMES, WINDOWS } from "../../../ignition/modules/Jurisdiction.ts";
import { type Bytes, type Bytes32, fromHex, toHex } from "../../../keeper/base/bytes.ts";
import type { Submission } from "../../../keeper/chain/types.ts";
import { leafHash } from "../../../keeper/codec/merkle.ts";
import { rootDigest } from "../../../keeper/codec/root.ts";
import { signDigest } from "../../../keeper/codec/signature.ts";
import { batchDigest } from "../../../keeper/jurisdiction/batch.ts";
import { depositoryDomain, settlementDigest } from "../../../keeper/jurisdiction/digest.ts";
import type { Batch, Operations, Settlement } from "../../../keeper/jurisdiction/types.ts";
import { type DevKey, devKeys } from "../../../scripts/vector/dev-key.ts";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";
import { DevToken__factory } from "../../../typechain-types/factories/dev/DevToken__factory.ts";
import { Enforcement__factory } from "../../../typechain-types/factories/Enforcement__factory.ts";
import { EntityProvider__factory } from "../../../typechain-types/factories/EntityProvider__factory.ts";

export const CHAIN_ID = 31_337;
/** A deadline that no test reaches. */
export const FAR = 4_000_000_000;

/** The first pays for what tests do themselves, the second for the submitter's transactions. */
export const keys: readonly DevKey[] = devKeys(12).toSorted((a, b) =>
  toHex(a.entity) < toHex(b.entity) ? -1 : 1,
);
const [funder, payer] = devKeys(14).slice(12) as [DevKey, DevKey];
export const gasKey: Bytes32 = payer.privateKey;
export const gasAddress: Hex = toHex(payer.address);

export type Chain = Awaited<ReturnType<typeof startChain>>;

/** A node that mines each transaction at once, and the contracts with token 1. */
export async function startChain() {
  const script = join(import.meta.dirname, "../../../scripts/local/node.ts");
  const child = spawn(process.execPath, [script, "--interval", "0"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const account = privateKeyToAccount(toHex(funder.privateKey));
  const wallet = createWalletClient({
    account,
    transport: http(url),
    pollingInterval: 20,
  }).extend(publicActions);
  const rpc = (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    wallet.request({ method, params } as never);

  async function deploy(
    { abi, bytecode }: { readonly abi: readonly object[]; readonly bytecode: string },
    args: readonly unknown[],
  ): Promise<{ address: Hex; height: number }> {
    const terms = { abi, bytecode: bytecode as Hex, args, chain: null };
    const hash = await wallet.deployContract(terms as never);
    const receipt = await wallet.waitForTransactionReceipt({ hash });
    return { address: receipt.contractAddress as Hex, height: Number(receipt.blockNumber) };
  }

  const entityProvider = await deploy(EntityProvider__factory, [TIMES.delay, TIMES.grace]);
  const windows = [WINDOWS.min, WINDOWS.max];
  const module = await deploy(Enforcement__factory, [entityProvider.address, ...windows]);
  const depository = await deploy(Depository__factory, [entityProvider.address, module.address]);
  const token = await deploy(DevToken__factory, ["Test", "TST", 18]);

  async function write(
    contract: "depository" | "token",
    functionName: string,
    args: readonly unknown[],
  ): Promise<void> {
    const abi = contract === "token" ? DevToken__factory.abi : Depository__factory.abi;
    const address = contract === "token" ? token.address : depository.address;
    const hash = await wallet.writeContract({
      abi,
      address,
      functionName,
      args,
      chain: null,
    } as never);
    await wallet.waitForTransactionReceipt({ hash });
  }

  await write("depository", "registerToken", [1, token.address, 0n]);
  await write("token", "mint", [account.address, 10n ** 30n]);
  await write("token", "approve", [depository.address, 10n ** 30n]);

  const domain = depositoryDomain(CHAIN_ID, fromHex(depository.address));
  const read = (functionName: string, args: readonly unknown[]): Promise<unknown> =>
    wallet.readContract({
      abi: Depository__factory.abi,
      address: depository.address,
      functionName,
      args,
    } as never);

  return {
    url,
    rpc,
    wallet,
    domain,
    depository: fromHex(depository.address),
    module: fromHex(module.address),
    entityProvider: fromHex(entityProvider.address),
    deployedAt: entityProvider.height,
    deposit: (key: DevKey, amount: bigint) =>
      write("depository", "deposit", [toHex(key.entity), 1, amount]),
    reserveOf: (key: DevKey) => read("reserveOf", [toHex(key.entity), 1]) as Promise<bigint>,
    nonceOf: async (key: DevKey) => Number(await read("nonceOf", [toHex(key.entity)])),
    numberOf: async (left: DevKey, right: DevKey) =>
      Number(((await read("accountOf", [toHex(left.entity), toHex(right.entity)])) as bigint[])[1]),
    /** One by one: of many that are mined at once the node leaves out the parents' hashes. */
    mine: async (blocks: number) => {
      for (let block = 0; block < blocks; block++) await rpc("evm_mine");
    },
    stop: async () => {
      const gone = once(child, "exit");
      child.stdin.end();
      await gone;
    },
  };
}

/** What an address entity signs under one digest alone. */
function signAlone(key: DevKey, digest: Bytes32): Bytes {
  return signDigest(key.privateKey, rootDigest(leafHash(key.entity, digest)));
}

/** A batch, signed by the keeper's own encodings. */
export function batchOf(
  chain: Pick<Chain, "domain">,
  key: DevKey,
  nonce: number,
  operations: Partial<Operations>,
  deadline: number = FAR,
): Submission & { kind: "batch" } {
  const batch: Batch = {
    entity: key.entity,
    nonce,
    deadline,
    operations: {
      reserveToReserve: [],
      settlements: [],
      reserveToCollateral: [],
      withdrawals: [],
      ...operations,
    },
  };
  return { kind: "batch", batch, signature: signAlone(key, batchDigest(chain.domain, batch)) };
}

/** A settlement by which left puts `amount` of token 1 into the account, signed by both. */
export function settlementOf(
  chain: Pick<Chain, "domain">,
  left: DevKey,
  right: DevKey,
  number: number,
  amount: bigint,
  deadline: number = FAR,
): Submission & { kind: "settlement" } {
  const settlement: Settlement = {
    left: left.entity,
    right: right.entity,
    epoch: 0,
    number,
    deadline,
    plan: new Uint8Array(32) as Bytes32,
    diffs: [
      { token: 1, leftDiff: -amount, rightDiff: 0n, collateralDiff: amount, ondeltaDiff: amount },
    ],
  };
  const digest = settlementDigest(chain.domain, settlement);
  return {
    kind: "settlement",
    settlement,
    leftSignature: signAlone(left, digest),
    rightSignature: signAlone(right, digest),
  };
}

export type Call = { readonly method: string; readonly params: readonly unknown[] };

/** What the proxy answers to one call: the result that comes back, or `lost` for an error. */
export type Meddle = (call: Call, ask: (call: Call) => Promise<unknown>) => Promise<unknown>;

export const lost: unique symbol = Symbol("lost");

/** What the node itself answered instead of a result. */
export class NodeError extends Error {
  readonly told: object;
  constructor(told: object) {
    super(JSON.stringify(told));
    this.told = told;
  }
}

/** A node before the node. `meddle` may be changed at any time. */
export async function startProxy(chain: Chain) {
  const state: { meddle: Meddle } = { meddle: (call, ask) => ask(call) };
  const ask = async ({ method, params }: Call): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(chain.url, { method: "POST", headers, body });
    const { result, error } = (await answer.json()) as { result: unknown; error?: object };
    if (error !== undefined) throw new NodeError(error);
    return result;
  };
  const server = createServer((request, response) => {
    void body(request).then(async (text) => {
      const asked = JSON.parse(text) as (Call & { id: number }) | (Call & { id: number })[];
      const one = async ({ id, method, params }: Call & { id: number }) => {
        try {
          const result = await state.meddle({ method, params: params ?? [] }, ask);
          if (result !== lost) return { jsonrpc: "2.0", id, result };
        } catch (error) {
          if (!(error instanceof NodeError)) throw error;
          return { jsonrpc: "2.0", id, error: error.told };
        }
        return { jsonrpc: "2.0", id, error: { code: -32_000, message: "lost" } };
      };
      const answer = Array.isArray(asked) ? await Promise.all(asked.map(one)) : await one(asked);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(answer));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function body(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
