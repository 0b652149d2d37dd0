import { lifecyclePackage, type LifecyclePackage } from './lifecycle-package';

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
