/** The RPC client: several nodes behind one, requests batched (CHN-1). */
import { createPublicClient, fallback, http } from "viem";

export function createClient(rpc: readonly string[], pollMs: number) {
  const transports = rpc.map((url) => http(url, { batch: true, retryCount: 2, timeout: 10_000 }));
  return createPublicClient({ transport: fallback(transports), pollingInterval: pollMs });
}

export type Client = ReturnType<typeof createClient>;
