import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EkoError } from '@eko/protocol';
import { readTextFile } from '@eko/protocol/node';

/** A Fabric profile as its file names it: how to reach a channel, and the files of the identity that does so. */
export interface FabricProfileFiles {
  /** `host:port` of the gateway peer. */
  readonly endpoint: string;
  /** Name in the peer's TLS certificate, where it differs from the host. */
  readonly hostAlias?: string;
  /** The organisation of the identity, as Fabric names it: `Org1MSP`. */
  readonly mspId: string;
  /** Name of the channel. */
  readonly channel: string;
  /** Name of EKO's chaincode on it. */
  readonly chaincode: string;
  /** PEM: the authority of the peer's TLS certificate. */
  readonly tlsCaPath: string;
  /** PEM: the X.509 certificate of the identity. */
  readonly certificatePath: string;
  /** PEM: its private key. */
  readonly privateKeyPath: string;
}

/** Of a profile and of each PEM file that it names. */
const MAX_FILE_BYTES = 64 * 1024;

const PROFILE_FIELDS = [
  'endpoint',
  'hostAlias',
  'tlsCaPath',
  'mspId',
  'certificatePath',
  'privateKeyPath',
  'channel',
  'chaincode',
] as const satisfies readonly (keyof FabricProfileFiles)[];
type ProfileField = (typeof PROFILE_FIELDS)[number];

/** The error of a profile that cannot be used. */
function misconfigured(text: string, cause?: unknown): EkoError {
  return new EkoError('INVALID_CONFIG', text, cause === undefined ? {} : { cause });
}

/**
 * Reads a text file of a profile.
 *
 * @throws EkoError `INVALID_CONFIG` naming the path of a file that cannot be read or is larger than 64 KiB
 */
export async function readProfileText(path: string, what: string): Promise<string> {
  const text = await readTextFile(path, MAX_FILE_BYTES).catch((error: unknown) => {
    throw misconfigured(`${what} cannot be read from ${path}`, error);
  });
  if (text === undefined) throw misconfigured(`${what}: ${path} has more than ${MAX_FILE_BYTES} bytes`);
  return text;
}

/** The one file of an MSP folder (`keystore`, `signcerts`): its name differs from tool to tool. */
async function firstFileOf(directory: string, what: string): Promise<string> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    throw misconfigured(`${what}: folder ${directory} cannot be read`, error);
  }
  const first = names.filter((name) => !name.startsWith('.')).sort()[0];
  if (first === undefined) throw misconfigured(`${what}: folder ${directory} is empty`);
  return join(directory, first);
}

/**
 * Finds the files of a profile by the environment variables of the Fabric samples (`PEER_ENDPOINT`, `PEER_HOST_ALIAS`,
 * `MSP_ID`, `CHANNEL_NAME`, `CHAINCODE_NAME`, `TLS_CERT_PATH`, `CERT_DIRECTORY_PATH`, `KEY_DIRECTORY_PATH`,
 * `CRYPTO_PATH`), with the samples' defaults for all but `CRYPTO_PATH` and with the chaincode's name defaulting to `eko`.
 *
 * @throws EkoError `INVALID_CONFIG` naming the variable
 */
export async function profileFilesFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Promise<FabricProfileFiles> {
  const cryptoPath = env.CRYPTO_PATH;
  const below = (variable: string, ...path: readonly string[]): string => {
    const given = env[variable];
    if (given !== undefined) return given;
    if (cryptoPath === undefined)
      throw misconfigured(`${variable} is not set, nor is CRYPTO_PATH to find it below`);
    return join(cryptoPath, ...path);
  };
  const user = 'User1@org1.example.com';
  const certificates = below('CERT_DIRECTORY_PATH', 'users', user, 'msp', 'signcerts');
  const keys = below('KEY_DIRECTORY_PATH', 'users', user, 'msp', 'keystore');
  return {
    endpoint: env.PEER_ENDPOINT ?? 'localhost:7051',
    hostAlias: env.PEER_HOST_ALIAS ?? 'peer0.org1.example.com',
    mspId: env.MSP_ID ?? 'Org1MSP',
    channel: env.CHANNEL_NAME ?? 'mychannel',
    chaincode: env.CHAINCODE_NAME ?? 'eko',
    tlsCaPath: below('TLS_CERT_PATH', 'peers', 'peer0.org1.example.com', 'tls', 'ca.crt'),
    certificatePath: await firstFileOf(certificates, 'CERT_DIRECTORY_PATH'),
    privateKeyPath: await firstFileOf(keys, 'KEY_DIRECTORY_PATH'),
  };
}

function isProfileField(name: string): name is ProfileField {
  return (PROFILE_FIELDS as readonly string[]).includes(name);
}

/**
 * Reads a profile's JSON file `{endpoint, hostAlias?, mspId, channel, chaincode, certificatePath, privateKeyPath,
 * tlsCaPath}` without opening the files that it names; relative paths start at its folder.
 *
 * @throws EkoError `INVALID_CONFIG` naming the field or the path
 */
export async function readFabricProfileFiles(file: string): Promise<FabricProfileFiles> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readProfileText(file, 'Profile'));
  } catch (error) {
    if (error instanceof EkoError) throw error;
    throw misconfigured(`Profile ${file} is not JSON`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw misconfigured(`Profile ${file} must be one JSON object`);
  const fields = new Map<ProfileField, string>();
  for (const [name, value] of Object.entries(parsed)) {
    if (!isProfileField(name)) throw misconfigured(`Profile ${file}: field ${name.slice(0, 64)} is unknown`);
    if (typeof value !== 'string') throw misconfigured(`Profile ${file}: field ${name} must be a string`);
    fields.set(name, value);
  }
  const field = (name: ProfileField): string => {
    const value = fields.get(name);
    if (value === undefined) throw misconfigured(`Profile ${file}: field ${name} is missing`);
    return value;
  };
  const pathOf = (name: ProfileField): string => resolve(dirname(file), field(name));
  const hostAlias = fields.get('hostAlias');
  return {
    endpoint: field('endpoint'),
    ...(hostAlias === undefined ? {} : { hostAlias }),
    mspId: field('mspId'),
    channel: field('channel'),
    chaincode: field('chaincode'),
    tlsCaPath: pathOf('tlsCaPath'),
    certificatePath: pathOf('certificatePath'),
    privateKeyPath: pathOf('privateKeyPath'),
  };
}
