import { EkoError } from '@eko/protocol';
import { encodeHex } from '@eko/protocol/encoding';
import { createHash } from 'node:crypto';
import { storedGzip, tarArchive, type ArchivedFile } from './tar-archive';

/** A chaincode package as `peer lifecycle chaincode install` takes it. */
export interface LifecyclePackage {
  readonly label: string;
  /** What the peers call it: the label, a colon and the SHA-256 of the bytes in hex. */
  readonly packageId: string;
  readonly bytes: Uint8Array;
}

/**
 * Puts a chaincode package together. The same input gives the same bytes on every machine.
 *
 * @param type - `node` for code that the peer installs and starts, `ccaas` for a service that runs elsewhere
 * @param label - 1 to 64 characters
 * @param code - the files of `code.tar.gz`
 * @throws EkoError `INVALID_ARGUMENT` for a label that peers refuse
 * @see https://hyperledger-fabric.readthedocs.io/en/latest/cc_launcher.html
 */
export function lifecyclePackage(
  type: 'node' | 'ccaas',
  label: string,
  code: readonly ArchivedFile[],
): LifecyclePackage {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}$/.test(label)) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      'A label starts with a letter or digit and goes on with those, dots, underscores, plus and minus signs, up to 64',
      { details: { option: 'label' } },
    );
  }
  // A peer records the path and does not use it; that of this machine would change the package ID.
  const metadata = type === 'node' ? { path: 'chaincode', type, label } : { type, label };
  const bytes = storedGzip(
    tarArchive([
      { name: 'metadata.json', content: Buffer.from(JSON.stringify(metadata)) },
      { name: 'code.tar.gz', content: storedGzip(tarArchive(code)) },
    ]),
  );
  return { label, packageId: `${label}:${encodeHex(createHash('sha256').update(bytes).digest())}`, bytes };
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
): LifecyclePackage {
  const connection = {
    address,
    dial_timeout: '10s',
    tls_required: true,
    client_auth_required: true,
    root_cert: tls.rootPem,
    client_cert: tls.certificatePem,
    client_key: tls.keyPem,
  };
  const content = Buffer.from(`${JSON.stringify(connection)}\n`);
  return lifecyclePackage('ccaas', label, [{ name: 'connection.json', content }]);
}
