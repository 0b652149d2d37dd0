import {
  TRANSACTIONS,
  SecretBytes,
  encodeBase64Url,
  identityHash,
  proveNodeKeys,
  type LedgerPosition,
} from '@eko/protocol';
import type { FabricProfile, Ledger } from '@eko/sdk';
import { X509Certificate, randomBytes, randomUUID } from 'node:crypto';
import { selfSignedCertificate } from '../chaincode/self-signed-certificate';

/** A party, and where on the ledger it was registered. */
export interface RegisteredParty extends LedgerPosition {
  readonly nodeId: string;
}

/** Registers a party with fresh keys as the identity of `profile`. */
export async function registerParty(ledger: Ledger, profile: FabricProfile): Promise<RegisteredParty> {
  const nodeId = `party-${randomUUID()}`;
  const { publicKey } = new X509Certificate(profile.certificatePem);
  const identity = identityHash(profile.mspId, publicKey.export({ type: 'spki', format: 'der' }));
  const seed = <Label extends string>(label: Label): SecretBytes<Label> =>
    new SecretBytes(label, new Uint8Array(randomBytes(32)));
  const seeds = { kem: seed('kem seed'), sign: seed('sign seed') };
  const keys = {
    ...proveNodeKeys(seeds, { nodeId, identity }),
    tls: encodeBase64Url(await selfSignedCertificate(nodeId)),
  };
  const { blockNumber, txId } = await ledger.submit(TRANSACTIONS.registerNode, {
    nodeId,
    role: 'party',
    keys,
  });
  return { nodeId, blockNumber, txId };
}
