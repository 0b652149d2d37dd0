import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EkoError } from '@eko/protocol';
import { drawRandom } from '@eko/protocol/crypto';
import { utf8Encode } from '@eko/protocol/encoding';
import { type NodeRole } from '@eko/protocol/ledger';
import { systemRandom } from '@eko/protocol/node';
import { NODE_KEY_FILES, type NodeKeyOwner } from './node-keys';
import { syncFolder, writePrivateFile } from './write-private-file';
import { newTlsIdentity } from './new-tls-identity';

const SECRET_BYTES = 32;

/**
 * Makes a node's keys: a folder of mode 0700 with files of mode 0600, complete or not there at all.
 *
 * @throws EkoError `ALREADY_EXISTS` if the folder holds anything; keys are never replaced
 */
export async function initNodeKeys(directory: string, owner: NodeKeyOwner): Promise<void> {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new EkoError('ALREADY_EXISTS', `${directory} is not empty; a node's keys are never replaced`, {
      details: { directory, next: 'name another folder: --keys; each node has one of its own' },
    });
  }
  const tls = await newTlsIdentity(owner.nodeId);
  const partial = `${directory}.partial-${randomBytes(4).toString('hex')}`;
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    writePrivateFile(join(partial, NODE_KEY_FILES.tlsKey), tls.key);
    writePrivateFile(join(partial, NODE_KEY_FILES.tlsCertificate), utf8Encode(tls.certificate));
    for (const file of secretFilesOf(owner.role)) {
      const secret = drawRandom(systemRandom, SECRET_BYTES);
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

function secretFilesOf(role: NodeRole): readonly string[] {
  const { kemSeed, signSeed, vrfSeed, storeKey } = NODE_KEY_FILES;
  return role !== 'witness' ? [kemSeed, signSeed, storeKey, vrfSeed] : [kemSeed, signSeed, storeKey];
}
