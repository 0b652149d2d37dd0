import { join } from 'node:path';
import { EkoError, SecretBytes } from '@eko/protocol';
import { deriveKemPrivateKey, type NodeSeeds } from '@eko/protocol/crypto';
import { utf8Decode } from '@eko/protocol/encoding';
import { type NodeRole } from '@eko/protocol/ledger';
import { checkPrivateFolder, readPrivateFile } from './private-file';
import { nodeIdOfCertificate, parseTlsIdentity, type TlsIdentity } from './tls-identity';

/** The files of a node's key folder. */
export const NODE_KEY_FILES = {
  tlsKey: 'tls.key',
  tlsCertificate: 'tls.crt',
  kemSeed: 'kem.seed',
  signSeed: 'sign.seed',
  vrfSeed: 'vrf.seed',
  storeKey: 'store.key',
} as const;

/** Which node a key folder belongs to. */
export interface NodeKeyOwner {
  readonly nodeId: string;
  readonly role: NodeRole;
}

/** Everything secret that a node owns; whoever loaded it disposes of it. */
export interface NodeKeys extends Disposable {
  readonly tls: TlsIdentity;
  readonly seeds: NodeSeeds;
  readonly kemPrivateKey: SecretBytes<'kem private key'>;
  /** Wraps the data keys of the slots that shares lie in. */
  readonly storeKey: SecretBytes<'store key'>;
  dispose(): void;
}

const SECRET_BYTES = 32;
const MAX_PEM_BYTES = 8 * 1024;

/**
 * Loads a node's keys, refusing anything that others can read or that does not fit together.
 *
 * @throws EkoError `INVALID_CONFIG` with the file in its details
 */
export function loadNodeKeys(directory: string, owner: NodeKeyOwner): NodeKeys {
  checkPrivateFolder(directory);
  const loaded: SecretBytes[] = [];
  const secret = <Label extends string>(file: string, label: Label): SecretBytes<Label> => {
    const bytes = readSecret(join(directory, file), label);
    loaded.push(bytes);
    return bytes;
  };
  try {
    const seeds: NodeSeeds = {
      kem: secret(NODE_KEY_FILES.kemSeed, 'kem seed'),
      sign: secret(NODE_KEY_FILES.signSeed, 'sign seed'),
      ...(owner.role !== 'witness' ? { vrf: secret(NODE_KEY_FILES.vrfSeed, 'vrf seed') } : {}),
    };
    const storeKey = secret(NODE_KEY_FILES.storeKey, 'store key');
    const tls = loadTlsIdentity(directory, owner.nodeId);
    const kemPrivateKey = deriveKemPrivateKey(seeds.kem);
    loaded.push(kemPrivateKey);
    const dispose = (): void => {
      for (const each of loaded) each.dispose();
      tls.key.fill(0);
    };
    return { tls, seeds, kemPrivateKey, storeKey, dispose, [Symbol.dispose]: dispose };
  } catch (error) {
    for (const each of loaded) each.dispose();
    throw error;
  }
}

/**
 * The node whose keys lie in a folder, as its TLS certificate names it.
 *
 * @throws EkoError `INVALID_CONFIG`
 */
export function nodeIdOfKeyFolder(directory: string): string {
  checkPrivateFolder(directory);
  const file = join(directory, NODE_KEY_FILES.tlsCertificate);
  return nodeIdOfCertificate(utf8Decode(readPrivateFile(file, MAX_PEM_BYTES)), file);
}

function loadTlsIdentity(directory: string, nodeId: string): TlsIdentity {
  const certificateFile = join(directory, NODE_KEY_FILES.tlsCertificate);
  const key = readPrivateFile(join(directory, NODE_KEY_FILES.tlsKey), MAX_PEM_BYTES);
  const certificate = utf8Decode(readPrivateFile(certificateFile, MAX_PEM_BYTES));
  return parseTlsIdentity(nodeId, key, certificate, certificateFile);
}

function readSecret<Label extends string>(file: string, label: Label): SecretBytes<Label> {
  const bytes = readPrivateFile(file, SECRET_BYTES);
  if (bytes.length !== SECRET_BYTES) {
    throw new EkoError('INVALID_CONFIG', `${file} must hold ${SECRET_BYTES} bytes`, { details: { file } });
  }
  return new SecretBytes(label, bytes);
}
