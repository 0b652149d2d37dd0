import { EkoError, SecretBytes } from '@eko/protocol';
import { newAttestation } from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { EVENTS, TRANSACTIONS, type AttestDestruction } from '@eko/protocol/ledger';
import { newEd25519Signer, verifyEd25519OnNode } from '@eko/protocol/node';
import { ed25519 } from '@noble/curves/ed25519';
import { Gatherer } from '../../../../network/orchestrator/src/service/gatherer';
import { codedError } from '../../../support/coded-error';
import { BUNDLE_ID, at, nodeRecord } from '../../../support/data/ledger-facts';
import { FakeLedger } from '../../../support/simulated/fake-ledger';
import { nextTurn } from '../../../support/simulated/process-life';
import { RecordingObserver } from '../../../support/simulated/recording-observer';

const SEED = new Uint8Array(32).fill(3);
const HOLDERS = ['initiator', 'witness-a'];

/** A gatherer on a ledger that leaves out what it is told to, or is away. */
function newGatherer() {
  const submitted: AttestDestruction[] = [];
  const now = {
    ms: 0,
    isAway: false,
    skips: [] as { nodeId: string; code: string }[],
    recordedBy: new Map<string, string>(),
  };
  const observer = new RecordingObserver();
  const ledger = new FakeLedger().handle(TRANSACTIONS.attestDestruction, (argument: AttestDestruction) => {
    if (now.isAway) throw new EkoError('LEDGER_UNAVAILABLE', 'away');
    submitted.push(argument);
    return { result: { skipped: now.skips } };
  });
  const sign = encodeBase64Url(ed25519.getPublicKey(SEED));
  const gatherer = new Gatherer({
    nodeId: 'orchestrator-a',
    recordedBy: (bundleId) => now.recordedBy.get(bundleId),
    ledger,
    registry: {
      node: (nodeId) => (HOLDERS.includes(nodeId) ? nodeRecord(nodeId, 'party', { sign }) : undefined),
    },
    verify: verifyEd25519OnNode,
    observer,
    monotonicMs: () => now.ms,
    gatherMs: 1_000,
    submitMs: 1_000,
  });
  const signer = newEd25519Signer(new SecretBytes('sign seed', Uint8Array.from(SEED)));
  const attested = (nodeId: string, channel = ledger.channel, epoch = 1) =>
    newAttestation(
      { channel, nodeId, destructions: [{ bundleId: BUNDLE_ID, epoch, streams: 'all' }] },
      signer,
    );
  const pass = async (ms: number) => {
    now.ms += ms;
    gatherer.tick();
    await nextTurn();
  };
  return { gatherer, submitted, now, observer, attested, pass };
}

describe('a gatherer of attestations', () => {
  it('submits those of many nodes together, and says whose the ledger left out', async () => {
    const { gatherer, submitted, now, observer, attested, pass } = newGatherer();
    const all = HOLDERS.map((nodeId) => attested(nodeId));
    for (const attestation of all) gatherer.take(attestation.nodeId, attestation);
    now.skips = [{ nodeId: 'witness-a', code: 'BAD_STATE' }];
    await pass(1_000);
    expect(submitted).toEqual([{ attestations: all }]);
    expect(observer.lines).toEqual([
      'unattested witness-a BAD_STATE',
      `submitted ${TRANSACTIONS.attestDestruction} OK`,
    ]);
  });

  it('takes from a node its own, if it is signed for this channel by its key', () => {
    const { gatherer, attested } = newGatherer();
    const own = attested('initiator');
    const codeOf = (from: string, attestation = own) =>
      codedError(() => {
        gatherer.take(from, attestation);
      }).code;
    expect(codeOf('witness-a')).toBe('FORBIDDEN');
    expect(codeOf('initiator', attested('initiator', 'another'))).toBe('BAD_SIGNATURE');
    expect(codeOf('stranger', attested('stranger'))).toBe('PEER_UNAVAILABLE');
    expect(() => {
      gatherer.take('initiator', own);
    }).not.toThrow();
  });

  it('tells a node that hands over too much to submit it itself', () => {
    const { gatherer, attested } = newGatherer();
    const codes = Array.from({ length: 40 }, (_, n) => {
      try {
        gatherer.take('initiator', attested('initiator', undefined, n + 1));
        return 'OK';
      } catch (error) {
        return (error as EkoError).code;
      }
    });
    expect(codes.at(0)).toBe('OK');
    expect(codes.at(-1)).toBe('RATE_LIMITED');
  });

  it('takes nothing of a bundle that another had recorded, and all of its own or of those that it does not know', () => {
    const { gatherer, now, attested } = newGatherer();
    const take = () => {
      gatherer.take('initiator', attested('initiator'));
    };
    now.recordedBy.set(BUNDLE_ID, 'orchestrator-b');
    expect(codedError(take).code).toBe('FORBIDDEN');
    expect(gatherer.size).toBe(0);
    now.recordedBy.set(BUNDLE_ID, 'orchestrator-a');
    take();
    now.recordedBy.clear();
    gatherer.take('witness-a', attested('witness-a'));
    expect(gatherer.size).toBe(2);
  });

  it('keeps one of what a node hands over again and again', async () => {
    const { gatherer, submitted, attested, pass } = newGatherer();
    const one = attested('initiator');
    for (let time = 0; time < 900; time += 1) gatherer.take('initiator', one);
    await pass(1_000);
    gatherer.take('initiator', one);
    await pass(1_000);
    expect(submitted).toEqual([{ attestations: [one] }]);
  });

  it('drops what the ledger shows by then, and tries once more what failed', async () => {
    const { gatherer, submitted, now, attested, pass } = newGatherer();
    const [shown, other] = HOLDERS.map((nodeId) => attested(nodeId));
    if (shown === undefined || other === undefined) throw new RangeError('two holders');
    gatherer.take('initiator', shown);
    gatherer.take('witness-a', other);
    const record = { attestations: [shown], by: 'initiator', txId: '', atUnixMs: 1 };
    gatherer.apply(at(1, { name: EVENTS.destructionAttested, payload: { record } }));
    now.isAway = true;
    await pass(1_000);
    now.isAway = false;
    await pass(1_000);
    await pass(1_000);
    expect(submitted).toEqual([{ attestations: [other] }]);
  });
});
