import { VrfMemory } from '@eko/protocol/crypto';
import { loadSodiumVrfCurve, verifyEd25519OnNode } from '@eko/protocol/node';
import type { Verifiers } from '../domain/ledger-port';

/** A transaction brings a few proofs; this is enough for those that are being endorsed or sent again. */
const PROOFS_REMEMBERED = 256;

let loaded: Promise<Verifiers> | undefined;

/**
 * The verifiers of a chaincode process, the same ones each time: signatures on OpenSSL, and proofs on libsodium with a
 * memory. Both give the answers of the protocol's own verifiers in a fraction of their time, and decide by their
 * arguments alone, so every peer comes to the same answer.
 *
 * @throws EkoError `INVALID_CONFIG` where this process runs no WebAssembly, now and later: nothing slower steps in
 */
export function loadVerifiers(): Promise<Verifiers> {
  loaded ??= newVerifiers();
  return loaded;
}

async function newVerifiers(): Promise<Verifiers> {
  const curve = await loadSodiumVrfCurve(noChance);
  return { signature: verifyEd25519OnNode, vrf: new VrfMemory(PROOFS_REMEMBERED, curve).verify };
}

/** Whoever verifies draws nothing, and nothing here may differ between two peers. */
const noChance = (length: number): Uint8Array => new Uint8Array(length);
