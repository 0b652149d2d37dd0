import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  EkoError,
  SecretBytes,
  drawRandom,
  newNodeKeyMaterial,
  utf8Decode,
  utf8Encode,
  type NodeKeyMaterial,
  type NodeRole,
  type NodeSeeds,
} from '@eko/protocol';
import { checkPrivateFolder, readPrivateFile, syncFolder, writePrivateFile } from './private-file';
import { newTlsIdentity, parseTlsIdentity, type TlsIdentity } from './tls-identity';

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
  readonly material: NodeKeyMaterial;
  /** Wraps the data keys of the share vault. */
  readonly storeKey: SecretBytes<'store key'>;
  dispose(): void;
}

const SECRET_BYTES = 32;
const MAX_PEM_BYTES = 8 * 1024;

/**
 * Makes a node's keys: a folder of mode 0700 with files of mode 0600, complete or not there at all.
 *
 * @throws EkoError `ALREADY_EXISTS` if the folder holds anything; keys are never replaced
 */
export async function initNodeKeys(directory: string, owner: NodeKeyOwner): Promise<void> {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new EkoError('ALREADY_EXISTS', `${directory} is not empty; a node's keys are never replaced`, {
      details: { directory },
    });
  }
  const tls = await newTlsIdentity(owner.nodeId);
  const partial = `${directory}.partial-${randomBytes(4).toString('hex')}`;
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    writePrivateFile(join(partial, NODE_KEY_FILES.tlsKey), tls.key);
    writePrivateFile(join(partial, NODE_KEY_FILES.tlsCertificate), utf8Encode(tls.certificate));
    for (const file of secretFilesOf(owner.role)) {
      const secret = drawRandom(newRandomBytes, SECRET_BYTES);
      writePrivateFile(join(partial, file), secret);
      secret.fill(0);
    }
    syncFolder(partial);
    renameSync(partial, directory);
    syncFolder(dirname(directory));
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  } finally {
    tls.key.fill(0);
  }
}

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
      ...(owner.role === 'orchestrator' ? { vrf: secret(NODE_KEY_FILES.vrfSeed, 'vrf seed') } : {}),
    };
    const storeKey = secret(NODE_KEY_FILES.storeKey, 'store key');
    const tls = loadTlsIdentity(directory, owner.nodeId);
    const material = newNodeKeyMaterial(seeds);
    loaded.push(material.kemPrivateKey);
    const dispose = (): void => {
      for (const each of loaded) each.dispose();
      tls.key.fill(0);
    };
    return { tls, seeds, material, storeKey, dispose, [Symbol.dispose]: dispose };
  } catch (error) {
    for (const each of loaded) each.dispose();
    throw error;
  }
}

function loadTlsIdentity(directory: string, nodeId: string): TlsIdentity {
  const certificateFile = join(directory, NODE_KEY_FILES.tlsCertificate);
  const key = readPrivateFile(join(directory, NODE_KEY_FILES.tlsKey), MAX_PEM_BYTES);
  const certificate = utf8Decode(readPrivateFile(certificateFile, MAX_PEM_BYTES));
  return parseTlsIdentity(nodeId, key, certificate, certificateFile);
}

function secretFilesOf(role: NodeRole): readonly string[] {
  const { kemSeed, signSeed, vrfSeed, storeKey } = NODE_KEY_FILES;
  return role === 'orchestrator' ? [kemSeed, signSeed, storeKey, vrfSeed] : [kemSeed, signSeed, storeKey];
}

function readSecret<Label extends string>(file: string, label: Label): SecretBytes<Label> {
  const bytes = readPrivateFile(file, SECRET_BYTES);
  if (bytes.length !== SECRET_BYTES) {
    throw new EkoError('INVALID_CONFIG', `${file} must hold ${SECRET_BYTES} bytes`, { details: { file } });
  }
  return new SecretBytes(label, bytes);
}

/** Not `randomBytes` itself: small results of that share a pool. */
const newRandomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
