import { startArguments } from '../../../chaincode/src/start-arguments';
import { codedError } from '../../support/coded-error';

const HERE = '/usr/local/src';
const SERVICE = { CHAINCODE_SERVER_ADDRESS: '0.0.0.0:9999', CHAINCODE_ID: 'eko_1.0:ab' };
const SERVER = ['server', '--module-path', HERE, '--chaincode-address', '0.0.0.0:9999', '--chaincode-id'];

const PLAIN = [...SERVER, 'eko_1.0:ab'];
const KEY_AND_CERT = { CHAINCODE_TLS_KEY: 'key.pem', CHAINCODE_TLS_CERT: 'cert.pem' };
const WITH_TLS = [...PLAIN, '--chaincode-tls-key-file', 'key.pem', '--chaincode-tls-cert-file', 'cert.pem'];

describe('how the chaincode is started', () => {
  it('is as the peer that started it says, unless it is to be a service', () => {
    const given = ['--peer.address', 'peer0:7052'];
    expect(startArguments({}, given, HERE)).toEqual(['start', '--module-path', HERE, ...given]);
    // Compose files pass variables on that nobody has set.
    expect(startArguments({ CHAINCODE_SERVER_ADDRESS: '' }, [], HERE)[0]).toBe('start');
  });

  it.each([
    ['plain', {}, PLAIN],
    ['plain when told so, whatever is there', { CHAINCODE_TLS_DISABLED: 'true', ...KEY_AND_CERT }, PLAIN],
    ['with TLS', { CHAINCODE_TLS_DISABLED: 'false', ...KEY_AND_CERT }, WITH_TLS],
    ['with TLS where there is a key for it', KEY_AND_CERT, WITH_TLS],
    [
      'with TLS and a certificate of the peer',
      { ...KEY_AND_CERT, CHAINCODE_CLIENT_CA_CERT: 'ca.pem' },
      [...WITH_TLS, '--chaincode-tls-client-cacert-file', 'ca.pem'],
    ],
  ])('serves %s', (_how, env, expected) => {
    expect(startArguments({ ...SERVICE, ...env }, [], HERE)).toEqual(expected);
  });

  it('takes the ID under the name that the shim reads, too', () => {
    const env = { ...SERVICE, CHAINCODE_ID: '', CORE_CHAINCODE_ID_NAME: 'eko_1.0:cd' };
    expect(startArguments(env, [], HERE)).toEqual([...SERVER, 'eko_1.0:cd']);
  });

  it.each([
    ['an address without a port', { CHAINCODE_SERVER_ADDRESS: 'localhost' }],
    ['an address with a scheme', { CHAINCODE_SERVER_ADDRESS: 'http://localhost:9999' }],
    ['no ID', { CHAINCODE_ID: undefined }],
    ['TLS without a key', { CHAINCODE_TLS_DISABLED: 'false', CHAINCODE_TLS_CERT: 'cert.pem' }],
    ['a key without a certificate', { CHAINCODE_TLS_KEY: 'key.pem' }],
    ['neither yes nor no', { CHAINCODE_TLS_DISABLED: 'maybe', ...KEY_AND_CERT }],
  ])('is refused with %s', (_what, env) => {
    expect(codedError(() => startArguments({ ...SERVICE, ...env }, [], HERE)).code).toBe('INVALID_CONFIG');
  });
});
