import { StreamPolicy, StreamRequest, WitnessPolicy, type Offer, type RequestStreams } from '@eko/protocol';
import { matchOffer } from '@eko/protocol/ledger';
import { propertiesOf } from '@eko/protocol/encoding';

/** As a provider writes it who only says what it must. */
const DEFAULT_OFFER: Offer = {
  offerId: 'standing',
  dataTypes: ['telemetry'],
  permissions: ['read'],
  maxDurationSeconds: 600,
  msps: ['Org1MSP'],
  minQuorum: 2,
  maxWitnesses: 3,
};

const WITNESSES: WitnessPolicy = { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 };
const POLICY: StreamPolicy = {
  provider: 'provider',
  durationSeconds: 600,
  witnesses: WITNESSES,
  dealers: 2,
  onLedgerLoss: 'close',
};
const STREAM: StreamRequest = { dataType: 'telemetry', permissions: ['read'] };

type Asked = Pick<RequestStreams, 'policy' | 'requests'>;

const policy = (change: Partial<StreamPolicy>): Asked => ({
  policy: { ...POLICY, ...change },
  requests: [STREAM],
});
const witnesses = (change: Partial<WitnessPolicy>): Asked =>
  policy({ witnesses: { ...WITNESSES, ...change } });
const stream = (change: Partial<StreamRequest>): Asked => ({
  policy: POLICY,
  requests: [STREAM, { ...STREAM, ...change }],
});

const covers = (offer: Partial<Offer>, asked: Asked, msp = 'Org1MSP'): boolean =>
  matchOffer([{ ...DEFAULT_OFFER, ...offer }], asked, msp) !== undefined;

/** By field: what asks for more than the default offer covers, and the least change of the offer that covers it. */
const BOUND: readonly [field: string, asked: Asked, enough: Partial<Offer>][] = [
  ['durationSeconds', policy({ durationSeconds: 601 }), { maxDurationSeconds: 601 }],
  ['dealers', policy({ dealers: 1 }), { minDealers: 1 }],
  ['onLedgerLoss', policy({ onLedgerLoss: 'continue' }), { onLedgerLoss: 'continue' }],
  ['maxConnections', policy({ maxConnections: 65 }), { maxConnections: 65 }],
  ['count', witnesses({ count: 4 }), { maxWitnesses: 4 }],
  ['quorum', witnesses({ quorum: 1, maxPerOrg: 1 }), { minQuorum: 1, quorumInOneOrg: true }],
  ['maxPerOrg', witnesses({ quorum: 3, maxPerOrg: 2 }), { maxPerOrg: 2 }],
  [
    'witnessesCanVerify',
    witnesses({ quorum: 2, count: 3, witnessesCanVerify: true }),
    { witnessesCanVerify: true },
  ],
  ['zones', witnesses({ zones: ['north'] }), { zones: ['south', 'north'] }],
  ['tags', witnesses({ tags: ['mine'] }), { tags: ['mine'] }],
  ['excludePartyMsps', witnesses({ excludePartyMsps: true }), { excludePartyMsps: 'allowed' }],
  ['dataType', stream({ dataType: 'video' }), { dataTypes: ['telemetry', 'video'] }],
  ['permissions', stream({ permissions: ['read', 'write'] }), { permissions: ['read', 'write'] }],
];
/** Fields in which nothing can be asked that an offer would have to bound. */
const FREE = ['provider', 'witnesses', 'labels', 'consentSeconds'];

describe('a standing offer', () => {
  it('covers what stays within all that it says', () => {
    expect(covers({}, policy({}))).toBe(true);
    expect(covers({}, witnesses({ quorum: 3, maxPerOrg: 1, excludePartyMsps: false }))).toBe(true);
    expect(covers({}, stream({ labels: { site: 'north field' } }))).toBe(true);
    expect(covers({}, policy({ maxConnections: 64, dealers: 3 }))).toBe(true);
  });

  it.each(BOUND)('does not cover more than it names: %s', (_field, asked, enough) => {
    expect(covers({}, asked)).toBe(false);
    expect(covers(enough, asked)).toBe(true);
  });

  it('has a case above for every field of a request', () => {
    const fields = [WitnessPolicy, StreamPolicy, StreamRequest].flatMap((schema) =>
      Object.keys(propertiesOf(schema)),
    );
    expect([...BOUND.map(([field]) => field), ...FREE].sort()).toEqual(fields.sort());
  });

  it('lets one organisation hold a quorum only where it says so', () => {
    const alone = witnesses({ quorum: 2, maxPerOrg: 2 });
    expect(covers({ maxPerOrg: 2 }, alone)).toBe(false);
    expect(covers({ maxPerOrg: 2, quorumInOneOrg: true }, alone)).toBe(true);
    expect(covers({ maxPerOrg: 2 }, witnesses({ quorum: 3, maxPerOrg: 2 }))).toBe(true);
  });

  it('can insist on witnesses of other organisations than the parties', () => {
    const others: Partial<Offer> = { excludePartyMsps: 'required' };
    expect(covers(others, policy({}))).toBe(false);
    expect(covers(others, witnesses({ excludePartyMsps: true }))).toBe(true);
  });

  it('covers organisations that it names and no other, and the first of several counts', () => {
    expect(covers({}, policy({}), 'Org2MSP')).toBe(false);
    const wide: Offer = { ...DEFAULT_OFFER, offerId: 'wide', maxDurationSeconds: 3600 };
    const named = (seconds: number) =>
      matchOffer([DEFAULT_OFFER, wide], policy({ durationSeconds: seconds }), 'Org1MSP')?.offerId;
    expect([named(600), named(3600), named(3601)]).toEqual(['standing', 'wide', undefined]);
  });
});
