/** Connects two wires and one that finds nobody, stops them, and ends if nothing holds it. */
import type { Options } from "../../../keeper/wire/types.ts";
import { createWire } from "../../../keeper/wire/wire.ts";

const listen = { host: "127.0.0.1", port: 0 };
const connected = Promise.withResolvers<null>();
const options: Options = {
  listen,
  dial: [],
  prove: async (challenge) => [{ entity: challenge, signature: challenge }],
  check: () => true,
  nextConnection: () => 1,
  report: ({ kind }) => kind === "connected" && connected.resolve(null),
};
const first = createWire(options);
const address = await first.start();
const second = createWire({ ...options, dial: [address, { host: "127.0.0.1", port: 1 }] });
await second.start();
await connected.promise;
await second.stop();
await first.stop();
