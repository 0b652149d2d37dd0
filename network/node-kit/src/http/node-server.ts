import { constants } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { EkoError } from '@eko/protocol';
import { certificateFingerprint, type TlsIdentity } from '@eko/sdk/node';
import type { Logger } from '../logging/logger';
import { ConnectionGate, type OnRefused } from './connection-gate';
import { handleWithin } from './handler-deadline';
import type { Peer, PeerDirectory, PeerRoute } from './peer-route';
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from './server-limits';
import { newStrictServer, serverOptionsOf, type NodeServer, type RequestFacts } from './strict-server';
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
export async function createNodeServer(options: NodeServerOptions): Promise<NodeServer> {
  const limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
  const buckets = new TokenBuckets(limits, options.nowMs ?? (() => performance.now()));
  const callers = new WeakMap<IncomingMessage, Peer>();
  const { onRefused = () => undefined } = options;
  const gate = new ConnectionGate(limits, onRefused);

  const strict = await newStrictServer({
    limits,
    logger: options.logger,
    onAnswered: options.onAnswered,
    gate,
    newServer: (listener) => {
      const server = newTlsServer(options.tls, limits, listener);
      server.on('secureConnection', (socket) => {
        const fingerprint = fingerprintOf(socket);
        const isKnown = fingerprint !== undefined && options.peers.byCertificate(fingerprint) !== undefined;
        // Without tickets there is nothing to resume; a resumed session would come without a fresh proof of the key.
        if (!isKnown || socket.isSessionReused()) gate.refuse(socket, 'certificate');
        else gate.recognise(socket, fingerprint);
      });
      return server;
    },
    admit: (request) => {
      const fingerprint = fingerprintOf(request.socket);
      // Asked again: a node may have retired since it connected.
      const peer = fingerprint === undefined ? undefined : options.peers.byCertificate(fingerprint);
      if (fingerprint === undefined || peer === undefined) {
        throw new EkoError(
          'UNAUTHENTICATED',
          'Call with the TLS certificate that the registry holds for you',
        );
      }
      const retryAfterMs = buckets.take(fingerprint);
      if (retryAfterMs > 0) {
        onRefused('rate', request.socket.remoteAddress ?? '');
        throw new EkoError('RATE_LIMITED', 'Too many requests; wait a moment', { details: { retryAfterMs } });
      }
      callers.set(request, peer);
    },
  });

  for (const route of options.routes) {
    strict.app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyBytes ?? limits.bodyBytes,
      handler: async (request, reply) => {
        const peer = callers.get(request.raw);
        if (peer === undefined) throw new EkoError('UNAUTHENTICATED', 'The caller is unknown');
        if (route.roles?.includes(peer.role) === false) {
          throw new EkoError('FORBIDDEN', `A node of the role ${peer.role} may not call this`);
        }
        const value = await handleWithin(reply.raw, limits.handlerMs, (signal) =>
          route.handle(peer, request.body, signal),
        );
        return reply
          .header('cache-control', 'no-store')
          .type('application/json')
          .send(JSON.stringify(value ?? null));
      },
    });
  }
  return strict;
}

function newTlsServer(
  tls: NodeServerOptions['tls'],
  limits: ServerLimits,
  listener: Parameters<typeof createServer>[1],
) {
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
