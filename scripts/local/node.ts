/**
 * A local Hardhat node for the demonstration and for tests, on loopback: blocks at an interval,
 * so that what is mined becomes final. Prints one line of JSON when it listens; ends with its
 * standard input.
 *
 *     node scripts/local/node.ts [--port N] [--chain-id N] [--interval MS] [--fork URL]
 */
import { parseArgs } from "node:util";
import hre from "hardhat";
import { holdLifeline, LIFELINE } from "../../keeper/cli/lifeline.ts";

holdLifeline(LIFELINE);

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "chain-id": { type: "string", default: "31337" },
    interval: { type: "string", default: "250" },
    fork: { type: "string" },
  },
});

const interval = Number(values.interval);
const server = await hre.network.createServer(
  {
    network: "default",
    override: {
      chainId: Number(values["chain-id"]),
      // At an interval of 0 each transaction is its own block, at once.
      mining: interval === 0 ? { auto: true } : { auto: false, interval },
      allowBlocksWithSameTimestamp: true,
      loggingEnabled: false,
      ...(values.fork === undefined ? {} : { forking: await headOf(values.fork) }),
    },
  },
  "127.0.0.1",
  Number(values.port),
);
const { port } = await server.listen();
// Nothing can be executed on the other chain's own blocks, whose rules are not known here.
if (values.fork !== undefined) await ask(`http://127.0.0.1:${port}`, "evm_mine");
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);

/** The other node's newest block: left to itself the fork begins 128 blocks before it. */
async function headOf(url: string): Promise<{ url: string; blockNumber: number }> {
  return { url, blockNumber: Number(await ask(url, "eth_blockNumber")) };
}

async function ask(url: string, method: string): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] }),
  });
  return ((await answer.json()) as { result: unknown }).result;
}
