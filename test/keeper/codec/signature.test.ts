import { expect } from "chai";
import { SigningKey } from "ethers";
import { describe, it } from "mocha";
import { InvariantError } from "../../../keeper/base/assert.ts";
import { asBytes32, bytes32FromHex, fromHex, toHex } from "../../../keeper/base/bytes.ts";
import { createRandom } from "../../../keeper/base/random.ts";
import {
  addressOf,
  checkSignature,
  isPrivateKey,
  parsePublicKey,
  publicKeyOf,
  recoverAddress,
  recoverPublicKey,
  signatureLibrary,
  signDigest,
  verify,
  verifyWithPublicKey,
  withRecovery,
} from "../../../keeper/codec/signature.ts";
import { devKeys } from "../../../scripts/vector/dev-key.ts";
import { highS } from "../../../scripts/vector/signature.ts";
import { readVectors } from "./vector.ts";

type Vectors = {
  readonly cases: readonly {
    readonly name: string;
    readonly key: string;
    readonly address: string;
    readonly digest: string;
    readonly signature: string;
    readonly recovered: string;
    readonly refusal: string;
  }[];
};

const { cases } = readVectors<Vectors>("signature.json");
const key = asBytes32(createRandom("key").bytes(32));
const digest = asBytes32(createRandom("digest").bytes(32));

describe("signature", () => {
  it("ENT-3, TST-2: one form of each signature is accepted, and it recovers as ethers does", () => {
    const refusals = new Set<string>();
    for (const { name, address, digest: hash, signature, recovered, refusal } of cases) {
      const bytes = fromHex(signature);
      const result = recoverAddress(bytes, bytes32FromHex(hash));
      expect(result.ok ? toHex(result.value) : result.refusal.code, name).to.equal(
        recovered === "" ? refusal : recovered,
      );
      expect(verify(bytes, bytes32FromHex(hash), fromHex(address)), name).to.equal(
        name === "as signed",
      );
      if (refusal !== "") refusals.add(refusal);
      else expect(theirAddress(hash, signature), name).to.equal(recovered);
    }
    expect([...refusals].sort()).to.deep.equal([
      "signatureHighS",
      "signatureLength",
      "signatureR",
      "signatureRecovery",
      "signatureS",
      "signatureV",
    ]);
  });

  it("STO-1, TST-2: RFC 6979: the same key and digest give the same bytes, those of ethers", () => {
    const random = createRandom("rfc 6979");
    for (let i = 0; i < 40; i++) {
      const [secret, hash] = [asBytes32(random.bytes(32)), asBytes32(random.bytes(32))];
      const signature = toHex(signDigest(secret, hash));
      expect(signature).to.equal(new SigningKey(secret).sign(hash).serialized);
      expect(toHex(signDigest(secret, hash))).to.equal(signature);
      const address = addressOf(publicKeyOf(secret));
      expect(verify(fromHex(signature), hash, address)).to.equal(true);
      expect(toHex(publicKeyOf(secret))).to.equal(new SigningKey(secret).publicKey);
    }
  });

  it("ENT-3: a known key checks r and s; the v for the chain can be repaired, nothing else", () => {
    const signature = signDigest(key, digest);
    const publicKey = publicKeyOf(key);
    const address = addressOf(publicKey);
    expect(verifyWithPublicKey(signature, digest, publicKey)).to.equal(true);
    const turned = signature.slice();
    turned[64] = 55 - (signature[64] as number);
    expect(verify(turned, digest, address)).to.equal(false);
    expect(verifyWithPublicKey(turned, digest, publicKey)).to.equal(true);
    expect(toHex(withRecovery(turned, digest, address) ?? turned)).to.equal(toHex(signature));
    expect(verifyWithPublicKey(highS(signature), digest, publicKey)).to.equal(false);
    for (let at = 0; at < 64; at++) {
      const flipped = signature.slice();
      flipped[at] = (flipped[at] as number) ^ 1;
      expect(verifyWithPublicKey(flipped, digest, publicKey), `byte ${at}`).to.equal(false);
      expect(verify(flipped, digest, address), `byte ${at}`).to.equal(false);
    }
    expect(withRecovery(signature, asBytes32(new Uint8Array(32)), address)).to.equal(undefined);
  });

  it("ENT-3: keys outside of the curve are refused, and kept uncompressed inside", () => {
    const publicKey = publicKeyOf(key);
    const compressed = fromHex(new SigningKey(key).compressedPublicKey);
    const parsed = parsePublicKey(compressed);
    expect(parsed.ok && toHex(parsed.value)).to.equal(toHex(publicKey));
    expect(parsePublicKey(publicKey).ok).to.equal(true);
    for (const bad of [new Uint8Array(33), new Uint8Array(65), new Uint8Array(0)]) {
      const result = parsePublicKey(bad);
      expect(!result.ok && result.refusal.code).to.equal("publicKey");
    }
    expect(isPrivateKey(new Uint8Array(32))).to.equal(false);
    expect(isPrivateKey(new Uint8Array(32).fill(255))).to.equal(false);
    expect(() => signDigest(asBytes32(new Uint8Array(32)), digest)).to.throw(InvariantError);
    expect(() => addressOf(compressed)).to.throw(InvariantError);
  });

  it("ENT-3: the compiled library is in use here, and Hardhat's first key has its address", () => {
    expect(signatureLibrary).to.equal("native");
    const [first] = devKeys(1);
    const known = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
    expect(first && toHex(first.address)).to.equal(known);
    const signature = signDigest(key, digest);
    expect(checkSignature(signature).ok).to.equal(true);
    const recovered = recoverPublicKey(signature, digest);
    expect(recovered.ok && toHex(recovered.value)).to.equal(toHex(publicKeyOf(key)));
  });
});

function theirAddress(hash: string, signature: string): string {
  const publicKey = SigningKey.recoverPublicKey(hash, signature);
  return toHex(addressOf(fromHex(publicKey)));
}
