import { EkoError } from '@eko/protocol';
import type { Command, CommandInput } from '@eko/command';
import type { NewStreams } from '@eko/sdk/rest';
import { partyOf, partyOptions } from './party-options';
import { streamTable } from './stream-lines';

const DEFAULT_WAIT_SECONDS = 60;

/** `eko stream request` */
export const streamRequest: Command = {
  path: ['stream', 'request'],
  summary: 'request one stream or a bundle of like ones: metadata only, no key and no secret',
  options: [
    { flags: '--provider <nodeId>', summary: 'who serves it', defaultValue: 'provider' },
    { flags: '--type <dataType>', summary: 'what kind of data', defaultValue: 'file' },
    {
      flags: '--permission <name>',
      summary: 'read, write or app:…; may be repeated (default: read)',
      isList: true,
    },
    { flags: '--duration <seconds>', summary: 'longest life', defaultValue: '3600' },
    { flags: '--witnesses <count>', summary: 'how many witnesses serve it', defaultValue: '3' },
    { flags: '--quorum <count>', summary: 'how many of them must agree', defaultValue: '2' },
    { flags: '--max-per-org <count>', summary: 'most witnesses of one organisation', defaultValue: '1' },
    { flags: '--zone <zone>', summary: 'witnesses in these zones only; may be repeated', isList: true },
    { flags: '--tag <tag>', summary: 'witnesses with this tag only; may be repeated', isList: true },
    { flags: '--exclude-party-msps', summary: 'no witnesses of the two parties’ organisations' },
    { flags: '--witnesses-can-verify', summary: 'quorum + 1 witnesses together may verify the key' },
    {
      flags: '--dealers <count>',
      summary: 'how many orchestrators deal it; more than organisations that might collude',
      defaultValue: '2',
    },
    { flags: '--on-ledger-loss <act>', summary: 'close or continue', defaultValue: 'close' },
    { flags: '--max-connections <count>', summary: 'most connections of a stream at a time; 64 without it' },
    { flags: '--consent <seconds>', summary: 'how long the request may wait for the provider' },
    { flags: '--label <name=value>', summary: 'a public label; may be repeated', isList: true },
    { flags: '--count <count>', summary: 'how many streams in one bundle', defaultValue: '1' },
    { flags: '--bundle-id <uuid>', summary: 'chosen by you, so that a repetition makes no second stream' },
    { flags: '--wait [seconds]', summary: 'return when it is active' },
    ...partyOptions('initiator'),
  ],
  examples: [
    'stream request --wait',
    'stream request --provider lab --type dicom --permission read --witnesses 5 --quorum 3 --duration 600',
    'stream request --count 50 --label project=alpha --json',
  ],
  async run(input, terminal) {
    const [access, { PartyApi }, { awaitActive, consentText }] = await Promise.all([
      partyOf(input, terminal),
      import('@eko/sdk/rest'),
      import('../party/await-stream.js'),
    ]);
    const party = new PartyApi(access, terminal.signal);
    const bundle = await party.requestStreams(requestOf(input));
    const { streams } = bundle;
    const [first] = streams;
    if (first?.state === 'requested') terminal.note(consentText(first));
    if (input.flag('wait') || input.text('wait') !== undefined) {
      const deadlineMs = (input.flag('wait') ? DEFAULT_WAIT_SECONDS : (input.integer('wait') ?? 0)) * 1_000;
      for (const [place, { streamId }] of streams.entries()) {
        terminal.progress.show({ label: 'becoming active', done: place, total: streams.length });
        streams[place] = await awaitActive(party, streamId, deadlineMs, terminal.signal);
      }
    }
    terminal.result(bundle, streamTable(streams));
  },
};

function requestOf(input: CommandInput): NewStreams {
  const permissions = input.list('permission');
  const labels = input.list('label').map(parseLabel);
  const [zones, tags] = [input.list('zone'), input.list('tag')];
  const bundleId = input.text('bundle-id');
  const [maxConnections, consentSeconds] = [input.integer('max-connections'), input.integer('consent')];
  const request = {
    dataType: input.requiredText('type'),
    permissions: permissions.length === 0 ? ['read'] : [...permissions],
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
  };
  return {
    ...(bundleId === undefined ? {} : { bundleId }),
    policy: {
      provider: input.requiredText('provider'),
      durationSeconds: number(input, 'duration'),
      witnesses: {
        count: number(input, 'witnesses'),
        quorum: number(input, 'quorum'),
        witnessesCanVerify: input.flag('witnesses-can-verify'),
        maxPerOrg: number(input, 'max-per-org'),
        ...(zones.length === 0 ? {} : { zones: [...zones] }),
        ...(tags.length === 0 ? {} : { tags: [...tags] }),
        ...(input.flag('exclude-party-msps') ? { excludePartyMsps: true } : {}),
      },
      dealers: number(input, 'dealers'),
      ...(maxConnections === undefined ? {} : { maxConnections }),
      ...(consentSeconds === undefined ? {} : { consentSeconds }),
      onLedgerLoss: input.oneOf('on-ledger-loss', ['close', 'continue']) ?? 'close',
    },
    requests: Array.from({ length: number(input, 'count') }, () => request),
  };
}

function number(input: CommandInput, name: string): number {
  const value = input.integer(name);
  if (value === undefined) throw new TypeError('the option has a default');
  return value;
}

function parseLabel(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) {
    throw new EkoError('INVALID_ARGUMENT', '--label takes name=value', { details: { option: 'label' } });
  }
  return [text.slice(0, equals), text.slice(equals + 1)];
}
