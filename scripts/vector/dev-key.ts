import { HDNodeWallet } from "ethers";
import { type Bytes32, bytes32FromHex } from "../../keeper/base/bytes.ts";
import { addressEntity } from "../../keeper/codec/identity.ts";
import { addressOf, publicKeyOf } from "../../keeper/codec/signature.ts";

/** One of Hardhat's public development keys; vectors name it by `index`, never by its bytes. */
export type DevKey = {
  readonly index: number;
  readonly privateKey: Bytes32;
  readonly address: Uint8Array;
  /** Its address entity. */
  readonly entity: Bytes32;
};

const PHRASE = "test test test test test test test test test test test junk";

/** The first `count` keys of Hardhat's phrase, derived by BIP-44. */
export function devKeys(count: number): readonly DevKey[] {
  const root = HDNodeWallet.fromPhrase(PHRASE, "", "m/44'/60'/0'/0");
  return Array.from({ length: count }, (_, index) => {
    const privateKey = bytes32FromHex(root.deriveChild(index).privateKey);
    const address = addressOf(publicKeyOf(privateKey));
    return { index, privateKey, address, entity: addressEntity(address) };
  });
}
