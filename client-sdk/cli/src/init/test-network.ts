import { EkoError } from '@eko/protocol';
import { codeOf, isMissing } from '@eko/protocol/node';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readConnectionProfile } from './connection-profile';

/** A peer organisation as it lies in a network's folder. */
export interface NetworkOrganisation {
  /** Nothing where neither a connection profile nor the domain tells. */
  readonly mspId?: string;
  readonly domain: string;
  /** `peerOrganizations/<domain>` */
  readonly folder: string;
  /** `host:port` of its first peer; nothing where the folder does not say. */
  readonly endpoint?: string;
  /** The endpoint is what test-network gives an organisation of that name; nothing in the folder says so. */
  readonly isEndpointAssumed?: boolean;
}

/** Where the organisations may lie below the folder that a person names. */
const PLACES = [
  'organizations/peerOrganizations',
  'test-network/organizations/peerOrganizations',
  'peerOrganizations',
];
const NUMBERED = /^org([1-9][0-9]?)\.example\.com$/;
/** The ports that test-network gives to peers; the third is added by its addOrg3. */
const PORTS: Readonly<Record<string, number>> = { '1': 7051, '2': 9051, '3': 11_051 };

/**
 * Finds the peer organisations of test-network of fabric-samples, or of any network whose certificates lie as
 * cryptogen and that network lay them out.
 *
 * @param directory - the network's folder, that of fabric-samples, or the one that holds `peerOrganizations`
 * @throws EkoError `NOT_FOUND` for a folder that holds no network, `BAD_STATE` for a network that is not up
 */
export async function findOrganisations(directory: string): Promise<readonly NetworkOrganisation[]> {
  for (const place of PLACES) {
    const folder = resolve(directory, place);
    const domains = (await namesIn(folder)).filter((name) => !name.startsWith('.')).sort();
    if (domains.length > 0) return Promise.all(domains.map((domain) => describe(folder, domain)));
  }
  for (const script of ['network.sh', 'test-network/network.sh']) {
    if (!(await exists(join(directory, script)))) continue;
    throw new EkoError('BAD_STATE', `The network in ${directory} is not up: it has no certificates`, {
      details: { next: `run ./network.sh up createChannel there, then this again` },
    });
  }
  throw new EkoError(
    'NOT_FOUND',
    `${directory} holds no test-network: there is no organizations folder in it`,
    {
      details: {
        next: 'name the folder test-network of fabric-samples; for another network use --connection-profile',
      },
    },
  );
}

/** Which organisations are meant; all where nothing is said. */
export interface OrganisationChoice {
  /** Its number in a test-network, or its domain. */
  readonly organisation?: string | undefined;
  readonly mspId?: string | undefined;
}

/**
 * Picks organisations, each with its MSP ID.
 *
 * @throws EkoError `INVALID_ARGUMENT` naming those that there are, or the option that is missing
 */
export function chooseOrganisations(
  found: readonly NetworkOrganisation[],
  { organisation, mspId }: OrganisationChoice,
): readonly (NetworkOrganisation & { readonly mspId: string })[] {
  const named = found.filter(
    ({ domain }) =>
      organisation === undefined || domain === organisation || domain === `org${organisation}.example.com`,
  );
  // With the one organisation named, or the only one there is, the MSP ID is what the person says it is.
  const isGiven = (each: NetworkOrganisation): boolean => each.mspId === mspId || named.length === 1;
  const chosen = mspId === undefined ? named : named.filter(isGiven).map((each) => ({ ...each, mspId }));
  if (chosen.length === 0) {
    const known = found.map((each) => `${each.domain} (${each.mspId ?? 'MSP ID unknown'})`).join(', ');
    throw new EkoError('INVALID_ARGUMENT', `There is no such organisation; there are ${known}`, {
      details: { option: organisation === undefined ? 'msp' : 'org' },
    });
  }
  return chosen.map((each) => {
    if (each.mspId !== undefined) return { ...each, mspId: each.mspId };
    const text = `The MSP ID of ${each.domain} is not known: give it with --org ${each.domain} --msp <id>`;
    throw new EkoError('INVALID_ARGUMENT', text, { details: { option: 'msp' } });
  });
}

async function describe(parent: string, domain: string): Promise<NetworkOrganisation> {
  const folder = join(parent, domain);
  const [, number] = NUMBERED.exec(domain) ?? [];
  const connection = join(folder, `connection-org${number ?? ''}.json`);
  if (number !== undefined && (await exists(connection))) {
    const { mspId, endpoint } = await readConnectionProfile(connection, {});
    return { mspId, domain, folder, endpoint };
  }
  if (number === undefined) return { domain, folder };
  const port = PORTS[number];
  return {
    mspId: `Org${number}MSP`,
    domain,
    folder,
    ...(port === undefined ? {} : { endpoint: `localhost:${port}`, isEndpointAssumed: true }),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error) || isNoFolder(error)) return [];
    throw error;
  }
}

const isNoFolder = (error: unknown): boolean => codeOf(error) === 'ENOTDIR';

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error) || isNoFolder(error)) return false;
      throw error;
    },
  );
}
