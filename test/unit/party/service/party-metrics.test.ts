import type { CollectionProof, SignedDealing } from '@eko/protocol/ledger';
import { Metrics } from '@eko/node-kit';
import { newPartyObserver } from '../../../../network/party/src/service/party-metrics';
import { BUNDLE_ID, dealingsRecord, hash, txId } from '../../../support/data/ledger-facts';
import { needed } from '../../../history/story';
import { RecordingLogger } from '../../../support/simulated/recording-logger';

const SHARE = 'c2hhcmUtb2YtYS1jb250cmlidXRpb24';
const signed: SignedDealing = {
  channel: 'trade',
  bundleId: BUNDLE_ID,
  requestTxId: txId(1),
  policyHash: hash('p'),
  epoch: 1,
  fence: 0,
  holders: ['initiator', 'provider', 'witness-a', 'witness-b'],
  dealing: needed(dealingsRecord().dealings[0]),
  sheet: 'c2hlZXQ',
};
const policy: Extract<CollectionProof, { kind: 'wrong-sheet' }>['policy'] = {
  provider: 'provider',
  durationSeconds: 600,
  witnesses: { count: 2, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
  dealers: 1,
  onLedgerLoss: 'close',
};
const PROOFS: readonly CollectionProof[] = [
  {
    kind: 'wrong-share',
    dealing: signed,
    receipt: {
      channel: 'trade',
      witness: 'witness-a',
      party: 'initiator',
      bundleId: BUNDLE_ID,
      epoch: 1,
      fence: 0,
      activationTxId: txId(2),
      permitTxId: txId(2),
      streams: [1],
      entriesHash: hash('e'),
      sequence: 1,
      previousHash: hash('o'),
      atUnixMs: 1_000_000,
    },
    signature: `${'g'.repeat(85)}A`,
    entries: [
      {
        dealer: 'dealer',
        dealingId: signed.dealing.dealingId,
        sheetHash: signed.dealing.sheetHash,
        depth: 1,
        position: 1,
        commitment: hash('c'),
      },
    ],
    accused: 0,
    opening: { node: SHARE, streamIndex: 1 },
  },
  {
    kind: 'wrong-dealing',
    dealing: signed,
    policy,
    streamIndex: 0,
    openings: [{ holder: 'witness-a', leaf: SHARE }],
  },
  { kind: 'wrong-sheet', dealing: signed, policy },
];

describe('what a party measures', () => {
  it('counts proofs of wrong shares, dealings and sheets, and says whom they convict and nothing of the shares', async () => {
    const registry = new Metrics();
    const logger = new RecordingLogger();
    const observer = newPartyObserver(registry, logger);
    for (const proof of [...PROOFS, ...PROOFS.slice(0, 1)]) observer.onEvidence(proof);
    const metrics = await registry.metrics();
    expect(metrics).toContain('eko_evidence_total{kind="wrong-share"} 2');
    expect(metrics).toContain('eko_evidence_total{kind="wrong-dealing"} 1');
    expect(metrics).toContain('eko_evidence_total{kind="wrong-sheet"} 1');
    const common = { bundleId: BUNDLE_ID, epoch: 1 };
    expect(logger.lines.slice(0, 3).map(({ fields }) => fields)).toEqual([
      { ...common, reason: 'wrong-share', peer: 'witness-a', streamId: `${BUNDLE_ID}/1` },
      { ...common, reason: 'wrong-dealing', peer: 'dealer', streamId: `${BUNDLE_ID}/0` },
      { ...common, reason: 'wrong-sheet', peer: 'dealer' },
    ]);
    expect(logger.lines.every(({ level }) => level === 'error')).toBe(true);
    expect(JSON.stringify(logger.lines)).not.toContain(SHARE);
  });

  it('counts data against the permissions by its way, and says of which stream', async () => {
    const registry = new Metrics();
    const logger = new RecordingLogger();
    const observer = newPartyObserver(registry, logger);
    for (const direction of ['incoming', 'incoming', 'outgoing'] as const)
      observer.onDirectionRefused('bundle/0', direction);
    const metrics = await registry.metrics();
    expect(metrics).toContain('eko_refused_directions_total{direction="incoming"} 2');
    expect(metrics).toContain('eko_refused_directions_total{direction="outgoing"} 1');
    expect(logger.lines[0]).toEqual({
      level: 'warn',
      event: 'data went a way that is not granted',
      fields: { streamId: 'bundle/0', reason: 'incoming' },
    });
  });
});
