import type { StreamPolicy, StreamRequest } from '@eko/protocol';

/** What any network of a test can serve: two of three witnesses, two dealers, ten minutes. */
export function streamPolicy(change: Partial<StreamPolicy> = {}): StreamPolicy {
  return {
    provider: 'provider',
    durationSeconds: 600,
    witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 2 },
    dealers: 2,
    onLedgerLoss: 'close',
    ...change,
  };
}

/** So many streams that may be read and written. */
export function streamsOf(dataType: string, count = 1): StreamRequest[] {
  return Array.from({ length: count }, () => ({ dataType, permissions: ['read', 'write'] }));
}
