import { EkoError, SecretBytes } from '@eko/protocol';
import { decodeHex, equalBytes } from '@eko/protocol/encoding';
import { proveVrf, verifyVrf, type RandomSource, type VrfCurve } from '@eko/protocol/crypto';
import type { Sodium } from 'libsodium-sumo';
import { SodiumVrfCurve } from './sodium-vrf-curve';

/** A published proof over nothing. @see RFC 9381 appendix B.3, example 16 */
const PUBLISHED = {
  seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  proof:
    '8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805',
};
const NOTHING = new Uint8Array();

/**
 * Loads libsodium, and sees that it proves and verifies as published before anything rests on it.
 *
 * @throws EkoError `INVALID_CONFIG` where it cannot run in this process
 */
export async function loadSodiumVrfCurve(
  random: RandomSource,
  instantiate: (random: RandomSource) => Promise<Sodium> = newInstance,
): Promise<VrfCurve> {
  try {
    const sodium = await instantiate(random);
    if (sodium._sodium_init() < 0) throw new TypeError('libsodium does not initialise');
    const curve = new SodiumVrfCurve(sodium);
    requirePublished(curve);
    return curve;
  } catch (cause) {
    throw new EkoError(
      'INVALID_CONFIG',
      'libsodium does not work in this process; let Node run WebAssembly (no --jitless, no ulimit -v), and install with npm ci',
      { cause },
    );
  }
}

async function newInstance(random: RandomSource): Promise<Sodium> {
  // Its text is large, so only who starts an orchestrator reads it. `require` would find another form of it, which
  // falls back to plain JavaScript without a word.
  const { default: newSodium } = await import('libsodium-sumo');
  return newSodium({ getRandomValue: () => Buffer.from(random(4)).readUInt32LE() });
}

function requirePublished(curve: VrfCurve): void {
  const proof = decodeHex(PUBLISHED.proof);
  using seed = new SecretBytes('vrf seed', decodeHex(PUBLISHED.seed));
  const proved = proveVrf(seed, NOTHING, curve);
  if (!equalBytes(proved, proof)) throw new TypeError('libsodium makes another proof than the published one');
  verifyVrf(decodeHex(PUBLISHED.publicKey), NOTHING, proof, curve);
}
