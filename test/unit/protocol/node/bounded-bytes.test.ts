import { boundedBytes } from '@eko/protocol/node';

describe('bytes that come in pieces', () => {
  const source = (pieces: number) => {
    const seen = { given: 0, cancelled: false };
    async function* give() {
      try {
        for (; seen.given < pieces; seen.given += 1) yield Buffer.from('four');
      } finally {
        seen.cancelled = seen.given < pieces;
      }
    }
    return { seen, give };
  };

  it('are all there up to the limit', async () => {
    const { give } = source(2);
    expect((await boundedBytes(give(), 8))?.toString()).toBe('fourfour');
  });

  it('are none beyond it, and the rest is neither read nor waited for', async () => {
    const { seen, give } = source(1_000);
    expect(await boundedBytes(give(), 7)).toBeUndefined();
    expect(seen).toEqual({ given: 1, cancelled: true });
  });
});
