import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EkoError } from '@eko/protocol';
import { type NodeRole } from '@eko/protocol/ledger';
import { ConnectionGate, type OnRefused } from '../http/connection-gate';
import { TokenBuckets } from '../http/token-buckets';
import type { Metrics } from './metrics';
import { observeProcess } from './process-metrics';

/** What keeps a node from serving; none when it is ready. */
export type Readiness = () => readonly string[];

/** The server of `/healthz`, `/readyz` and `/metrics`. */
export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

const LIMITS_OF_SERVER = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
};
const IDLE_MS = 10_000;
/** Nobody says who it is here, so everybody is a stranger: each address has its share, and the oldest makes room. */
const CONNECTIONS = { strangers: 1_024, strangersEach: 768, connections: 1, connectionsEach: 1 };
/** How often metrics are worked out; who asks more often gets the last answer again. */
const RENDERINGS = { ratePerSecond: 10, rateBurst: 50 };
/** And so many times as long as it took, none is. */
const REST = 9;

/**
 * Serves what those who run a node ask for, on an address of its own: plain HTTP, GET only, nothing secret.
 *
 * @throws EkoError `INVALID_CONFIG` if the address is taken
 */
export async function startOperationsServer(options: {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly role: NodeRole;
  readonly onRefused?: OnRefused;
  /** Monotonic milliseconds; the process's own by default. */
  readonly nowMs?: () => number;
}): Promise<OperationsServer> {
  const { host, port, metrics, readiness, onRefused = () => undefined } = options;
  const gate = new ConnectionGate(CONNECTIONS, (refusal, remoteAddress) => {
    if (refusal !== 'handshake') onRefused(refusal, remoteAddress);
  });
  observeProcess(metrics, { version: packageVersion(), role: options.role }, process);
  const text = pacedText(metrics, options.nowMs ?? (() => performance.now()));
  const listener: RequestListener = (request, response) => {
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
        text().then(
          (lines) => {
            answer(200, metrics.contentType, lines);
          },
          () => {
            answer(500, 'text/plain', 'metrics failed\n');
          },
        );
        return;
      default:
        answer(404, 'text/plain', 'not here: /healthz, /readyz, /metrics\n');
    }
  };
  const server = createServer(LIMITS_OF_SERVER, gate.oneAtATime(listener));
  gate.watch(server);
  server.setTimeout(IDLE_MS, (socket) => {
    socket.destroy();
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

/**
 * The metrics' text: as of now, or of a moment ago where it is asked for too often. What takes long to work out is worked
 * out more seldom, so that asking takes a tenth of the processor at most.
 */
function pacedText(metrics: Metrics, nowMs: () => number): () => Promise<string> {
  const bucket = new TokenBuckets(RENDERINGS, nowMs);
  let last: Promise<string> | undefined;
  let restsUntilMs = 0;
  return () => {
    const beganAtMs = nowMs();
    if (last === undefined || (beganAtMs >= restsUntilMs && bucket.take('all') === 0)) {
      last = metrics.metrics().finally(() => {
        const endedAtMs = nowMs();
        restsUntilMs = endedAtMs + REST * (endedAtMs - beganAtMs);
      });
    }
    return last;
  };
}

/** All packages of EKO have one version. */
function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
