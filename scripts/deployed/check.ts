import type { HardhatEthers } from "@nomicfoundation/hardhat-ethers/types";
import { AbiCoder, encodeBytes32String, id, keccak256, toBeHex, zeroPadValue } from "ethers";

import type { Depository } from "../../typechain-types/Depository.ts";
import type { Enforcement } from "../../typechain-types/Enforcement.ts";
import type { EntityProvider } from "../../typechain-types/EntityProvider.ts";
import { type Compiled, compareCode } from "./code.ts";

/** One thing that was looked at. */
export type Finding = { readonly ok: boolean; readonly what: string };

/** The compiled contract of a name. */
export type Build = (name: string) => Promise<Compiled>;

/**
 * Looks at a jurisdiction on a chain: whether each contract's code is what the build says, whether
 * the three were made for each other, and whether their times fit. Reads only.
 * @param address the Depository's
 */
export async function checkJurisdiction(
  ethers: HardhatEthers,
  build: Build,
  address: string,
): Promise<readonly Finding[]> {
  if ((await ethers.provider.getCode(address)) === "0x") {
    return [{ ok: false, what: `Depository: no contract is at ${address}` }];
  }
  const depository = (await ethers.getContractAt("Depository", address)) as unknown as Depository;
  const provider = await depository.entityProvider();
  const module = await depository.enforcement();
  const entities = (await ethers.getContractAt(
    "EntityProvider",
    provider,
  )) as unknown as EntityProvider;
  const rules = (await ethers.getContractAt("Enforcement", module)) as unknown as Enforcement;
  const times = {
    delay: await entities.delay(),
    grace: await entities.grace(),
    minWindow: await rules.minWindow(),
    maxWindow: await rules.maxWindow(),
  };
  const { chainId } = await ethers.provider.getNetwork();

  const findings: Finding[] = [];
  const places = { EntityProvider: provider, Enforcement: module, Depository: address };
  for (const [name, at] of Object.entries(places)) {
    const domain = name === "EntityProvider" ? "XLN EntityProvider" : "XLN Depository";
    const words = [
      ...[provider, module, address].map(asWord),
      ...Object.values(times).map((seconds) => asWord(toBeHex(seconds))),
      ...domainWords(domain, chainId, at),
    ];
    const allowed = new Set(words.map((word) => word.slice(2).toLowerCase()));
    const faults = compareCode(await build(name), await ethers.provider.getCode(at), allowed);
    const what = faults.length === 0 ? "is what these sources compile to" : faults.join("; ");
    findings.push({ ok: faults.length === 0, what: `${name} at ${at}: ${what}` });
  }
  findings.push(made("the module was made for that EntityProvider", await rules.entityProvider()));
  return [...findings, ...judgeTimes(times)];

  function made(what: string, found: string): Finding {
    return { ok: found === provider, what: `${what}${found === provider ? "" : `, not ${found}`}` };
  }
}

type Times = Readonly<Record<"delay" | "grace" | "minWindow" | "maxWindow", bigint>>;

/** A side must see a replacement come, and a replaced board must outlive every dispute (ENT-5). */
function judgeTimes({ delay, grace, minWindow, maxWindow }: Times): readonly Finding[] {
  return [
    {
      ok: minWindow > 0n && minWindow <= maxWindow,
      what: `windows of disputes from ${minWindow} to ${maxWindow} s`,
    },
    { ok: delay > maxWindow, what: `boards are replaced after ${delay} s, above any window` },
    { ok: grace >= maxWindow, what: `replaced boards count for ${grace} s, as long as any window` },
  ];
}

/** What OpenZeppelin's EIP712 keeps of a domain. */
function domainWords(name: string, chainId: bigint, at: string): readonly string[] {
  const types = ["bytes32", "bytes32", "bytes32", "uint256", "address"];
  const domain = id(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
  );
  const values = [domain, id(name), id("1"), chainId, at];
  const separator = keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
  return [
    separator,
    id(name),
    id("1"),
    asWord(toBeHex(chainId)),
    asWord(at),
    shortString(name),
    shortString("1"),
  ];
}

/** OpenZeppelin's ShortString: the bytes on the left, their count in the last byte. */
function shortString(text: string): string {
  const word = encodeBytes32String(text);
  return word.slice(0, -2) + text.length.toString(16).padStart(2, "0");
}

function asWord(hex: string): string {
  return zeroPadValue(hex, 32);
}
