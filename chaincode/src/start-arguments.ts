import { EkoError } from '@eko/protocol';

/** The environment variables that say how a chaincode of fabric-samples is run as a service. */
const ADDRESS = 'CHAINCODE_SERVER_ADDRESS';
const ID = 'CHAINCODE_ID';
const SHIM_ID = 'CORE_CHAINCODE_ID_NAME';
const TLS_DISABLED = 'CHAINCODE_TLS_DISABLED';
const TLS_KEY = 'CHAINCODE_TLS_KEY';
const TLS_CERT = 'CHAINCODE_TLS_CERT';
const CLIENT_CA_CERT = 'CHAINCODE_CLIENT_CA_CERT';

/** What this reads of a process's environment. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The arguments of `fabric-chaincode-node` for this environment: `server` where `CHAINCODE_SERVER_ADDRESS` is set,
 * else `start`, which connects to the peer that started this process and gave the rest as arguments.
 *
 * A service speaks TLS when `CHAINCODE_TLS_DISABLED` is `false`, or is not set and a key or a certificate is;
 * `CHAINCODE_CLIENT_CA_CERT` makes it ask the peer for a certificate, too. The three name files of PEM.
 *
 * @param given - what followed the program's name, passed on
 * @param packageFolder - where the package.json of the contracts is
 * @throws EkoError `INVALID_CONFIG` when the variables do not fit together
 */
export function startArguments(
  env: Environment,
  given: readonly string[],
  packageFolder: string,
): readonly string[] {
  const address = valueOf(env, ADDRESS);
  const modulePath = ['--module-path', packageFolder];
  if (address === undefined) return ['start', ...modulePath, ...given];
  if (!/^[^\s:]+:[0-9]{1,5}$|^\[[0-9A-Fa-f:.]+\]:[0-9]{1,5}$/.test(address)) {
    throw invalid(`${ADDRESS} must be host:port, for example 0.0.0.0:9999`);
  }
  const id = valueOf(env, ID) ?? valueOf(env, SHIM_ID);
  if (id === undefined) {
    throw invalid(`Set ${ID} to the package ID that \`peer lifecycle chaincode queryinstalled\` shows`);
  }
  return [
    'server',
    ...modulePath,
    '--chaincode-address',
    address,
    '--chaincode-id',
    id,
    ...tlsArguments(env),
    ...given,
  ];
}

function tlsArguments(env: Environment): readonly string[] {
  const key = valueOf(env, TLS_KEY);
  const cert = valueOf(env, TLS_CERT);
  const clientCa = valueOf(env, CLIENT_CA_CERT);
  const isDisabled = valueOf(env, TLS_DISABLED) ?? String(key === undefined && cert === undefined);
  if (isDisabled !== 'true' && isDisabled !== 'false') throw invalid(`${TLS_DISABLED} must be true or false`);
  if (isDisabled === 'true') return [];
  if (key === undefined || cert === undefined) {
    throw invalid(
      `A service with TLS needs ${TLS_KEY} and ${TLS_CERT}, PEM files; or set ${TLS_DISABLED}=true`,
    );
  }
  return [
    '--chaincode-tls-key-file',
    key,
    '--chaincode-tls-cert-file',
    cert,
    ...(clientCa === undefined ? [] : ['--chaincode-tls-client-cacert-file', clientCa]),
  ];
}

/** Scripts set a variable to nothing where they mean that it is not set. */
function valueOf(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

function invalid(text: string): EkoError {
  return new EkoError('INVALID_CONFIG', text);
}
