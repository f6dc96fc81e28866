/** The test node's own calls: what a chain does to those who live on it. */

export async function rpc<T = unknown>(
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = (await answer.json()) as { result: T; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

type Transaction = { readonly input: string; readonly to: string | null };

/** Resolves when a call of this function waits to be mined. */
export async function pending(url: string, selector: string): Promise<void> {
  for (;;) {
    const waiting = await rpc<readonly Transaction[]>(url, "eth_pendingTransactions");
    if (waiting.some(({ input }) => input.startsWith(selector))) return;
  }
}
