import { EkoError } from '@eko/protocol';
import { isMissing } from '@eko/protocol/node';
import { parseDocument } from '@eko/sdk/node';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** One gateway peer of an organisation, as a connection profile of Fabric's older SDKs names it. */
export interface ConnectionPeer {
  readonly mspId: string;
  /** `host:port` */
  readonly endpoint: string;
  readonly hostAlias?: string;
  /** The authority of its TLS certificate: as text, or the file that holds it. */
  readonly tlsCa: { readonly pem: string } | { readonly path: string };
  /** The one channel that the profile names; nothing where it names none or several. */
  readonly channel?: string;
}

/** Which organisation and peer are wanted, where a profile has several. */
export interface ConnectionChoice {
  readonly mspId?: string;
  readonly peer?: string;
}

const LIMITS = { maxBytes: 256 * 1024, maxDepth: 16 };
const MAX_ENTRIES = 1_000;
const URL_FORM = /^(grpcs?):\/\/([^\s/?#@]{1,255}:[1-9][0-9]{0,4})\/?$/;

type Section = Readonly<Record<string, unknown>>;

/**
 * Reads a gateway peer from a connection profile (JSON or YAML). Of all that such a file may hold, only organisations,
 * peers and channels are looked at; keys and certificates of administrators in it are left alone.
 *
 * @throws EkoError `NOT_FOUND`, `TOO_LARGE`, `INVALID_CONFIG` naming the field; `INVALID_ARGUMENT` where a choice is
 *   missing or is none of those that there are
 */
export async function readConnectionProfile(file: string, choice: ConnectionChoice): Promise<ConnectionPeer> {
  const profile = section(await parseDocument(await readText(file), file, LIMITS), file, file);
  const [name, organisation] = chooseOrganisation(file, profile, choice);
  const mspId = text(organisation['mspid'], file, `organizations.${name}.mspid`);
  const peer = choosePeer(file, organisation['peers'], name, choice.peer);
  const at = `peers.${peer}`;
  const facts = section(section(profile['peers'], file, 'peers')[peer], file, at);
  const hostAlias = aliasOf(facts, file, at);
  const channels = Object.keys(optionalSection(profile['channels'], file, 'channels'));
  return {
    mspId,
    endpoint: endpointOf(text(facts['url'], file, `${at}.url`), file, at),
    ...(hostAlias === undefined ? {} : { hostAlias }),
    tlsCa: authorityOf(section(facts['tlsCACerts'], file, `${at}.tlsCACerts`), file, at),
    ...(channels.length === 1 && channels[0] !== undefined ? { channel: channels[0] } : {}),
  };
}

async function readText(file: string): Promise<string> {
  try {
    if ((await stat(file)).size <= LIMITS.maxBytes) return await readFile(file, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new EkoError('NOT_FOUND', `There is no file ${file}`, {
      details: { next: 'name a connection profile' },
    });
  }
  throw new EkoError(
    'TOO_LARGE',
    `${file} has more than ${LIMITS.maxBytes} bytes: that is no connection profile`,
  );
}

function chooseOrganisation(
  file: string,
  profile: Section,
  { mspId }: ConnectionChoice,
): readonly [name: string, organisation: Section] {
  const organisations = Object.entries(section(profile['organizations'], file, 'organizations')).map(
    ([name, value]) => [name, section(value, file, `organizations.${name}`)] as const,
  );
  const client = optionalSection(profile['client'], file, 'client')['organization'];
  const [only] = organisations;
  const found =
    mspId !== undefined
      ? organisations.find(([, organisation]) => organisation['mspid'] === mspId)
      : organisations.length === 1
        ? only
        : organisations.find(([name]) => name === client);
  if (found !== undefined) return found;
  const known = organisations.map(([, organisation]) => String(organisation['mspid']).slice(0, 64));
  throw new EkoError('INVALID_ARGUMENT', `Name an organisation of ${file} with --msp: ${known.join(', ')}`, {
    details: { option: 'msp' },
  });
}

function choosePeer(file: string, listed: unknown, organisation: string, wanted?: string): string {
  const peers = Array.isArray(listed) ? listed.slice(0, MAX_ENTRIES).map(String) : [];
  const found = wanted === undefined ? peers[0] : peers.find((each) => each === wanted);
  if (found !== undefined) return found;
  if (peers.length === 0) throw unfit(file, `organizations.${organisation}.peers`, 'a list with a peer');
  throw new EkoError('INVALID_ARGUMENT', `The peers of ${organisation} in ${file} are ${peers.join(', ')}`, {
    details: { option: 'peer' },
  });
}

function endpointOf(url: string, file: string, at: string): string {
  const [, scheme, endpoint] = URL_FORM.exec(url) ?? [];
  if (scheme === 'grpc') {
    throw new EkoError(
      'INVALID_CONFIG',
      `${file}: ${at}.url is without TLS, and EKO connects with TLS only: enable it on the peer`,
    );
  }
  if (endpoint === undefined) throw unfit(file, `${at}.url`, 'grpcs://host:port');
  return endpoint;
}

/** Both spellings are in use. */
function aliasOf(peer: Section, file: string, at: string): string | undefined {
  const options = optionalSection(peer['grpcOptions'], file, `${at}.grpcOptions`);
  const alias = options['ssl-target-name-override'] ?? options['hostnameOverride'];
  return alias === undefined ? undefined : text(alias, file, `${at}.grpcOptions.ssl-target-name-override`);
}

function authorityOf(certificates: Section, file: string, at: string): ConnectionPeer['tlsCa'] {
  const { pem, path } = certificates;
  if (pem !== undefined) {
    const blocks = Array.isArray(pem) ? pem.slice(0, MAX_ENTRIES) : [pem];
    return { pem: blocks.map((each) => text(each, file, `${at}.tlsCACerts.pem`)).join('\n') };
  }
  return { path: resolve(dirname(file), text(path, file, `${at}.tlsCACerts.pem (or path)`)) };
}

function section(value: unknown, file: string, at: string): Section {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if (Object.keys(value).length <= MAX_ENTRIES) return { ...value };
  }
  throw unfit(file, at, 'a section of names and values');
}

const optionalSection = (value: unknown, file: string, at: string): Section =>
  value === undefined || value === null ? {} : section(value, file, at);

function text(value: unknown, file: string, at: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw unfit(file, at, 'a text');
}

const unfit = (file: string, at: string, wanted: string): EkoError =>
  new EkoError('INVALID_CONFIG', `${file}: ${at.slice(0, 100)} must be ${wanted}`, {
    details: { field: at.slice(0, 100) },
  });
