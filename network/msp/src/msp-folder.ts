import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyPair } from './certificate-authority';

/** The folder of an authority in an organisation's folder. */
export type RootFolder = 'ca' | 'tlsca';

/** What goes into an MSP folder. */
export interface MspContent {
  readonly holder: string;
  readonly domain: string;
  readonly ca: string;
  readonly tlsCa: string;
  readonly keyPair: KeyPair;
}

/** The name that Fabric's tools give to a private key. */
const KEY_FILE = 'priv_sk';
const SECRET = 0o600;
const PUBLIC = 0o644;

const rootCertificate = (folder: string, root: RootFolder, domain: string): string =>
  `${folder}/${root}/${root}.${domain}-cert.pem`;

/** Tells whether an authority was written here. The certificate goes last, so that both files are there or neither. */
export async function isPresent(folder: string, root: RootFolder, domain: string): Promise<boolean> {
  return exists(rootCertificate(folder, root, domain));
}

/** Reads an authority's certificate and key. */
export async function readKeyPair(folder: string, root: RootFolder, domain: string): Promise<KeyPair> {
  const certificatePem = await readFile(rootCertificate(folder, root, domain), 'utf8');
  const privateKeyPem = await readFile(`${folder}/${root}/${KEY_FILE}`, 'utf8');
  return { certificatePem, privateKeyPem };
}

/** Writes an authority and the organisation's public MSP folder entry for it. */
export async function writeRoot(
  folder: string,
  root: RootFolder,
  domain: string,
  keyPair: KeyPair,
): Promise<void> {
  const published = root === 'ca' ? 'cacerts' : 'tlscacerts';
  await write(`${folder}/msp/config.yaml`, nodeOus(domain), PUBLIC);
  await write(`${folder}/msp/${published}/${root}.${domain}-cert.pem`, keyPair.certificatePem, PUBLIC);
  await write(`${folder}/${root}/${KEY_FILE}`, keyPair.privateKeyPem, SECRET);
  await write(rootCertificate(folder, root, domain), keyPair.certificatePem, PUBLIC);
}

/** Writes the MSP folder of a user or a peer. */
export async function writeMsp(
  folder: string,
  { holder, domain, ca, tlsCa, keyPair }: MspContent,
): Promise<void> {
  await write(`${folder}/config.yaml`, nodeOus(domain), PUBLIC);
  await write(`${folder}/cacerts/ca.${domain}-cert.pem`, ca, PUBLIC);
  await write(`${folder}/tlscacerts/tlsca.${domain}-cert.pem`, tlsCa, PUBLIC);
  await write(`${folder}/keystore/${KEY_FILE}`, keyPair.privateKeyPem, SECRET);
  await write(`${folder}/signcerts/${holder}-cert.pem`, keyPair.certificatePem, PUBLIC);
}

/** Reads what `writeMsp` wrote; nothing where it has not finished. */
export async function readMsp(folder: string, holder: string): Promise<KeyPair | undefined> {
  const certificate = `${folder}/signcerts/${holder}-cert.pem`;
  if (!(await exists(certificate))) return undefined;
  return {
    certificatePem: await readFile(certificate, 'utf8'),
    privateKeyPem: await readFile(`${folder}/keystore/${KEY_FILE}`, 'utf8'),
  };
}

/** Writes a peer's TLS folder. */
export async function writePeerTls(folder: string, root: string, keyPair: KeyPair): Promise<void> {
  await write(`${folder}/ca.crt`, root, PUBLIC);
  await write(`${folder}/server.key`, keyPair.privateKeyPem, SECRET);
  await write(`${folder}/server.crt`, keyPair.certificatePem, PUBLIC);
}

/** Roles are organisational units of the certificates. */
function nodeOus(domain: string): string {
  const roles = ['client', 'peer', 'admin', 'orderer'].map((role) => {
    const key = `${role.charAt(0).toUpperCase()}${role.slice(1)}OUIdentifier`;
    return `  ${key}:\n    Certificate: cacerts/ca.${domain}-cert.pem\n    OrganizationalUnitIdentifier: ${role}\n`;
  });
  return `NodeOUs:\n  Enable: true\n${roles.join('')}`;
}

/** Puts a whole file in place, or none. */
async function write(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, content, { mode, flush: true });
  await rename(`${path}.new`, path);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
