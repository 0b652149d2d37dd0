import { VrfMemory } from '@eko/protocol/crypto';
import { verifyEd25519OnNode } from '@eko/protocol/node';
import type { Verifiers } from '../domain/ledger-port';

/** A transaction brings a few proofs; this is enough for those that are being endorsed or sent again. */
const PROOFS_REMEMBERED = 256;

/**
 * The verifiers of a chaincode process: signatures on OpenSSL, which gives the answers of the protocol's own verifier
 * in a twentieth of its time, and proofs with a memory. Both decide by their arguments alone, so every peer comes to
 * the same answer.
 */
export const verifiers: Verifiers = {
  signature: verifyEd25519OnNode,
  vrf: new VrfMemory(PROOFS_REMEMBERED).verify,
};
