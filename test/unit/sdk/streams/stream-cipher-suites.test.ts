import { streamCipherSuites } from '../../../../client-sdk/sdk/src/streams/stream-cipher-suites';

describe('the cipher suites of a stream', () => {
  const chacha20 = 'TLS_CHACHA20_POLY1305_SHA256';
  const aes128 = 'TLS_AES_128_GCM_SHA256';

  it('have keys of 256 bits unless a policy says otherwise, whatever is faster', () => {
    expect(streamCipherSuites({}, () => true)).toEqual([chacha20]);
    expect(streamCipherSuites({ aes128Gcm: 'never' }, () => true)).toEqual([chacha20]);
  });

  it('prefer what the processor is faster at where the policy allows both', () => {
    expect(streamCipherSuites({ aes128Gcm: 'if-faster' }, () => true)).toEqual([aes128, chacha20]);
    expect(streamCipherSuites({ aes128Gcm: 'if-faster' }, () => false)).toEqual([chacha20, aes128]);
  });

  it('are measured on the spot where the policy asks for it', () => {
    expect([...streamCipherSuites({ aes128Gcm: 'if-faster' })].sort()).toEqual([aes128, chacha20]);
  });
});
