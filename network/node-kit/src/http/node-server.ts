import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { EkoError } from '@eko/protocol';
import { certificateFingerprint, type TlsIdentity } from '@eko/sdk/node';
import type { Logger } from '../logging/logger';
import {
  boundServer,
  drained,
  listenOn,
  serverOptionsOf,
  type NodeServer,
  type RequestFacts,
} from './bounded-server';
import { ConnectionGate, type OnRefused } from './connection-gate';
import { refuseUnparsed } from './http-failure';
import { newPeerListener } from './peer-listener';
import type { PeerDirectory, PeerRoute } from './peer-route';
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from './server-limits';
import { TokenBuckets } from './token-buckets';

/** What a node's server is made of. */
export interface NodeServerOptions {
  readonly tls: Pick<TlsIdentity, 'key' | 'certificate'>;
  readonly peers: PeerDirectory;
  readonly routes: readonly PeerRoute[];
  readonly limits?: Partial<ServerLimits>;
  readonly logger: Logger;
  readonly onAnswered?: (facts: RequestFacts) => void;
  readonly onRefused?: OnRefused;
  /** Monotonic milliseconds; the process's own by default. */
  readonly nowMs?: () => number;
}

/**
 * The HTTPS server between nodes: TLS 1.3, both certificates exactly those that the registry pins, no resumption.
 *
 * A connection without a registered certificate ends as soon as the handshake has shown it; until then it counts among
 * those of strangers, and none of these is in the way of a caller that is known.
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function createNodeServer(options: NodeServerOptions): NodeServer {
  const { peers, logger, routes, onAnswered, onRefused = () => undefined } = options;
  const limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
  const buckets = new TokenBuckets(limits, options.nowMs ?? (() => performance.now()));
  const gate = new ConnectionGate(limits, onRefused);
  /** What each connection showed in its handshake. */
  const fingerprints = new WeakMap<Socket, string>();
  let isClosing = false;

  const listener = newPeerListener({
    limits,
    logger,
    routes,
    onAnswered,
    isClosing: () => isClosing,
    admit: ({ socket }) => {
      const fingerprint = fingerprints.get(socket);
      // Asked again: a node may have retired since it connected.
      const peer = fingerprint === undefined ? undefined : peers.byCertificate(fingerprint);
      if (fingerprint === undefined || peer === undefined) {
        throw new EkoError(
          'UNAUTHENTICATED',
          'Call with the TLS certificate that the registry holds for you',
        );
      }
      const retryAfterMs = buckets.take(fingerprint);
      if (retryAfterMs > 0) {
        onRefused('rate', socket.remoteAddress ?? '');
        throw new EkoError('RATE_LIMITED', 'Too many requests; wait a moment', { details: { retryAfterMs } });
      }
      return peer;
    },
  });
  const server = newTlsServer(options.tls, limits, listener);
  boundServer(server, limits, gate);
  server.on('secureConnection', (socket) => {
    const fingerprint = fingerprintOf(socket);
    const isKnown = fingerprint !== undefined && peers.byCertificate(fingerprint) !== undefined;
    // Without tickets there is nothing to resume; a resumed session would come without a fresh proof of the key.
    if (!isKnown || socket.isSessionReused()) gate.refuse(socket, 'certificate');
    else gate.recognise(socket, fingerprint);
    if (isKnown) fingerprints.set(socket, fingerprint);
  });
  server.on('clientError', (error, socket) => {
    if (socket instanceof Socket) refuseUnparsed(socket, error);
  });
  return {
    listen: (address) => listenOn(server, address),
    close: async ({ drainMs } = {}) => {
      isClosing = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await drained(gate, () => closed, drainMs);
    },
  };
}

function newTlsServer(tls: NodeServerOptions['tls'], limits: ServerLimits, listener: RequestListener) {
  return createServer(
    {
      ...serverOptionsOf(limits),
      key: Buffer.from(tls.key),
      cert: tls.certificate,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      requestCert: true,
      // The registry decides, by the certificate itself; OpenSSL still checks that the caller holds its key.
      rejectUnauthorized: false,
      ca: [],
      ALPNProtocols: ['http/1.1'],
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: limits.handshakeMs,
    },
    listener,
  );
}

function fingerprintOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : certificateFingerprint(certificate.raw);
}
