import { EkoError } from '@eko/protocol';
import { writeWhole } from '@eko/protocol/node';
import type { FabricProfileFiles } from '@eko/sdk/node';
import { stat } from 'node:fs/promises';
import { checkIdentity } from '../doctor/check-identity';
import { isFailure } from '../doctor/finding';
import { isCertificatePem, readPemFile } from '@eko/command';

/** A profile that is to be written. */
export interface ProfileDraft extends Omit<FabricProfileFiles, 'tlsCaPath'> {
  /** A file, or text that goes into one beside the profile. */
  readonly tlsCa: { readonly path: string } | { readonly pem: string };
  /** The authorities of the identity's MSP. */
  readonly authorityPaths: readonly string[];
}

/** A profile that may be written to its file. */
export interface CheckedProfile {
  readonly file: string;
  readonly profile: FabricProfileFiles;
  /** What is not quite as it should be. */
  readonly warnings: readonly string[];
  /** Where the profile brought the TLS authority as text. */
  readonly tlsCaPem?: string;
}

/**
 * Checks an identity and where its profile would go; writes nothing.
 *
 * @throws EkoError `INVALID_CONFIG` and other codes of `checkIdentity` for an identity that cannot work; `ALREADY_EXISTS`
 *   for a file that is there, unless it may be replaced; `NOT_FOUND` for a file that is named and not there
 */
export async function checkProfile(
  file: string,
  { tlsCa, authorityPaths, ...facts }: ProfileDraft,
  mayReplace: boolean,
): Promise<CheckedProfile> {
  const { certificatePath, privateKeyPath } = facts;
  const findings = checkIdentity(
    {
      certificatePath,
      privateKeyPath,
      certificatePem: await readPemFile(certificatePath),
      privateKeyPem: await readPemFile(privateKeyPath),
      authorityPems: await Promise.all(authorityPaths.map((path) => readPemFile(path))),
    },
    Date.now(),
  );
  const failed = findings.find(isFailure);
  if (failed !== undefined) {
    throw new EkoError(failed.code, failed.text, { details: { check: failed.check, next: failed.fix } });
  }
  const tlsCaPath = 'path' in tlsCa ? tlsCa.path : `${file.replace(/\.json$/, '')}.tls-ca.pem`;
  if (!isCertificatePem('pem' in tlsCa ? tlsCa.pem : await readPemFile(tlsCaPath))) {
    const text = `What is named as the authority of the peer's TLS certificate is no certificate in PEM`;
    throw new EkoError('INVALID_CONFIG', text, { details: { file: tlsCaPath } });
  }
  if (!mayReplace) await Promise.all(('pem' in tlsCa ? [file, tlsCaPath] : [file]).map(refusePresent));
  return {
    file,
    profile: { ...facts, tlsCaPath },
    warnings: findings.flatMap((each) => (each.status === 'warning' ? [`${each.text}; ${each.fix}`] : [])),
    ...('pem' in tlsCa ? { tlsCaPem: tlsCa.pem } : {}),
  };
}

/** Writes a profile. Private keys stay where they are: the profile names their file. */
export async function writeProfile({ file, profile, tlsCaPem }: CheckedProfile): Promise<void> {
  if (tlsCaPem !== undefined) await writeWhole(profile.tlsCaPath, `${tlsCaPem.trim()}\n`);
  await writeWhole(file, `${JSON.stringify(profile, undefined, 2)}\n`);
}

async function refusePresent(file: string): Promise<void> {
  const isPresent = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isPresent) return;
  throw new EkoError('ALREADY_EXISTS', `${file} is there already`, {
    details: { file, next: 'choose another --output, or replace it with --force' },
  });
}
