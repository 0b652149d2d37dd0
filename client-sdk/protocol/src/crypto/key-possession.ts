import { ed25519 } from '@noble/curves/ed25519';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64url';
import { equalBytes } from '../encoding/bytes';
import { SIGNATURE_BYTES, verifyEd25519 } from './ed25519';
import { POINT_BYTES, decodeEdwardsPoint } from './edwards-point';
import { EkoError, isEkoError } from '../errors';
import { LABELS } from './key-labels';
import { labelledBytes } from './labelled-hash';
import type { NodeKeysDocument } from '../ledger/schemas/nodes';
import { ENVELOPE_SUITE } from './suite';
import { SecretBytes } from '../secret/secret-bytes';
import { VRF_PROOF_BYTES, deriveVrfPublicKey, proveVrf, verifyVrf } from './vrf';

/** The seeds of a node's keys, 32 bytes each; orchestrators and parties have one for their VRF. */
export interface NodeSeeds {
  readonly kem: SecretBytes<'kem seed'>;
  readonly sign: SecretBytes<'sign seed'>;
  readonly vrf?: SecretBytes<'vrf seed'>;
}

/** Whose keys they are: the node and the identity that registers it. */
export interface KeyOwner {
  readonly nodeId: string;
  /** From `identityHash`. */
  readonly identity: string;
}

/** The part of a registration that proves what the registrant holds. */
export type ProvedKeys = Pick<NodeKeysDocument, 'kem' | 'sign' | 'vrf'>;

type KeyKind = 'tls' | 'kem' | 'sign' | 'vrf';

/**
 * Derives a node's X25519 private key, 32 bytes, from its seed. It is the Montgomery form of the Ed25519 key of that
 * seed, which is what lets a signature prove possession of it; whoever derived it disposes of it.
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function deriveKemPrivateKey(seed: SecretBytes<'kem seed'>): SecretBytes<'kem private key'> {
  return new SecretBytes(
    'kem private key',
    seed.use((bytes) => ed25519.utils.toMontgomerySecret(bytes)),
  );
}

/** Proves to the registry that whoever registers a node holds its keys. */
export function proveNodeKeys(seeds: NodeSeeds, owner: KeyOwner): ProvedKeys {
  const proofKey = seeds.kem.use((seed) => ed25519.getPublicKey(seed));
  const kem = ed25519.utils.toMontgomery(proofKey);
  const sign = seeds.sign.use((seed) => ed25519.getPublicKey(seed));
  return {
    kem: {
      suite: ENVELOPE_SUITE.kem.name,
      publicKey: encodeBase64Url(kem),
      proofKey: encodeBase64Url(proofKey),
      proof: encodeBase64Url(
        seeds.kem.use((seed) => ed25519.sign(possessionMessage(owner, 'kem', kem), seed)),
      ),
    },
    sign: {
      publicKey: encodeBase64Url(sign),
      proof: encodeBase64Url(
        seeds.sign.use((seed) => ed25519.sign(possessionMessage(owner, 'sign', sign), seed)),
      ),
    },
    ...(seeds.vrf === undefined ? {} : { vrf: proveVrfKey(seeds.vrf, owner) }),
  };
}

/**
 * Verifies that a registrant holds every key that it registers, and that each is a sound one: canonical, and not of
 * small or mixed order.
 *
 * @throws EkoError `INVALID_KEY` naming the key
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function verifyNodeKeys(keys: ProvedKeys, owner: KeyOwner): void {
  const kem = decodeBase64Url(keys.kem.publicKey, POINT_BYTES);
  const proofKey = decodeBase64Url(keys.kem.proofKey, POINT_BYTES);
  requireSoundPoint('kem', proofKey);
  if (!equalBytes(ed25519.utils.toMontgomery(proofKey), kem)) throw invalidKey('kem');
  requireSignature('kem', owner, proofKey, kem, keys.kem.proof);

  const sign = decodeBase64Url(keys.sign.publicKey, POINT_BYTES);
  requireSoundPoint('sign', sign);
  requireSignature('sign', owner, sign, sign, keys.sign.proof);

  if (keys.vrf === undefined) return;
  const vrf = decodeBase64Url(keys.vrf.publicKey, POINT_BYTES);
  requireSoundPoint('vrf', vrf);
  try {
    verifyVrf(vrf, possessionMessage(owner, 'vrf', vrf), decodeBase64Url(keys.vrf.proof, VRF_PROOF_BYTES));
  } catch (error) {
    throw isEkoError(error, 'BAD_PROOF') ? invalidKey('vrf') : error;
  }
}

/**
 * What the key of a node's TLS certificate signs: that this node of this identity shows the certificate. Certificates
 * are seen by everybody who connects, so nobody else can register one.
 *
 * @param certificate - DER
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function tlsPossessionMessage(owner: KeyOwner, certificate: Uint8Array): Uint8Array {
  return possessionMessage(owner, 'tls', certificate);
}

function proveVrfKey(seed: SecretBytes<'vrf seed'>, owner: KeyOwner): NonNullable<ProvedKeys['vrf']> {
  const publicKey = deriveVrfPublicKey(seed);
  const proof = proveVrf(seed, possessionMessage(owner, 'vrf', publicKey));
  return { publicKey: encodeBase64Url(publicKey), proof: encodeBase64Url(proof) };
}

function possessionMessage({ nodeId, identity }: KeyOwner, kind: KeyKind, publicKey: Uint8Array): Uint8Array {
  return labelledBytes(LABELS.keyPossession, nodeId, identity, kind, publicKey);
}

function requireSoundPoint(kind: KeyKind, bytes: Uint8Array): void {
  const point = decodeEdwardsPoint(bytes);
  if (point === undefined || point.isSmallOrder() || !point.isTorsionFree()) throw invalidKey(kind);
}

function requireSignature(
  kind: KeyKind,
  owner: KeyOwner,
  proofKey: Uint8Array,
  publicKey: Uint8Array,
  proof: string,
): void {
  const signature = decodeBase64Url(proof, SIGNATURE_BYTES);
  if (!verifyEd25519(proofKey, possessionMessage(owner, kind, publicKey), signature)) throw invalidKey(kind);
}

function invalidKey(kind: KeyKind): EkoError {
  return new EkoError('INVALID_KEY', `The ${kind} key is unsound, or its proof of possession does not hold`, {
    details: { key: kind },
  });
}
