import { randomBytes } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import { SecretBytes } from '@eko/protocol';
import {
  deriveKemPrivateKey,
  proveVrf,
  type KeyAgreementKey,
  type ProveVrf,
  type RecordSigner,
} from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { type NodeRecord, type NodeRole } from '@eko/protocol/ledger';
import { importX25519Key, newEd25519Signer } from '@eko/protocol/node';
import { nodeRecord } from '../data/ledger-facts';
import { txIdOf } from './fake-ledger';

/** A node with its private keys and the record that the ledger would hold of it. */
export interface SimulatedNode {
  readonly record: NodeRecord;
  readonly kem: KeyAgreementKey;
  readonly sign: RecordSigner;
  readonly prove: ProveVrf;
}

const seedOf = <Label extends string>(label: Label): SecretBytes<Label> =>
  new SecretBytes(label, new Uint8Array(randomBytes(32)));

/** Makes a node with fresh keys. */
export function newSimulatedNode(
  nodeId: string,
  role: NodeRole,
  change: Partial<NodeRecord> = {},
): SimulatedNode {
  const seeds = { kem: seedOf('kem seed'), sign: seedOf('sign seed') };
  const vrf = seedOf('vrf seed');
  const kem = importX25519Key(deriveKemPrivateKey(seeds.kem));
  return {
    kem,
    sign: newEd25519Signer(seeds.sign),
    prove: (alpha) => proveVrf(vrf, alpha),
    record: nodeRecord(
      nodeId,
      role,
      {
        kem: kem.publicKey,
        sign: encodeBase64Url(seeds.sign.use((seed) => ed25519.getPublicKey(seed))),
        tls: encodeBase64Url(Buffer.from(`certificate of ${nodeId}`)),
      },
      { identity: encodeBase64Url(randomBytes(32)), txId: txIdOf(nodeId), ...change },
    ),
  };
}
