import { constants } from 'node:crypto';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { EkoError } from '@eko/protocol';
import { equalBytes } from '@eko/protocol/encoding';
import type { CheckedAddress } from './endpoint-policy';

/** One peer as a client sees it, and what the client shows of itself. */
export interface PinnedPeer {
  /** DER of the only certificate that the peer may show. */
  readonly certificateDer: Uint8Array;
  /** Finds the address for a new connection, checked. */
  readonly locate: () => Promise<CheckedAddress>;
  readonly tls: { readonly key: Uint8Array; readonly certificate: string };
  readonly handshakeMs: number;
}

const MAX_SOCKETS = 8;
/** Shorter than a server keeps idle connections, so that none is used while it is being closed. */
const IDLE_MS = 20_000;

type ConnectionCallback = (error: Error | null, socket: Duplex) => void;

/** Keep-alive connections to one peer; each is handed out only after its certificate is found to be the pinned one. */
export class PinnedAgent extends Agent {
  readonly #peer: PinnedPeer;

  constructor(peer: PinnedPeer) {
    super({
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      maxCachedSessions: 0,
      timeout: IDLE_MS,
      scheduling: 'lifo',
    });
    this.#peer = peer;
  }

  /** All of its connections are to one peer and alike: no name has to be put together for each request. */
  override getName(): string {
    return '';
  }

  override createConnection(_options: unknown, callback?: ConnectionCallback): undefined {
    connectPinned(this.#peer).then(
      (socket) => callback?.(null, socket),
      // The agent reads no socket where there is an error.
      (error: unknown) => (callback as ((error: unknown) => void) | undefined)?.(error),
    );
    return undefined;
  }
}

async function connectPinned(peer: PinnedPeer): Promise<TLSSocket> {
  const { address, port } = await peer.locate();
  const socket = connect({
    host: address,
    port,
    key: Buffer.from(peer.tls.key),
    cert: peer.tls.certificate,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // No authority is asked: the certificate itself is compared below, before the first byte of a request.
    rejectUnauthorized: false,
    ca: [],
    ALPNProtocols: ['http/1.1'],
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(new EkoError('PEER_UNAVAILABLE', 'The peer did not finish the TLS handshake in time'));
    }, peer.handshakeMs);
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new EkoError('PEER_UNAVAILABLE', 'The peer closed the connection'));
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      if (isPinned(socket, peer.certificateDer)) {
        socket.off('error', reject);
        resolve(socket);
      } else {
        socket.destroy(
          new EkoError('HANDSHAKE_REFUSED', 'The peer shows another certificate than the registry holds'),
        );
      }
    });
  });
}

function isPinned(socket: TLSSocket, certificateDer: Uint8Array): boolean {
  const certificate = socket.getPeerX509Certificate();
  return (
    certificate !== undefined && !socket.isSessionReused() && equalBytes(certificate.raw, certificateDer)
  );
}
