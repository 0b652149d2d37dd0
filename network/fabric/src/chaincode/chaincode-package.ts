import { createHash } from 'node:crypto';
import { packTarGz } from './tar-archive';

/** A chaincode package as peers install it. */
export interface ChaincodePackage {
  readonly label: string;
  readonly bytes: Uint8Array;
  /** What Fabric calls it: label and SHA-256 of the package. */
  readonly packageId: string;
}

/** Where a peer finds chaincode that runs as a service, and how both know each other. */
export interface ChaincodeConnection {
  /** `host:port`, or a template such as `{{.address}}` that the peer's builder fills in. */
  readonly address: string;
  /** The authority of the chaincode's TLS certificate, and the peer's own certificate and key towards it. */
  readonly tls: { readonly rootPem: string; readonly certificatePem: string; readonly keyPem: string };
}

/**
 * Makes the package of chaincode as a service. It holds no code, only where the code is reached; it does hold the key of
 * the peers' client certificate, so it is for the peers of one organisation.
 *
 * @see https://hyperledger-fabric.readthedocs.io/en/latest/cc_service.html
 */
export function serviceChaincodePackage(
  label: string,
  { address, tls }: ChaincodeConnection,
): ChaincodePackage {
  const connection = {
    address,
    dial_timeout: '10s',
    tls_required: true,
    client_auth_required: true,
    root_cert: tls.rootPem,
    client_cert: tls.certificatePem,
    client_key: tls.keyPem,
  };
  const code = packTarGz([{ name: 'connection.json', content: json(connection) }]);
  const bytes = packTarGz([
    { name: 'metadata.json', content: json({ type: 'ccaas', label }) },
    { name: 'code.tar.gz', content: code },
  ]);
  return { label, bytes, packageId: `${label}:${createHash('sha256').update(bytes).digest('hex')}` };
}

const json = (value: object): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
