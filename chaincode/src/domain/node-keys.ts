import { EkoError } from '@eko/protocol';
import { decodeBase64Url } from '@eko/protocol/encoding';
import { hashText, tlsPossessionMessage, verifyNodeKeys, type KeyOwner } from '@eko/protocol/crypto';
import type { NodeKeysDocument, NodeRecord, NodeRole } from '@eko/protocol/ledger';
import type { Ledger } from './ledger-port';
import { readRecord } from './records';
import { publicKeyKey } from './state-keys';
import { IdentityRecord } from './submitter-node';

/** What the registry needs to know of a TLS certificate. */
export interface TlsCertificate {
  /** SHA-256 of its SubjectPublicKeyInfo, base64url. */
  readonly publicKeyHash: string;
  /** Tells whether its key signed a message: ECDSA with SHA-256, `r` and `s` of 32 bytes each. */
  readonly hasSigned: (message: Uint8Array, proof: Uint8Array) => boolean;
}

/**
 * Reads a DER certificate that must be self-signed, of a P-256 key.
 * @throws EkoError `INVALID_KEY`
 */
export type TlsCertificateReader = (der: Uint8Array) => TlsCertificate;

/** Whose keys they are to be, and for what. */
export type KeyHolder = KeyOwner & { readonly role: NodeRole };

/** Keys that hold: as the record has them, and the SHA-256 of each, under which the ledger finds its owner. */
export interface VerifiedKeys {
  readonly keys: NodeRecord['keys'];
  readonly hashes: readonly string[];
}

/**
 * Verifies a node's public keys: their form, the proofs that the submitter holds the private ones, and that no two are
 * the same key.
 *
 * @throws EkoError `INVALID_KEY`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function verifyRegisteredKeys(
  document: NodeKeysDocument,
  owner: KeyHolder,
  readTlsCertificate: TlsCertificateReader,
): VerifiedKeys {
  const { tls, kem, sign, vrf } = document;
  if (owner.role === 'orchestrator' ? vrf === undefined : owner.role === 'witness' && vrf !== undefined)
    throw new EkoError('INVALID_KEY', 'Orchestrators have a vrf key, parties may, and witnesses have none', {
      details: { key: 'vrf', role: owner.role },
    });
  verifyNodeKeys(document, owner);
  const der = decodeBase64Url(tls.certificate);
  const certificate = readTlsCertificate(der);
  if (!certificate.hasSigned(tlsPossessionMessage(owner, der), decodeBase64Url(tls.proof)))
    throw new EkoError('INVALID_KEY', 'The tls key did not sign that this node holds it', {
      details: { key: 'tls' },
    });
  const raw = [kem.publicKey, sign.publicKey, ...(vrf === undefined ? [] : [vrf.publicKey])];
  if (new Set([...raw, kem.proofKey]).size !== raw.length + 1)
    throw new EkoError('INVALID_KEY', 'Each purpose needs a key of its own, and two of these are the same');
  return {
    keys: {
      tls: tls.certificate,
      kem: { suite: kem.suite, publicKey: kem.publicKey },
      sign: sign.publicKey,
      ...(vrf === undefined ? {} : { vrf: vrf.publicKey }),
    },
    hashes: [certificate.publicKeyHash, ...raw.map((key) => hashText(decodeBase64Url(key)))],
  };
}

/**
 * Takes keys for a node for ever; those that it has already stay.
 * @throws EkoError `KEY_IN_USE` if one belongs to another node
 */
export async function claimKeys(ledger: Ledger, nodeId: string, hashes: readonly string[]): Promise<void> {
  for (const hash of hashes) {
    const key = publicKeyKey(hash);
    const owner = await readRecord(ledger, IdentityRecord, key);
    if (owner === undefined) await ledger.put(key, { nodeId });
    else if (owner.nodeId !== nodeId)
      throw new EkoError('KEY_IN_USE', 'A key belongs to another node: make new keys', { details: { hash } });
  }
}
