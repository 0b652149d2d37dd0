import { identityHash } from '@eko/protocol';
import type { BlockSubmitter } from '@eko/sdk';
import { X509Certificate } from 'node:crypto';

/** Who submitted a transaction. */
export interface Submitter {
  readonly mspId: string;
  /** SHA-256 over MSP ID and public key, as records name nodes' identities; none of what is no certificate. */
  readonly identity: string | undefined;
  /** Whether it acts as an administrator of its organisation. */
  readonly isAdmin: boolean;
}

const ROLE_UNITS = ['client', 'admin', 'peer', 'orderer'];

/** Reads certificates of submitters, each once. */
export class Submitters {
  readonly #known = new Map<string, Submitter>();

  of({ mspId, certificatePem }: BlockSubmitter): Submitter {
    const name = `${mspId}\n${certificatePem}`;
    const known = this.#known.get(name) ?? read(mspId, certificatePem);
    this.#known.set(name, known);
    return known;
  }
}

function read(mspId: string, certificatePem: string): Submitter {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch {
    // It names nobody, so whatever it did is found to be nobody's.
    return { mspId, identity: undefined, isAdmin: false };
  }
  const { OU: units } = certificate.toLegacyObject().subject as { OU?: string | string[] };
  const roles = [units ?? []].flat().filter((unit) => ROLE_UNITS.includes(unit));
  return {
    mspId,
    identity: identityHash(mspId, certificate.publicKey.export({ type: 'spki', format: 'der' })),
    isAdmin: roles.length === 1 && roles[0] === 'admin',
  };
}
