/** The raw WebAssembly module of libsodium, which brings no types. */
declare module 'libsodium-sumo' {
  /** Makes an instance; `getRandomValue` gives 32 random bits. */
  export default function newSodium(options: {
    readonly getRandomValue: () => number;
    // The declaration of another package cannot import a file of this one.
    // eslint-disable-next-line @typescript-eslint/consistent-type-imports
  }): Promise<import('./sodium-vrf-curve').Sodium>;
}
