import { CertificateAuthority, type KeyPair, type NodeRole } from './certificate-authority';
import {
  isPresent,
  readKeyPair,
  readMsp,
  writeMsp,
  writePeerTls,
  writeRoot,
  type RootFolder,
} from './msp-folder';

/** One organisation of a channel: its authorities, on disk in the layout of Fabric's own tools. */
export interface Organisation {
  readonly mspId: string;
  readonly domain: string;
  /** `peerOrganizations/<domain>` of the directory that it was made in. */
  readonly folder: string;
  readonly ca: CertificateAuthority;
  readonly tlsCa: CertificateAuthority;
}

/** Which organisation, and where the folders of all organisations are. */
export interface OrganisationLocation {
  readonly directory: string;
  readonly mspId: string;
  readonly domain: string;
}

/** Whom to make an identity for. */
export interface IdentityRequest {
  readonly name: string;
  readonly role?: NodeRole;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A user's identity and where it was written. */
export interface IssuedIdentity extends KeyPair {
  readonly mspId: string;
  /** `users/<name>@<domain>/msp`, with `signcerts` and `keystore` in it. */
  readonly mspFolder: string;
}

const PEER = 'peer0';
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1'];

/** Opens an organisation's folder; makes the organisation first where there is none. */
export async function createOrganisation(location: OrganisationLocation): Promise<Organisation> {
  const { mspId, domain } = location;
  const folder = `${location.directory}/peerOrganizations/${domain}`;
  const open = async (root: RootFolder): Promise<CertificateAuthority> => {
    if (await isPresent(folder, root, domain))
      return CertificateAuthority.open(await readKeyPair(folder, root, domain));
    const authority = await CertificateAuthority.create(`${root}.${domain}`, domain);
    await writeRoot(folder, root, domain, authority.root);
    return authority;
  };
  const ca = await open('ca');
  const tlsCa = await open('tlsca');
  return { mspId, domain, folder, ca, tlsCa };
}

/** Opens a user's MSP folder; issues the identity first where there is none. */
export async function openIdentity(
  organisation: Organisation,
  request: IdentityRequest,
): Promise<IssuedIdentity> {
  const { mspId, domain, folder } = organisation;
  const holder = `${request.name}@${domain}`;
  const mspFolder = `${folder}/users/${holder}/msp`;
  const keyPair = await readMsp(mspFolder, holder);
  return keyPair === undefined ? issueIdentity(organisation, request) : { mspId, mspFolder, ...keyPair };
}

/** Makes a user's certificate and key and writes them as an MSP folder. An earlier one of that name is replaced. */
export async function issueIdentity(
  organisation: Organisation,
  request: IdentityRequest,
): Promise<IssuedIdentity> {
  const { mspId, domain, folder, ca, tlsCa } = organisation;
  const holder = `${request.name}@${domain}`;
  const { role = 'client', attributes = {} } = request;
  const keyPair = await ca.issue({ commonName: holder, role, attributes });
  const mspFolder = `${folder}/users/${holder}/msp`;
  await writeMsp(mspFolder, {
    holder,
    domain,
    ca: ca.root.certificatePem,
    tlsCa: tlsCa.root.certificatePem,
    keyPair,
  });
  return { mspId, mspFolder, ...keyPair };
}

/** The file with the root of an organisation's TLS certificates. */
export function tlsCaFileOf({ domain, folder }: Organisation): string {
  return `${folder}/peers/${PEER}.${domain}/tls/ca.crt`;
}

/** A peer's signing identity and its TLS server certificate. */
export interface PeerIdentity {
  readonly signing: KeyPair;
  readonly tls: KeyPair;
}

/** Makes fresh certificates for the organisation's peer and writes them. */
export async function issuePeer(organisation: Organisation): Promise<PeerIdentity> {
  const { domain, folder, ca, tlsCa } = organisation;
  const host = `${PEER}.${domain}`;
  const signing = await ca.issue({ commonName: host, role: 'peer' });
  const tls = await tlsCa.issue({ commonName: host, hosts: [host, PEER, ...LOCAL_HOSTS] });
  const peerFolder = `${folder}/peers/${host}`;
  const { certificatePem: tlsRoot } = tlsCa.root;
  const roots = { ca: ca.root.certificatePem, tlsCa: tlsRoot };
  await writeMsp(`${peerFolder}/msp`, { holder: host, domain, ...roots, keyPair: signing });
  await writePeerTls(`${peerFolder}/tls`, tlsRoot, tls);
  return { signing, tls };
}
