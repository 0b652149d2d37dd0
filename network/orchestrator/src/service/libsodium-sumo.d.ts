/** The raw WebAssembly module of libsodium, which brings no types: as much of it as is used. */
declare module 'libsodium-sumo' {
  /**
   * Computes from inputs of 32 bytes, or from one of 64, and leaves 32 bytes at the first address.
   * Gives 0, -1 where it refuses the inputs, or nothing where it takes all of them.
   */
  export type SodiumOperation = (result: number, ...inputs: readonly number[]) => number | undefined;

  /** An instance with a memory of its own. Addresses count from the start of `HEAPU8`. */
  export interface Sodium {
    /** The whole memory; another array after the memory has grown. */
    readonly HEAPU8: Uint8Array;
    /** Gives 0 where there is no memory left. */
    readonly _malloc: (bytes: number) => number;
    /** Gives -1 where it fails. */
    readonly _sodium_init: () => number;
    readonly _crypto_core_ed25519_add: SodiumOperation;
    readonly _crypto_core_ed25519_sub: SodiumOperation;
    readonly _crypto_scalarmult_ed25519_noclamp: SodiumOperation;
    readonly _crypto_scalarmult_ed25519_base_noclamp: SodiumOperation;
    readonly _crypto_core_ed25519_scalar_reduce: SodiumOperation;
    readonly _crypto_core_ed25519_scalar_mul: SodiumOperation;
    readonly _crypto_core_ed25519_scalar_add: SodiumOperation;
  }

  /** Makes an instance; `getRandomValue` gives 32 random bits. */
  export default function newSodium(options: { readonly getRandomValue: () => number }): Promise<Sodium>;
}
