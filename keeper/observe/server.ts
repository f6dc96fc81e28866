import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Health, Metrics } from "./types.ts";

export type HealthOptions = {
  /** 0 takes any that is free. */
  readonly port: number;
  readonly health: () => Health;
  readonly metrics: Metrics;
};

export type HealthServer = { readonly port: number; readonly close: () => Promise<void> };

/** Only this machine may ask. */
const HOST = "127.0.0.1";

/**
 * Answers `GET /health` (200, or 503 with what is wrong; JSON) and `GET /metrics` (Prometheus).
 * @throws the system's error when the port is taken.
 */
export async function startHealth(options: HealthOptions): Promise<HealthServer> {
  const server = createServer((request, response) => answer(options, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, HOST, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : options.port;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(options: HealthOptions, request: IncomingMessage, response: ServerResponse): void {
  // A web page in a browser on this machine must not read it under a name of its own.
  if (!isLoopbackName(request.headers.host ?? "")) {
    send(response, 403, "text/plain", "ask for 127.0.0.1 or localhost\n");
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    send(response, 405, "text/plain", "only GET and HEAD\n");
    return;
  }
  const path = (request.url ?? "").split("?")[0];
  if (path === "/health") {
    const health = options.health();
    send(response, health.ok ? 200 : 503, "application/json", `${JSON.stringify(health)}\n`);
  } else if (path === "/metrics") {
    send(response, 200, "text/plain; version=0.0.4; charset=utf-8", options.metrics.text());
  } else {
    send(response, 404, "text/plain", "there are /health and /metrics\n");
  }
}

function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === HOST || name === "localhost";
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.statusCode = status;
  response.setHeader("content-type", type);
  response.setHeader("content-length", Buffer.byteLength(body));
  response.setHeader("cache-control", "no-store");
  response.end(response.req.method === "HEAD" ? "" : body);
}
