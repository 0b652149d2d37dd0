import { EkoError } from '@eko/protocol';

/** Lets everything that is ready run once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What a call of a killed process comes to. */
export function refuseDead({ isAlive }: { readonly isAlive: boolean }): void {
  if (!isAlive) throw new EkoError('CANCELLED', 'The process was killed');
}
