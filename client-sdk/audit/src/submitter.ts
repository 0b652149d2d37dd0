import { isEkoError } from '@eko/protocol';
import { identityOf } from '@eko/protocol/node';
import type { BlockSubmitter } from '@eko/sdk/node';

/** Who submitted a transaction. */
export interface Submitter {
  readonly mspId: string;
  /** SHA-256 over MSP ID and public key, as records name nodes' identities; none of what the contracts would refuse. */
  readonly identity: string | undefined;
  /** Whether it acts as an administrator of its organisation. */
  readonly isAdmin: boolean;
  /** What its certificate says of a node, as Fabric CA writes it. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Reads a certificate as strictly as the contracts do: whom they refuse has done nothing, and is found to be nobody. */
export function submitterOf({ mspId, certificatePem }: BlockSubmitter): Submitter {
  try {
    const { identity, role, attributes } = identityOf({
      mspid: mspId,
      idBytes: Buffer.from(certificatePem),
    });
    return { mspId, identity, isAdmin: role === 'admin', attributes };
  } catch (error) {
    if (!isEkoError(error, 'IDENTITY_NOT_CANONICAL')) throw error;
    return { mspId, identity: undefined, isAdmin: false, attributes: new Map() };
  }
}
