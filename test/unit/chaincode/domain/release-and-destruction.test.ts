import { LIMITS } from '@eko/protocol';
import {
  TRANSACTIONS,
  type AttestDestruction,
  type DealingsRecord,
  type Destruction,
} from '@eko/protocol/ledger';
import { randomUUID } from 'node:crypto';
import { newAttestation, signedAttestation } from '../../../support/contracts/test-attestations';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import { newTestNetwork, register, type TestNetwork } from '../../../support/contracts/test-network';
import { newTestNode, type TestNode } from '../../../support/contracts/test-node';
import {
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  succeeded,
  writesOf,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  // Two streams draw six witnesses at most: one is left over.
  network = await newTestNetwork({ witnesses: 7 });
});

const authorize = (as: TestNode, argument: object) =>
  network.ledger.submit(as.identity, TRANSACTIONS.authorizeRelease, argument);
const revoke = async (bundleId: string, streams: 'all' | number[]) =>
  succeeded(
    await network.ledger.submit(network.initiator.identity, TRANSACTIONS.revokeStream, { bundleId, streams }),
  );

describe('AuthorizeRelease', () => {
  it('writes one permit under its own transaction ID, after reading every tombstone', async () => {
    const { bundleId } = await activeBundle(network);
    const outcome = succeeded(await authorize(network.provider, { bundleId, epoch: 1, streams: 'all' }));
    const permit = {
      bundleId,
      epoch: 1,
      streams: 'all',
      party: 'provider',
      txId: outcome.txId,
      atUnixMs: network.ledger.nowUnixMs,
    };
    expect(writesOf(outcome)).toEqual({ [`permit/${bundleId}/${outcome.txId}`]: permit });
    expect(payloadOf(outcome, 'ReleaseAuthorized')).toEqual({ permit });
    expect(outcome.reads).toEqual(
      expect.arrayContaining([`end/${bundleId}`, `end/${bundleId}/0`, `end/${bundleId}/1`]),
    );
  });

  it('is for the two parties', async () => {
    const { bundleId, assignment } = await activeBundle(network);
    for (const other of [leadOf(network, assignment), network.witnesses[0]!])
      expect((await authorize(other, { bundleId, epoch: 1, streams: 'all' })).error?.code).toBe('FORBIDDEN');
  });

  it('is for the two parties of a bundle of one stream too', async () => {
    const requests = [{ dataType: 'telemetry', permissions: ['read'] }];
    const { bundleId, assignment } = await activeBundle(network, { requests });
    for (const other of [leadOf(network, assignment), network.witnesses[0]!])
      for (const streams of ['all', [0]])
        expect((await authorize(other, { bundleId, epoch: 1, streams })).error?.code).toBe('FORBIDDEN');
    succeeded(await authorize(network.provider, { bundleId, epoch: 1, streams: [0] }));
  });

  it('needs a dealt epoch of streams that exist, are not ended and not past their time', async () => {
    const accepted = await acceptedBundle(network);
    const permit = { bundleId: accepted.bundleId, epoch: 1, streams: [0] };
    expect((await authorize(network.initiator, permit)).error?.code).toBe('BAD_STATE');
    const { bundleId, bundle } = await activeBundle(network);
    expect((await authorize(network.initiator, { bundleId, epoch: 2, streams: [0] })).error?.code).toBe(
      'BAD_STATE',
    );
    expect((await authorize(network.initiator, { bundleId, epoch: 1, streams: [2] })).error?.code).toBe(
      'NOT_FOUND',
    );
    expect((await authorize(network.initiator, { ...permit, bundleId: randomUUID() })).error?.code).toBe(
      'NOT_FOUND',
    );
    await revoke(bundleId, [1]);
    for (const streams of [[1], [0, 1], 'all'])
      expect((await authorize(network.initiator, { bundleId, epoch: 1, streams })).error?.code).toBe(
        'STREAM_ENDED',
      );
    succeeded(await authorize(network.initiator, { bundleId, epoch: 1, streams: [0] }));
    network.ledger.advance(bundle.notAfterUnixMs - network.ledger.nowUnixMs);
    expect((await authorize(network.initiator, { bundleId, epoch: 1, streams: [0] })).error?.code).toBe(
      'BAD_STATE',
    );
    await revoke(bundleId, 'all');
    expect((await authorize(network.initiator, { bundleId, epoch: 1, streams: [0] })).error?.code).toBe(
      'STREAM_ENDED',
    );
  });
});

describe('AttestDestruction', () => {
  const drawnBy = ({ selection }: DealingsRecord) =>
    network.witnesses.filter(({ nodeId }) => selection.witnesses.includes(nodeId));
  const attest = (node: TestNode, argument: AttestDestruction) =>
    network.ledger.submit(node.identity, TRANSACTIONS.attestDestruction, argument);
  const codeOf = async (node: TestNode, ...destructions: Destruction[]) =>
    (await attest(node, newAttestation(node, destructions))).error?.code;
  const all = (bundleId: string): Destruction => ({ bundleId, epoch: 1, streams: 'all' });

  it('writes one record for a batch, under its own transaction ID', async () => {
    const whole = await activeBundle(network);
    const single = await activeBundle(network);
    await revoke(whole.bundleId, 'all');
    await revoke(single.bundleId, [1]);
    const argument = newAttestation(network.provider, [
      { bundleId: whole.bundleId, epoch: 1, streams: [0] },
      { bundleId: single.bundleId, epoch: 1, streams: [1] },
    ]);
    const outcome = succeeded(await attest(network.provider, argument));
    const { txId } = outcome;
    const record = { ...argument, by: 'provider', txId, atUnixMs: network.ledger.nowUnixMs };
    expect(writesOf(outcome)).toEqual({ [`attestation/${txId}`]: record });
    expect(payloadOf(outcome, 'DestructionAttested')).toEqual({ record });
  });

  it('takes a whole bundle whose streams have all ended one by one', async () => {
    const { bundleId, record } = await activeBundle(network);
    const [witness] = drawnBy(record);
    const argument = newAttestation(witness!, [{ bundleId, epoch: 1, streams: 'all' }]);
    await revoke(bundleId, [0]);
    expect((await attest(witness!, argument)).error?.code).toBe('BAD_STATE');
    await revoke(bundleId, [1]);
    succeeded(await attest(witness!, argument));
  });

  it('is for the parties, whoever was assigned, and the drawn witnesses', async () => {
    const { bundleId, assignment, record } = await activeBundle(network);
    const idle = network.orchestrators.filter(({ nodeId }) => !assignment.orchestrators.includes(nodeId));
    const undrawn = network.witnesses.filter((node) => !drawnBy(record).includes(node));
    const party = await newTestNode(network.ledger, { nodeId: 'other', role: 'party', mspId: 'Org1MSP' });
    await register(network.ledger, party);
    await revoke(bundleId, 'all');
    const strangers = [...idle, ...undrawn, party];
    expect(new Set(strangers.map(({ role }) => role)).size).toBe(3);
    for (const node of strangers) expect(await codeOf(node, all(bundleId))).toBe('FORBIDDEN');
    const { initiator, provider } = network;
    for (const node of [initiator, provider, leadOf(network, assignment), ...drawnBy(record)])
      expect(await codeOf(node, all(bundleId))).toBeUndefined();
  });

  it('is for every drawn witness, of whichever stream has ended', async () => {
    const { bundleId, record } = await activeBundle(network);
    await revoke(bundleId, [1]);
    expect(drawnBy(record)).toHaveLength(3);
    for (const node of drawnBy(record)) {
      expect(await codeOf(node, { ...all(bundleId), streams: [0] })).toBe('BAD_STATE');
      expect(await codeOf(node, { ...all(bundleId), streams: [1] })).toBeUndefined();
    }
  });

  it('is for every witness where nothing was dealt, or somebody was replaced', async () => {
    const { ledger, initiator, witnesses } = network;
    const undealt = await acceptedBundle(network);
    const { bundleId, bundle, assignment } = await acceptedBundle(network);
    ledger.advance(LIMITS.replacedAfterMs);
    const over = { bundleId, fence: 0 };
    const replaced = succeeded(
      await ledger.submit(initiator.identity, TRANSACTIONS.reassignOrchestrators, over),
    );
    const next = payloadOf(replaced, 'OrchestratorsReassigned').assignment;
    const dealings = newRecordDealings(network, bundle, next);
    const dealer = leadOf(network, next);
    succeeded(await ledger.submit(dealer.identity, TRANSACTIONS.recordDealings, dealings));
    for (const ended of [undealt.bundleId, bundleId]) {
      await revoke(ended, 'all');
      for (const node of witnesses) expect(await codeOf(node, all(ended))).toBeUndefined();
    }
    const gone = assignment.orchestrators.find((nodeId) => !next.orchestrators.includes(nodeId));
    const before = network.orchestrators.find(({ nodeId }) => nodeId === gone);
    expect(await codeOf(before!, all(bundleId))).toBeUndefined();
  });

  it('refuses an epoch that was not dealt, and a bundle twice in a batch', async () => {
    const active = await activeBundle(network);
    const undealt = await acceptedBundle(network);
    for (const { bundleId } of [active, undealt]) {
      await revoke(bundleId, 'all');
      for (const epoch of [2, 999])
        expect(await codeOf(network.initiator, { ...all(bundleId), epoch })).toBe('BAD_STATE');
      for (const streams of ['all', [1]] satisfies Destruction['streams'][])
        expect(await codeOf(network.initiator, all(bundleId), { ...all(bundleId), streams })).toBe(
          'INVALID_ARGUMENT',
        );
    }
    expect(await codeOf(network.initiator, all(active.bundleId), all(undealt.bundleId))).toBeUndefined();
  });

  it('refuses what has not ended or does not exist', async () => {
    const { initiator } = network;
    for (const bundleIn of [acceptedBundle, activeBundle]) {
      const { bundleId } = await bundleIn(network);
      const argument = newAttestation(initiator, [{ bundleId, epoch: 1, streams: 'all' }]);
      expect((await attest(initiator, argument)).error?.code).toBe('BAD_STATE');
    }
    const unknown = newAttestation(initiator, [{ bundleId: randomUUID(), epoch: 1, streams: 'all' }]);
    expect((await attest(initiator, unknown)).error?.code).toBe('NOT_FOUND');
    const { bundleId } = await activeBundle(network);
    await revoke(bundleId, 'all');
    const beyond = newAttestation(initiator, [{ bundleId, epoch: 1, streams: [2] }]);
    expect((await attest(initiator, beyond)).error?.code).toBe('NOT_FOUND');
  });

  it('refuses a signature over anything else, and whoever takes no part', async () => {
    const [witness, other] = network.witnesses;
    const { bundleId } = await activeBundle(network);
    await revoke(bundleId, 'all');
    const destructions: Destruction[] = [{ bundleId, epoch: 1, streams: 'all' }];
    const sound = signedAttestation(witness!, destructions);
    for (const argument of [
      signedAttestation(witness!, destructions, { channel: 'another' }),
      signedAttestation(witness!, destructions, { nodeId: 'witness-1' }),
      { ...sound, destructions: [{ bundleId, epoch: 2, streams: 'all' as const }] },
      { ...sound, signature: signedAttestation(other!, destructions).signature },
    ])
      for (const by of [witness!, other!])
        expect((await attest(by, { attestations: [argument] })).error?.code).toBe('BAD_SIGNATURE');
    const unknown = await newTestNode(network.ledger, {
      nodeId: 'unknown',
      role: 'party',
      mspId: 'Org1MSP',
    });
    expect((await attest(unknown, { attestations: [sound] })).error?.code).toBe('FORBIDDEN');
  });
});
