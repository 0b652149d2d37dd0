import { EkoError } from '@eko/protocol';
import { MspId } from '@eko/protocol/ledger';
import { parseWith } from '@eko/protocol/encoding';
import type { Command, CommandInput } from '@eko/command';
import type { CheckedProfile, ProfileDraft } from '../init/write-profile';

const NETWORK_OPTIONS = ['org', 'user'] as const;
const CONNECTION_OPTIONS = ['certificate', 'key', 'ca', 'peer'] as const;
const CHANNEL = /^[a-z][a-z0-9.-]{0,248}$/;
const CHAINCODE = /^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/;

/** `eko init` */
export const init: Command = {
  path: ['init'],
  summary: 'write Fabric profiles, by which eko and the SDK reach a channel, from what a network has already',
  options: [
    {
      flags: '--test-network <folder>',
      summary: 'test-network of fabric-samples, or a network laid out as it is',
    },
    {
      flags: '--org <organisation>',
      summary: 'only this one: its number there, or its domain (default: all)',
    },
    { flags: '--user <name>', summary: 'whose identity, as users/<name>@<domain> (default: User1)' },
    {
      flags: '--connection-profile <file>',
      summary: "a connection profile of Fabric's older SDKs, JSON or YAML",
    },
    { flags: '--certificate <file>', summary: 'PEM: the certificate of the identity that is to be used' },
    { flags: '--key <file>', summary: 'PEM: its private key, which stays where it is' },
    {
      flags: '--ca <file>',
      summary: 'PEM: the authority of its MSP (default: cacerts beside its signcerts)',
    },
    { flags: '--peer <name>', summary: 'which peer of the connection profile (default: the first)' },
    { flags: '--msp <id>', summary: 'only the organisation with this MSP ID' },
    { flags: '--endpoint <host:port>', summary: 'where its peer listens, where the network does not say' },
    {
      flags: '--channel <name>',
      summary: 'the channel (default: the only one of the profile, or mychannel)',
    },
    { flags: '--chaincode <name>', summary: "the chaincode's name on the channel", defaultValue: 'eko' },
    {
      flags: '--output <path>',
      summary: 'a file that ends in .json, or a folder for one file an organisation',
      defaultValue: '.',
    },
    { flags: '--force', summary: 'replace what is there' },
  ],
  examples: [
    'init --test-network fabric-samples/test-network --org 1 --output fabric.json',
    'init --test-network fabric-samples/test-network --user User1 --output profiles --json',
    'init --connection-profile connection-org1.yaml --certificate cert.pem --key key.pem --output fabric.json',
  ],
  async run(input, terminal) {
    const network = input.text('test-network');
    const connection = input.text('connection-profile');
    if ((network === undefined) === (connection === undefined)) {
      throw invalid('Give one of --test-network and --connection-profile', 'test-network');
    }
    refuseGiven(input, network === undefined ? NETWORK_OPTIONS : CONNECTION_OPTIONS);
    const drafts =
      network === undefined
        ? [await connectionDraft(input, connection ?? '')]
        : await networkDrafts(input, network);
    const files = await outputFiles(input, drafts);
    const { checkProfile, writeProfile } = await import('../init/write-profile.js');
    const mayReplace = input.flag('force');
    // All or none: what fits only half is not begun.
    const checked = await Promise.all(
      drafts.map(async ({ draft, warning }, place) => {
        const profile = await checkProfile(files[place] ?? '', draft, mayReplace);
        return warning === undefined ? profile : { ...profile, warnings: [...profile.warnings, warning] };
      }),
    );
    for (const each of checked) await writeProfile(each);
    const profiles = checked.map(({ file, profile, warnings }) => ({ file, ...profile, warnings }));
    terminal.result({ profiles }, checked.flatMap(linesOf));
  },
};

interface NamedDraft {
  /** Who it is, for the name of its file. */
  readonly name: string;
  readonly draft: ProfileDraft;
  /** What was taken for granted. */
  readonly warning?: string;
}

async function networkDrafts(input: CommandInput, folder: string): Promise<readonly NamedDraft[]> {
  const [{ chooseOrganisations, findOrganisations }, { findUser }] = await Promise.all([
    import('../init/test-network.js'),
    import('../init/organisation-user.js'),
  ]);
  const choice = { organisation: input.text('org'), mspId: mspOf(input) };
  const organisations = chooseOrganisations(await findOrganisations(folder), choice);
  const user = input.text('user') ?? 'User1';
  return Promise.all(
    organisations.map(async (organisation) => {
      const { mspId } = organisation;
      const given = await endpointOf(input);
      const endpoint = given ?? organisation.endpoint;
      if (endpoint === undefined) {
        throw invalid(
          `Where ${organisation.domain} listens is not known: give it with --endpoint`,
          'endpoint',
        );
      }
      const { tlsCaPath, ...files } = await findUser(organisation, user);
      const tlsCa = { path: tlsCaPath };
      const draft = { endpoint, mspId, ...channelOf(input, 'mychannel'), ...files, tlsCa };
      const isAssumed = given === undefined && organisation.isEndpointAssumed === true;
      return {
        name: `${mspId}-${user}`,
        draft,
        ...(isAssumed
          ? {
              warning: `${endpoint} is where test-network has the peer of ${organisation.domain}, and no connection profile says so; another address is given with --endpoint`,
            }
          : {}),
      };
    }),
  );
}

async function connectionDraft(input: CommandInput, file: string): Promise<NamedDraft> {
  const [{ readConnectionProfile }, { authoritiesBeside }, path] = await Promise.all([
    import('../init/connection-profile.js'),
    import('../doctor/check-files.js'),
    import('node:path'),
  ]);
  const [mspId, peer, ca] = [mspOf(input), input.text('peer'), input.text('ca')];
  const found = await readConnectionProfile(file, {
    ...(mspId === undefined ? {} : { mspId }),
    ...(peer === undefined ? {} : { peer }),
  });
  const { channel = 'mychannel', ...reached } = found;
  const certificatePath = path.resolve(input.requiredText('certificate'));
  const draft = {
    ...reached,
    endpoint: (await endpointOf(input)) ?? reached.endpoint,
    mspId: parseWith(MspId, reached.mspId, `MSP ID of ${file}`, 'INVALID_CONFIG'),
    ...channelOf(input, channel),
    certificatePath,
    privateKeyPath: path.resolve(input.requiredText('key')),
    authorityPaths: ca === undefined ? await authoritiesBeside(certificatePath) : [ca],
  };
  return { name: reached.mspId, draft };
}

async function endpointOf(input: CommandInput): Promise<string | undefined> {
  const given = input.text('endpoint');
  const { splitPeerEndpoint } = await import('../peer-endpoint.js');
  if (given === undefined || splitPeerEndpoint(given) !== undefined) return given;
  throw invalid('An endpoint is host:port, without grpcs://', 'endpoint');
}

function mspOf(input: CommandInput): string | undefined {
  const given = input.text('msp');
  return given === undefined ? undefined : parseWith(MspId, given, '--msp');
}

function channelOf(input: CommandInput, defaultChannel: string): { channel: string; chaincode: string } {
  const channel = input.text('channel') ?? defaultChannel;
  const chaincode = input.requiredText('chaincode');
  if (!CHANNEL.test(channel))
    throw invalid('A channel has a name of lower case, digits, dots, dashes', 'channel');
  if (!CHAINCODE.test(chaincode))
    throw invalid('A chaincode has a name of letters, digits, dashes', 'chaincode');
  return { channel, chaincode };
}

async function outputFiles(input: CommandInput, drafts: readonly NamedDraft[]): Promise<readonly string[]> {
  const path = await import('node:path');
  const output = path.resolve(input.requiredText('output'));
  if (!output.endsWith('.json')) return drafts.map(({ name }) => path.join(output, `${name}.json`));
  if (drafts.length === 1) return [output];
  const known = drafts.map(({ draft }) => draft.mspId).join(', ');
  throw invalid(`One file holds one profile: name a folder, or one of ${known} with --msp`, 'output');
}

function refuseGiven(input: CommandInput, names: readonly string[]): void {
  const given = names.find((name) => input.text(name) !== undefined);
  if (given === undefined) return;
  throw invalid(`--${given} belongs to the other of --test-network and --connection-profile`, given);
}

function linesOf({ file, profile, warnings }: CheckedProfile): readonly string[] {
  const { mspId, channel, chaincode, endpoint } = profile;
  return [
    `${file}: as ${mspId} on ${channel}/${chaincode} through ${endpoint}`,
    ...warnings.map((text) => `  warning: ${text}`),
    `  check it with: eko doctor --profile ${file}`,
  ];
}

const invalid = (text: string, option: string): EkoError =>
  new EkoError('INVALID_ARGUMENT', text, { details: { option } });
