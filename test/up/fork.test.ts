/** A node that others use already, forked; the run carries on from what stands there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createPublicClient, createWalletClient, http, type PublicClient } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { fromHex, toHex, ZERO_BYTES32 } from "../../keeper/base/bytes.ts";
import { type Actor, type Cast, castOf, developmentKey } from "../../keeper/cli/up/cast.ts";
import type { Deployment } from "../../keeper/cli/up/deployment.ts";
import { depositAll, depositsOf } from "../../keeper/cli/up/fund.ts";
import { deploy, type LocalChain, startChain } from "../../keeper/cli/up/ground.ts";
import { leafHash } from "../../keeper/codec/merkle.ts";
import { rootDigest } from "../../keeper/codec/root.ts";
import { signDigest } from "../../keeper/codec/signature.ts";
import { batchDigest } from "../../keeper/jurisdiction/batch.ts";
import {
  depositoryAbi,
  toContractBatch,
  toContractSettlements,
} from "../../keeper/jurisdiction/contract.ts";
import { depositoryDomain, settlementDigest } from "../../keeper/jurisdiction/digest.ts";
import type { Batch, Settlement } from "../../keeper/jurisdiction/types.ts";
import { parseLedger } from "../../keeper/netting/ledger/parse.ts";
import { smallLedger, upOn } from "./ledger.ts";
import { rpc } from "./rpc.ts";

const CSV = smallLedger(2);
/** The number that the account's settlement has taken on the origin. */
const NUMBER = 7;

describe("up --fork", () => {
  let origin: LocalChain;
  let deployment: Deployment;
  let cast: Cast;
  let folder: string;
  let file: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "xln-fork-"));
    file = join(folder, "deployment.json");
    const ledger = parseLedger(Buffer.from(CSV));
    if (!ledger.ok) throw new Error(ledger.refusal.message);
    cast = castOf(ledger.value);
    origin = await startChain(null);
    // A fork must begin at the head, not at a depth that no reorg reaches.
    await rpc(origin.url, "hardhat_mine", ["0xc8", "0x0"]);
    deployment = await deploy(origin.url, ["DAI"]);
    writeFileSync(file, JSON.stringify(deployment));
    await depositAll(
      depositsOf(cast).filter(({ market }) => market === 0),
      deployment,
      origin,
    );
    await useAccount();
  });

  after(async () => {
    await origin.running.stop();
    rmSync(folder, { recursive: true });
  });

  /** Puts up an account's collateral by a batch, and takes half of it back by a settlement. */
  async function useAccount(): Promise<void> {
    const { left, right, collateral } = usedRow();
    const token = deployment.tokens[0]?.token ?? 0;
    const address = fromHex(deployment.depository.toLowerCase() as `0x${string}`);
    const domain = depositoryDomain(origin.chainId, address);
    const sign = ({ id, key }: Actor, digest: Parameters<typeof leafHash>[1]) =>
      signDigest(key, rootDigest(leafHash(id, digest)));
    const deadline = 2 ** 40;
    const reserveToCollateral = [
      { payee: right.id, counterparty: left.id, token, amount: collateral },
    ];
    const none = { reserveToReserve: [], settlements: [], withdrawals: [] };
    const operations = { ...none, reserveToCollateral };
    const batch: Batch = { entity: right.id, nonce: 0, deadline, operations };
    const half = collateral / 2n;
    const diffs = [
      { token, leftDiff: 0n, rightDiff: half, collateralDiff: -half, ondeltaDiff: 0n },
    ];
    const settlement: Settlement = {
      left: left.id,
      right: right.id,
      epoch: 0,
      number: NUMBER,
      deadline,
      plan: ZERO_BYTES32,
      diffs,
    };
    const digest = settlementDigest(domain, settlement);
    const signed = {
      settlement,
      leftSignature: sign(left, digest),
      rightSignature: sign(right, digest),
    };
    const transport = http(origin.url);
    const account = privateKeyToAccount(toHex(developmentKey(9)));
    const wallet = createWalletClient({ account, transport });
    const at = { abi: depositoryAbi, address: toHex(address), chain: null } as const;
    const batchSignature = toHex(sign(right, batchDigest(domain, batch)));
    const first = [toContractBatch(batch), batchSignature] as const;
    await landed(await wallet.writeContract({ ...at, functionName: "processBatch", args: first }));
    const second = [toContractSettlements([signed], true)] as const;
    await landed(await wallet.writeContract({ ...at, functionName: "settleDiffs", args: second }));
  }

  function usedRow() {
    const row = cast.rows.find(({ collateral }) => collateral > 0n);
    if (row === undefined) throw new Error("the ledger has an account with collateral");
    return row;
  }

  const reader = (url: string) => createPublicClient({ transport: http(url) }) as PublicClient;

  async function landed(hash: `0x${string}`): Promise<void> {
    const { status } = await reader(origin.url).waitForTransactionReceipt({
      hash,
      pollingInterval: 50,
    });
    expect(status).to.equal("success");
  }

  function nonceAt(url: string, { id }: Actor): Promise<bigint> {
    const address = deployment.depository as `0x${string}`;
    const call = { abi: depositoryAbi, address, functionName: "nonceOf" } as const;
    return reader(url).readContract({ ...call, args: [toHex(id)] });
  }

  it("CHN-5: carries on from the contracts, reserves, nonces and numbers there", async () => {
    const { left, right } = usedRow();
    await upOn({ csv: CSV, fork: origin.url, deployment: file }, async (up) => {
      expect(up.faults).to.deep.equal([]);
      expect(up.report).to.include({ conserved: true, replayRootsEqual: true });
      for (const { gap, cleared } of Object.values(up.report.netting.tokens)) {
        expect(gap).to.equal(0n);
        expect(cleared > 0n).to.equal(true);
      }
      const { chain, deployment: used } = up.system;
      expect(used.depository).to.equal(deployment.depository);
      // The known token is the origin's, the other one was made on the fork.
      expect(used.tokens[0]).to.deep.equal(deployment.tokens[0]);
      expect(used.tokens).to.have.length(2);
      expect(chain.chainId).to.not.equal(origin.chainId);
      expect(await nonceAt(chain.url, right)).to.equal(2n);
      const args = [toHex(left.id), toHex(right.id)] as const;
      const address = deployment.depository as `0x${string}`;
      const call = { abi: depositoryAbi, address, functionName: "accountOf", args } as const;
      const [, number] = await reader(chain.url).readContract(call);
      expect(number >= BigInt(NUMBER)).to.equal(true);
    });
    // Nothing of it has reached the origin.
    expect(await nonceAt(origin.url, right)).to.equal(1n);
  });
});
