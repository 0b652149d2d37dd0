/**
 * The fast primitives of Node.js behind the ports of the protocol, and its keys, files and certificates.
 *
 * @packageDocumentation
 */
export { nodeHpkePrimitives } from './hpke-primitives';
export { importX25519Key } from './x25519-key';
export { loadSodiumVrfCurve } from './sodium-vrf-curve';
export { newEd25519Signer, verifyEd25519OnNode } from './ed25519-signer';
export { isTlsProof, proveTlsKey } from './tls-possession';
export { systemRandom } from './system-random';
export { boundedBytes } from './bounded-bytes';
export { codeOf, isMissing } from './system-error';
export { writeWhole } from './whole-file';
export { readTextFile, readTextFileSync } from './text-file';
export { identityOf } from './identity-of';
export { decodePemBlock } from './pem-block';
export { isSignedBy, signLowS } from './ecdsa-signature';
