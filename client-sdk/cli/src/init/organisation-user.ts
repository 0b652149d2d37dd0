import { EkoError } from '@eko/protocol';
import { isMissing } from '@eko/protocol/node';
import type { FabricProfileFiles } from '@eko/sdk/node';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPemFile } from '@eko/command';
import type { NetworkOrganisation } from './test-network';

/** A user's files in an organisation's folder, and those of the organisation's authorities. */
export interface OrganisationUser extends Pick<
  FabricProfileFiles,
  'certificatePath' | 'privateKeyPath' | 'tlsCaPath' | 'hostAlias'
> {
  readonly authorityPaths: readonly string[];
}

/**
 * Finds a user's certificate, the key that belongs to it, and what its peer is reached with.
 *
 * @param name - as in `users/<name>@<domain>`
 * @throws EkoError `INVALID_ARGUMENT` naming the users that there are; `INVALID_CONFIG` naming the folder in which a file is missing
 */
export async function findUser(
  { domain, folder }: NetworkOrganisation,
  name: string,
): Promise<OrganisationUser> {
  const users = await namesIn(join(folder, 'users'));
  if (!users.includes(`${name}@${domain}`)) {
    const known = users.map((user) => user.split('@')[0]).join(', ');
    throw new EkoError(
      'INVALID_ARGUMENT',
      `${domain} has no user ${name.slice(0, 64)}; there are ${known || 'none'}`,
      {
        details: { option: 'user' },
      },
    );
  }
  const msp = join(folder, 'users', `${name}@${domain}`, 'msp');
  const certificatePath = await firstIn(join(msp, 'signcerts'));
  const [peer] = await namesIn(join(folder, 'peers'));
  return {
    certificatePath,
    privateKeyPath: await keyFor(certificatePath, join(msp, 'keystore')),
    // Peers of other organisations have other authorities, so the one that is used is this organisation's own.
    tlsCaPath:
      peer === undefined
        ? await firstIn(join(folder, 'tlsca'))
        : join(folder, 'peers', peer, 'tls', 'ca.crt'),
    ...(peer === undefined ? {} : { hostAlias: peer }),
    authorityPaths: await namesIn(join(folder, 'msp', 'cacerts')).then((names) =>
      names.map((each) => join(folder, 'msp', 'cacerts', each)),
    ),
  };
}

/** Enrolling again leaves the old keys where they are, so the name of the first one proves nothing. */
async function keyFor(certificatePath: string, keystore: string): Promise<string> {
  const first = await firstIn(keystore);
  const certificate = readCertificate(await readPemFile(certificatePath));
  for (const key of await namesIn(keystore)) {
    const file = join(keystore, key);
    if (certificate !== undefined && isKeyOf(certificate, await readPemFile(file))) return file;
  }
  // None: the checks that follow say so.
  return first;
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // The checks that follow say so.
    return undefined;
  }
}

function isKeyOf(certificate: X509Certificate, pem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    // No key, so not this certificate's.
    return false;
  }
}

async function firstIn(folder: string): Promise<string> {
  const [first] = await namesIn(folder);
  if (first !== undefined) return join(folder, first);
  throw new EkoError('INVALID_CONFIG', `There is no file in ${folder}`, {
    details: { next: 'enrol the user, or bring the network up again: ./network.sh up createChannel' },
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
