export { nodeHpkePrimitives } from './hpke-primitives';
export { importX25519Key, newX25519Key } from './x25519-key';
export { newEd25519Signer, verifyEd25519OnNode } from './ed25519-signer';
export { isTlsProof, proveTlsKey } from './tls-possession';
export { systemRandom } from './system-random';
export { boundedBytes } from './bounded-bytes';
export { readTextFile, readTextFileSync } from './text-file';
export { identityOf } from './identity-of';
