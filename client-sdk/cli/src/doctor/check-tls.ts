import { isIP } from 'node:net';
import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { EkoError } from '@eko/protocol';
import type { FabricProfileFiles } from '@eko/sdk/node';
import { withDeadline } from '@eko/sdk/node';
import { splitPeerEndpoint } from '../peer-endpoint';
import { failure, ok, skipped, type Failure, type Finding } from './finding';
import { checkValidity } from './validity';

const DEADLINE_MS = 5_000;

/** What the gateway peer is reached with. */
export interface PeerAddress extends Pick<FabricProfileFiles, 'endpoint' | 'hostAlias'> {
  readonly tlsCaPem: string;
}

/** Connects to the gateway peer as a gRPC client does, and checks its certificate against authority and name. */
export async function checkTls(
  address: PeerAddress,
  nowUnixMs: number,
  signal: AbortSignal,
  deadlineMs = DEADLINE_MS,
): Promise<readonly Finding[]> {
  const peer = splitPeerEndpoint(address.endpoint);
  if (peer === undefined) {
    const fix = 'write it as host:port, without grpcs://';
    return unreached(failure('endpoint', 'INVALID_CONFIG', `${address.endpoint} is no endpoint`, fix));
  }
  const name = address.hostAlias ?? peer.host;
  try {
    const facts = await withDeadline('the TLS handshake', { deadlineMs, signal }, (stop) =>
      handshake({ ...peer, name, tlsCaPem: address.tlsCaPem }, stop),
    );
    return [
      ok('endpoint', `${address.endpoint} answers`),
      chainFinding(facts, nowUnixMs),
      nameFinding(facts, name, address.hostAlias !== undefined),
    ];
  } catch (error) {
    if (signal.aborted) throw error;
    return unreached(endpointFailure(address.endpoint, error));
  }
}

const unreached = (why: Failure): readonly Finding[] => [
  why,
  skipped('TLS chain', 'needs a connection'),
  skipped('TLS name', 'needs a connection'),
];

interface HandshakeFacts {
  readonly certificate: DetailedPeerCertificate;
  /** OpenSSL's code, where the chain does not lead to the authority. */
  readonly chainFault: string | undefined;
}

async function handshake(
  peer: { readonly host: string; readonly port: number; readonly name: string; readonly tlsCaPem: string },
  signal: AbortSignal,
): Promise<HandshakeFacts> {
  let socket: TLSSocket | undefined;
  try {
    return await new Promise<HandshakeFacts>((resolve, reject) => {
      const opened = connect({
        host: peer.host,
        port: peer.port,
        ca: peer.tlsCaPem,
        ALPNProtocols: ['h2'],
        // Nothing is sent over this connection: what is wrong with the certificate is the finding.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
        ...(isIP(peer.name) === 0 ? { servername: peer.name } : {}),
      });
      socket = opened;
      signal.addEventListener('abort', () => opened.destroy(), { once: true });
      opened.once('error', reject);
      opened.once('secureConnect', () => {
        // The declared type forgets that it is null for an authorized connection.
        const fault: unknown = opened.authorizationError;
        resolve({
          certificate: opened.getPeerCertificate(true),
          chainFault: opened.authorized ? undefined : String(fault),
        });
      });
    });
  } finally {
    socket?.destroy();
  }
}

function chainFinding({ certificate, chainFault }: HandshakeFacts, nowUnixMs: number): Finding {
  const renew = "the peer's organisation enrols its TLS certificate anew (fabric-ca-client reenroll)";
  const validity = checkValidity(
    'TLS chain',
    "The peer's TLS certificate",
    new X509Certificate(certificate.raw),
    nowUnixMs,
    renew,
  );
  if (validity.status === 'failure' || chainFault === undefined) return validity;
  if (chainFault === 'CERT_NOT_YET_VALID') {
    return failure(
      'TLS chain',
      'INVALID_CONFIG',
      validity.text,
      "set this machine's clock, and the peer's, by NTP",
    );
  }
  return failure(
    'TLS chain',
    'INVALID_CONFIG',
    `The peer's TLS certificate does not lead to the authority in tlsCaPath (${chainFault})`,
    "set tlsCaPath to the authority of this peer's TLS certificate: tls/ca.crt in the peer's folder",
  );
}

function nameFinding({ certificate }: HandshakeFacts, name: string, isAlias: boolean): Finding {
  if (checkServerIdentity(name, certificate) === undefined) return ok('TLS name', name);
  const names = namesOf(certificate);
  const field = isAlias ? 'hostAlias' : "endpoint's host";
  return failure(
    'TLS name',
    'INVALID_CONFIG',
    `The peer's TLS certificate is not for the ${field} ${name}, but for ${names.join(', ') || 'no name'}`,
    `set hostAlias in the profile to ${names[0] ?? "a name of the peer's certificate"}`,
  );
}

function namesOf({ subjectaltname }: DetailedPeerCertificate): readonly string[] {
  const entries = subjectaltname === undefined ? [] : subjectaltname.split(', ');
  return entries.map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
}

function endpointFailure(endpoint: string, error: unknown): Failure {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const refuse = (text: string, fix: string): Failure => failure('endpoint', 'LEDGER_UNAVAILABLE', text, fix);
  if (code === 'ECONNREFUSED') {
    return refuse(
      `Nothing listens on ${endpoint}`,
      'start the peer, or correct endpoint in the profile (test-network: 7051 for Org1, 9051 for Org2)',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return refuse(
      `The host of ${endpoint} has no address`,
      'set endpoint to a host that this machine knows; hostAlias keeps the name in the certificate',
    );
  }
  if (error instanceof EkoError) {
    return refuse(
      `${endpoint} does not answer in time`,
      'see whether the peer runs and a firewall lets this machine reach it',
    );
  }
  if (code === 'EPROTO' || code === 'ECONNRESET' || code.startsWith('ERR_SSL')) {
    return refuse(
      `${endpoint} speaks no TLS (${code})`,
      'start the peer with CORE_PEER_TLS_ENABLED=true, or correct endpoint: it may be another service',
    );
  }
  return refuse(`${endpoint} cannot be reached (${code})`, 'see whether this machine can reach the peer');
}
