import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing } from '@eko/protocol/node';
import type { FabricProfileFiles } from '@eko/sdk/node';
import { isCertificatePem, readPemFile } from '@eko/command';
import type { IdentityMaterial } from './check-identity';
import { failure, ok, type Finding } from './finding';

/** What the files of a profile hold; nothing where one of them cannot be read. */
export interface ProfileMaterial extends IdentityMaterial {
  readonly tlsCaPem: string;
}

const OTHERS = 0o077;

/** Reads the files that a profile names, and those of the MSP's authorities: the given one, or all beside the certificate. */
export async function checkFiles(
  files: FabricProfileFiles,
  authorityFile: string | undefined,
): Promise<{ readonly findings: readonly Finding[]; readonly material?: ProfileMaterial }> {
  const { certificatePath, privateKeyPath, tlsCaPath } = files;
  const texts: string[] = [];
  try {
    const authorities =
      authorityFile === undefined ? await authoritiesBeside(certificatePath) : [authorityFile];
    for (const file of [certificatePath, privateKeyPath, tlsCaPath, ...authorities])
      texts.push(await readPemFile(file));
  } catch (error) {
    const fix = 'correct the path in the profile, or let this user read it; eko init writes a new profile';
    return { findings: [failure('files', 'INVALID_CONFIG', textOf(error), fix)] };
  }
  const [certificatePem = '', privateKeyPem = '', tlsCaPem = '', ...authorityPems] = texts;
  if (!isCertificatePem(tlsCaPem)) {
    const text = `${tlsCaPath} holds no X.509 certificate in PEM`;
    const fix = "name the authority of the peer's TLS certificate: tls/ca.crt in the peer's folder";
    return { findings: [failure('files', 'INVALID_CONFIG', text, fix)] };
  }
  return {
    findings: [ok('files', `all ${texts.length} can be read`), await checkMode(privateKeyPath)],
    material: { certificatePath, privateKeyPath, certificatePem, privateKeyPem, tlsCaPem, authorityPems },
  };
}

/** The certificates of an MSP folder's authorities, for a certificate in its `signcerts`. */
export async function authoritiesBeside(certificatePath: string): Promise<readonly string[]> {
  const signcerts = dirname(certificatePath);
  if (basename(signcerts) !== 'signcerts') return [];
  const lists = ['cacerts', 'intermediatecerts'].map(async (name) => {
    const folder = join(dirname(signcerts), name);
    const found = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return found.filter((each) => !each.startsWith('.')).map((each) => join(folder, each));
  });
  return (await Promise.all(lists)).flat();
}

async function checkMode(privateKeyPath: string): Promise<Finding> {
  const { mode } = await stat(privateKeyPath);
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  if ((mode & OTHERS) === 0) return ok('key mode', octal);
  return failure(
    'key mode',
    'INVALID_CONFIG',
    `Others than its owner may read ${privateKeyPath} (mode ${octal})`,
    `chmod 600 ${privateKeyPath}`,
  );
}

/** What the system says of a file, which names it. */
const textOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
