import { asBytes32, type Bytes32, toHex } from "../../keeper/base/bytes.ts";
import { createRandom } from "../../keeper/base/random.ts";
import {
  actionDigest,
  type EntityAction,
  entityProviderDomain,
} from "../../keeper/jurisdiction/action.ts";

const CHAIN = 31_337;
const MAX_NUMBER = 2n ** 64n - 1n;

/** What entities sign for the EntityProvider, each kind at the borders of its ranges. */
export function actionVectors(): unknown {
  const random = createRandom("action vectors");
  const entityProvider = random.bytes(20);
  const domain = entityProviderDomain(CHAIN, entityProvider);
  const word = (): Bytes32 => asBytes32(random.bytes(32));
  const names = ["a", "a-bank", "abcdefghijklmnopqrstuvwxyz-01234"];
  const actions: readonly EntityAction[] = [
    { kind: "replaceBoard", number: 1n, boardHash: word() },
    { kind: "replaceBoard", number: MAX_NUMBER, boardHash: word() },
    { kind: "cancelBoard", number: 1n },
    { kind: "cancelBoard", number: MAX_NUMBER },
    ...names.map((name): EntityAction => ({ kind: "claimName", entity: word(), name })),
    ...names.map(
      (name): EntityAction => ({ kind: "transferName", from: word(), to: word(), name }),
    ),
  ];
  return {
    domain: {
      chainId: `${CHAIN}`,
      verifyingContract: toHex(entityProvider),
      separator: toHex(domain),
    },
    actions: actions.flatMap((action) =>
      [0, 1, Number.MAX_SAFE_INTEGER].map((nonce) => ({
        ...plain(action),
        nonce: `${nonce}`,
        digest: toHex(actionDigest(domain, action, nonce)),
      })),
    ),
  };
}

/** Bytes as hexadecimal, integers as decimals. */
function plain(action: EntityAction): object {
  return Object.fromEntries(
    Object.entries(action).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? toHex(value) : `${value}`,
    ]),
  );
}
