import { createCipheriv } from 'node:crypto';

/** What an endpoint says about cipher suites; a connection uses what both ends allow, by the provider's preference. */
export interface StreamCipherPolicy {
  /**
   * `never` (the default) insists on ChaCha20-Poly1305, whose key has 256 bits. `if-faster` also allows
   * `TLS_AES_128_GCM_SHA256`, whose key has 128, and prefers it on a processor that has it in hardware. AES-GCM should
   * not carry more than 2^24.5 full records (some 380 GB) in one connection, ChaCha20-Poly1305 has no practical limit
   * (RFC 8446 section 5.5).
   */
  readonly aes128Gcm?: 'if-faster' | 'never';
}

/**
 * The suites that an external PSK can be used with in Node, one row each: the name that TLS has for it, and its cipher to
 * measure. AES-256-GCM is not among them: its hash is SHA-384, and an external PSK is bound to SHA-256.
 */
const SUITES = {
  chaCha20: {
    name: 'TLS_CHACHA20_POLY1305_SHA256',
    newCipher: () =>
      createCipheriv('chacha20-poly1305', new Uint8Array(32), new Uint8Array(12), { authTagLength: 16 }),
  },
  aes128: {
    name: 'TLS_AES_128_GCM_SHA256',
    newCipher: () => createCipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12)),
  },
} as const;

/** The suites that a policy allows, in the order of preference. */
export function streamCipherSuites(
  policy: StreamCipherPolicy = {},
  isAesFaster: () => boolean = isAesFasterHere,
): readonly string[] {
  const { chaCha20, aes128 } = SUITES;
  if (policy.aes128Gcm !== 'if-faster') return [chaCha20.name];
  return isAesFaster() ? [aes128.name, chaCha20.name] : [chaCha20.name, aes128.name];
}

const SAMPLE = new Uint8Array(64 * 1024);
const SAMPLES = 8;

let measured: boolean | undefined;

/** Measures once, in about a millisecond: which is faster depends on the processor, and Node does not tell. */
function isAesFasterHere(): boolean {
  const { chaCha20, aes128 } = SUITES;
  measured ??= shortestMs(aes128.newCipher()) < shortestMs(chaCha20.newCipher());
  return measured;
}

function shortestMs(cipher: { update(data: Uint8Array): Uint8Array }): number {
  let shortest = Infinity;
  for (let i = 0; i < SAMPLES; i += 1) {
    const startedMs = performance.now();
    cipher.update(SAMPLE);
    shortest = Math.min(shortest, performance.now() - startedMs);
  }
  return shortest;
}
