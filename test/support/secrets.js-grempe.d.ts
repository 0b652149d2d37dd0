/** The parts of secrets.js-grempe 2.0.0 that tests compare with. */
declare module 'secrets.js-grempe' {
  /** @returns share texts with the indices 1 to `shares` */
  export function share(secretHex: string, shares: number, threshold: number): string[];
  /** @returns the secret as hex, or nonsense if the shares are wrong */
  export function combine(shares: readonly string[]): string;
  export function newShare(index: number, shares: readonly string[]): string;
  export function getConfig(): { readonly bits: number };
}
