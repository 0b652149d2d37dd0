import { parseArgs, type ParseArgsConfig } from 'node:util';
import { EkoError } from '@eko/protocol';
import type { NodeRole } from '@eko/msp';

/** One organisation of the channel. */
export interface OrganisationConfig {
  readonly mspId: string;
  readonly domain: string;
}

/** An identity that must exist once the ledger is up. */
export interface UserConfig {
  readonly mspId: string;
  readonly name: string;
  readonly role: NodeRole;
  /** Attributes of its certificate, in the form of Fabric CA. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the process is started with. */
export interface LedgerConfig {
  /** Blocks go to `ledger` in it, identities to `peerOrganizations`. */
  readonly directory: string;
  readonly channel: string;
  readonly chaincodeName: string;
  /** A module that exports `contracts`; EKO's own chaincode when not given. */
  readonly contractsModule: string | undefined;
  readonly organisations: readonly OrganisationConfig[];
  readonly users: readonly UserConfig[];
  readonly host: string;
  readonly port: number;
  readonly blockTimeoutMs: number;
  readonly maxMessageCount: number;
}

/** The options of the process, with their defaults, as `node:util` parses them. */
export const LEDGER_OPTIONS = {
  directory: { type: 'string' },
  channel: { type: 'string', default: 'eko' },
  chaincode: { type: 'string', default: 'eko' },
  contracts: { type: 'string' },
  organisation: {
    type: 'string',
    multiple: true,
    default: ['Org1MSP=org1.example.com', 'Org2MSP=org2.example.com'],
  },
  user: { type: 'string', multiple: true, default: [] },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  'block-timeout-ms': { type: 'string', default: '50' },
  'max-message-count': { type: 'string', default: '500' },
} as const satisfies ParseArgsConfig['options'];

const ROLES: readonly string[] = ['client', 'admin'] satisfies NodeRole[];
const ATTRIBUTE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62})=([A-Za-z0-9][A-Za-z0-9._:,-]{0,62})$/;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * Reads the command line.
 *
 * @throws EkoError `INVALID_CONFIG` naming the option that cannot be used
 */
export function parseConfig(args: readonly string[]): LedgerConfig {
  const { values } = readOptions(args);
  if (values.directory === undefined)
    throw invalid('--directory is required: where the ledger keeps its files');
  return {
    directory: values.directory,
    channel: parseId('--channel', values.channel),
    chaincodeName: parseId('--chaincode', values.chaincode),
    contractsModule: values.contracts,
    organisations: values.organisation.map(parseOrganisation),
    users: values.user.map(parseUser),
    host: values.host,
    port: parseWhole('--port', values.port, 0, 65_535),
    blockTimeoutMs: parseWhole('--block-timeout-ms', values['block-timeout-ms'], 1, 60_000),
    maxMessageCount: parseWhole('--max-message-count', values['max-message-count'], 1, 100_000),
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, options: LEDGER_OPTIONS });
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : 'the command line cannot be read');
  }
}

/** `Org1MSP=org1.example.com` */
function parseOrganisation(text: string): OrganisationConfig {
  const [mspId = '', domain = '', ...rest] = text.split('=');
  if (rest.length > 0) throw invalid('--organisation takes <mspId>=<domain>');
  return { mspId: parseId('--organisation', mspId), domain: parseId('--organisation', domain) };
}

/** `Org1MSP/alice`, `Org1MSP/alice/admin` or `Org1MSP/alice/client/eko.role=witness/eko.zone=north` */
function parseUser(text: string): UserConfig {
  const [mspId = '', name = '', role = 'client', ...attributes] = text.split('/');
  if (!isRole(role))
    throw invalid(
      '--user takes <mspId>/<name>, then /client or /admin, then /<attribute>=<value> as often as needed',
    );
  return {
    mspId: parseId('--user', mspId),
    name: parseId('--user', name),
    role,
    attributes: Object.fromEntries(attributes.map(parseAttribute)),
  };
}

function parseAttribute(text: string): [name: string, value: string] {
  const [, name, value] = ATTRIBUTE.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw invalid(
      '--user takes attributes as <name>=<value>, of up to 63 letters, digits, dots, dashes and commas',
    );
  return [name, value];
}

function isRole(text: string): text is NodeRole {
  return ROLES.includes(text);
}

function parseId(option: string, text: string): string {
  if (!ID.test(text))
    throw invalid(`${option} takes a name of up to 63 letters, digits, dots, dashes and underscores`);
  return text;
}

function parseWhole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw invalid(`${option} takes a whole number from ${least} to ${most}`);
  return value;
}

function invalid(message: string): EkoError {
  return new EkoError('INVALID_CONFIG', message);
}
