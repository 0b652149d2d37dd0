import type { ArchivedFile } from './tar-archive';
import { EkoError } from '@eko/protocol';
import { X509Certificate, createPrivateKey } from 'node:crypto';

/** How a peer authenticates a chaincode service, and itself to it. All texts are PEM. */
export interface ServiceTls {
  /** The authority of the service's certificate, or that certificate itself. */
  readonly rootCertificate: string;
  /** What the peer shows to a service that asks for it. */
  readonly client?: { readonly certificate: string; readonly key: string };
}

/** Where a peer finds a chaincode that runs as a service. */
export interface ServiceConnection {
  /** host:port; `{{.peername}}` and the like are filled in by each peer's builder */
  readonly address: string;
  /** As Fabric writes a duration: `10s`. */
  readonly dialTimeout: string;
  readonly tls?: ServiceTls;
}

/**
 * The `connection.json` of a chaincode that runs as a service.
 *
 * @throws EkoError `INVALID_ARGUMENT` for an address, a duration, a certificate or a key that a peer could not use
 * @see https://hyperledger-fabric.readthedocs.io/en/latest/cc_service.html
 */
export function connectionFile({ address, dialTimeout, tls }: ServiceConnection): ArchivedFile {
  if (!/^[^\s:]+:[0-9]{1,5}$|^\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}$/.test(address)) {
    throw invalid('address', 'takes host:port');
  }
  if (!/^[1-9][0-9]{0,5}(ms|s|m)$/.test(dialTimeout)) {
    throw invalid('dial-timeout', 'takes a duration such as 10s');
  }
  const connection = {
    address,
    dial_timeout: dialTimeout,
    tls_required: tls !== undefined,
    ...(tls === undefined ? {} : tlsPart(tls)),
  };
  return { name: 'connection.json', content: Buffer.from(`${JSON.stringify(connection, null, 2)}\n`) };
}

function tlsPart({ rootCertificate, client }: ServiceTls): object {
  certificateIn(rootCertificate, 'root-cert');
  if (client === undefined) return { root_cert: rootCertificate, client_auth_required: false };
  const certificate = certificateIn(client.certificate, 'client-cert');
  if (!holdsKeyOf(client.key, certificate)) {
    throw invalid('client-key', 'must be the private key of --client-cert, as PEM without a passphrase');
  }
  return {
    root_cert: rootCertificate,
    client_auth_required: true,
    client_cert: client.certificate,
    client_key: client.key,
  };
}

/** Refuses anything else than certificates, above all a private key: every member who installs a package reads it. */
function certificateIn(pem: string, option: string): X509Certificate {
  const isCertificates =
    /^(\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(pem);
  try {
    if (isCertificates) return new X509Certificate(pem);
  } catch {
    // Answered below: what OpenSSL says of it helps nobody.
  }
  throw invalid(option, 'must name a file with a PEM certificate and nothing else');
}

function holdsKeyOf(pem: string, certificate: X509Certificate): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    return false;
  }
}

function invalid(option: string, why: string): EkoError {
  return new EkoError('INVALID_ARGUMENT', `--${option} ${why}`, { details: { option } });
}
