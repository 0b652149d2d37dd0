import { readFabricProfileFiles, readProfileText, type FabricProfileFiles } from './fabric-profile-files';

/** How to reach a channel through a gateway peer, and as whom. `privateKeyPem` is a secret: never print a profile. */
export interface FabricProfile {
  /** `host:port` of the gateway peer. */
  readonly endpoint: string;
  /** Name in the peer's TLS certificate, where it differs from the host. */
  readonly hostAlias?: string;
  /** PEM: the authority of the peer's TLS certificate. */
  readonly tlsCaPem: string;
  /** The organisation of the identity, as Fabric names it: `Org1MSP`. */
  readonly mspId: string;
  /** PEM: the X.509 certificate of the identity. */
  readonly certificatePem: string;
  /** PEM: its private key. */
  readonly privateKeyPem: string;
  /** Name of the channel. */
  readonly channel: string;
  /** Name of EKO's chaincode on it. */
  readonly chaincode: string;
}

/**
 * Reads the files that a profile names.
 *
 * @throws EkoError `INVALID_CONFIG` naming the path
 */
export async function loadFabricProfile(files: FabricProfileFiles): Promise<FabricProfile> {
  const { tlsCaPath, certificatePath, privateKeyPath, ...rest } = files;
  return {
    ...rest,
    tlsCaPem: await readProfileText(tlsCaPath, "The TLS authority's certificate"),
    certificatePem: await readProfileText(certificatePath, 'The certificate'),
    privateKeyPem: await readProfileText(privateKeyPath, 'The private key'),
  };
}

/**
 * Reads a profile from its JSON file; see `readFabricProfileFiles`.
 *
 * @throws EkoError `INVALID_CONFIG` naming the field or the path
 */
export async function readFabricProfile(file: string): Promise<FabricProfile> {
  return loadFabricProfile(await readFabricProfileFiles(file));
}
