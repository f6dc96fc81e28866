/** Where the contracts stand, and the file that says so: `up` writes one and takes one. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createPublicClient, http } from "viem";
import { z } from "zod";
import { Depository__factory } from "../../../typechain-types/factories/Depository__factory.ts";
import { Failure } from "../failure.ts";
import { issueWords, parseJson } from "../issue.ts";

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "expected 0x and 40 hex digits");

const schema = z.strictObject({
  depository: address,
  entityProvider: address,
  /** A block before which no event of the contracts lies. */
  deployedAt: z.number().int().min(0),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        token: z.number().int().min(1).max(0xffff_ffff),
        address,
      }),
    )
    .max(1_024),
});

export type Deployment = z.infer<typeof schema>;

/** Written into the data folder of a run. */
export const DEPLOYMENT_FILE = "deployment.json";

export async function writeDeployment(file: string, deployment: Deployment): Promise<void> {
  await writeFile(file, `${JSON.stringify(deployment, null, 2)}\n`);
}

/** @throws Failure naming the first key that is wrong */
export function readDeployment(file: string): Deployment {
  const text = readFileSync(file, "utf8");
  const json = parseJson(text, file, "deployment-not-json", FIX);
  const result = schema.safeParse(json);
  if (!result.success) {
    const { key, expected } = issueWords(result.error);
    const wrong = expected === "no such key" ? expected : `expected ${expected}`;
    throw new Failure("deployment-value", `${key}: ${wrong}`, FIX, { file });
  }
  const { tokens } = result.data;
  const twice = tokens.find(({ name }, at) => tokens.some((t, i) => i < at && t.name === name));
  if (twice === undefined) return result.data;
  throw new Failure("deployment-value", `tokens: ${twice.name} is named twice`, FIX, { file });
}

const FIX = `take the ${DEPLOYMENT_FILE} that ./xln up --data DIR has written`;

/**
 * Makes sure that the chain has what the file says.
 * @throws Failure for a contract or a token that is another, or is not there
 */
export async function checkDeployment(
  url: string,
  deployment: Deployment,
  file: string,
): Promise<void> {
  const client = createPublicClient({ transport: http(url) });
  const at = deployment.depository as `0x${string}`;
  const { abi } = Depository__factory;
  const fail = (message: string) => {
    throw new Failure("deployment-absent", message, "name the deployment of that very chain", {
      file,
    });
  };
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const head = await client.getBlockNumber();
  if (head < BigInt(deployment.deployedAt)) {
    fail(`deployedAt: ${deployment.deployedAt} lies above the chain's head, ${head}`);
  }
  if ((await client.getCode({ address: at })) === undefined) {
    fail(`depository: no contract at ${at}`);
  }
  const provider = await client
    .readContract({ abi, address: at, functionName: "entityProvider" })
    .catch(() => "another contract");
  if (!same(provider, deployment.entityProvider)) {
    fail(`entityProvider: the contract at ${at} has ${provider}`);
  }
  for (const { name, token, address: asset } of deployment.tokens) {
    const id = await client.readContract({
      abi,
      address: at,
      functionName: "tokenIdOf",
      args: [1, asset as `0x${string}`, 0n],
    });
    if (id !== token) fail(`tokens: ${name} is number ${id} there, not ${token}`);
  }
}
