import { streamCipherSuites } from '../../../../client-sdk/sdk/src/streams/stream-cipher-suites';

describe('the cipher suites of a stream', () => {
  const chacha20 = 'TLS_CHACHA20_POLY1305_SHA256';
  const aes128 = 'TLS_AES_128_GCM_SHA256';

  it('prefer what the processor is faster at', () => {
    expect(streamCipherSuites({}, () => true)).toEqual([aes128, chacha20]);
    expect(streamCipherSuites({ aes128Gcm: 'if-faster' }, () => false)).toEqual([chacha20, aes128]);
  });

  it('are ChaCha20-Poly1305 alone by policy, whatever is faster', () => {
    expect(streamCipherSuites({ aes128Gcm: 'never' }, () => true)).toEqual([chacha20]);
  });

  it('are measured on the spot and always the two', () => {
    expect([...streamCipherSuites()].sort()).toEqual([aes128, chacha20]);
  });
});
