import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EkoError } from '@eko/protocol';
import type { Registry } from './metric-classes';

/** What keeps a node from serving; none when it is ready. */
export type Readiness = () => readonly string[];

/** The server of `/healthz`, `/readyz` and `/metrics`. */
export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

const LIMITS_OF_SERVER = { headersTimeout: 5_000, requestTimeout: 5_000, maxHeaderSize: 8 * 1024 };

/**
 * Serves what those who run a node ask for, on an address of its own: plain HTTP, GET only, nothing secret.
 *
 * @throws EkoError `INVALID_CONFIG` if the address is taken
 */
export async function startOperationsServer(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Registry;
  readonly readiness: Readiness;
}): Promise<OperationsServer> {
  const { host, port, metrics, readiness } = options;
  const server = createServer(LIMITS_OF_SERVER, (request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    if (request.method !== 'GET') {
      answer(405, 'text/plain', 'GET only\n');
      return;
    }
    switch (request.url) {
      case '/healthz':
        answer(200, 'application/json', '{"alive":true}\n');
        return;
      case '/readyz': {
        const reasons = readiness();
        const ready = reasons.length === 0;
        answer(ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, reasons })}\n`);
        return;
      }
      case '/metrics':
        metrics.metrics().then(
          (text) => {
            answer(200, metrics.contentType, text);
          },
          () => {
            answer(500, 'text/plain', 'metrics failed\n');
          },
        );
        return;
      default:
        answer(404, 'text/plain', 'not here: /healthz, /readyz, /metrics\n');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new EkoError('INVALID_CONFIG', `The operations address ${host}:${port} cannot be used`, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: isAddress(address) ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
