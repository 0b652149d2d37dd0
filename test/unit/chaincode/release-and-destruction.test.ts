import { LABELS, TRANSACTIONS, signRecord, type AttestDestruction, type Destruction } from '@eko/protocol';
import { newEd25519Signer } from '@eko/protocol/node';
import { randomUUID } from 'node:crypto';
import { CHANNEL } from '../../support/chaincode/eko-ledger';
import { newTestNetwork, type TestNetwork } from '../../support/chaincode/test-network';
import type { TestNode } from '../../support/chaincode/test-node';
import {
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  succeeded,
  writesOf,
} from '../../support/chaincode/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork();
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
  const attestationOf = (
    node: TestNode,
    destructions: Destruction[],
    change: { readonly channel?: string; readonly nodeId?: string } = {},
  ): AttestDestruction => {
    const statement = { channel: CHANNEL, nodeId: node.nodeId, destructions, ...change };
    const sign = newEd25519Signer(node.seeds.sign);
    const signature = signRecord(LABELS.destructionSignature, statement, sign);
    return { nodeId: node.nodeId, destructions, signature };
  };
  const attest = (node: TestNode, argument: AttestDestruction) =>
    network.ledger.submit(node.identity, TRANSACTIONS.attestDestruction, argument);

  it('writes one record for a batch, under its own transaction ID', async () => {
    const [witness] = network.witnesses;
    const whole = await activeBundle(network);
    const single = await activeBundle(network);
    await revoke(whole.bundleId, 'all');
    await revoke(single.bundleId, [1]);
    const argument = attestationOf(witness!, [
      { bundleId: whole.bundleId, epoch: 1, streams: [0] },
      { bundleId: single.bundleId, epoch: 1, streams: [1] },
    ]);
    const outcome = succeeded(await attest(witness!, argument));
    const attestation = { ...argument, txId: outcome.txId, atUnixMs: network.ledger.nowUnixMs };
    expect(writesOf(outcome)).toEqual({ [`attestation/witness-0/${outcome.txId}`]: attestation });
    expect(payloadOf(outcome, 'DestructionAttested')).toEqual({ attestation });
  });

  it('takes a whole bundle whose streams have all ended one by one', async () => {
    const [witness] = network.witnesses;
    const { bundleId } = await activeBundle(network);
    const argument = attestationOf(witness!, [{ bundleId, epoch: 1, streams: 'all' }]);
    await revoke(bundleId, [0]);
    expect((await attest(witness!, argument)).error?.code).toBe('BAD_STATE');
    await revoke(bundleId, [1]);
    succeeded(await attest(witness!, argument));
  });

  it('refuses what has not ended or does not exist', async () => {
    const [witness] = network.witnesses;
    for (const bundleIn of [acceptedBundle, activeBundle]) {
      const { bundleId } = await bundleIn(network);
      const argument = attestationOf(witness!, [{ bundleId, epoch: 1, streams: 'all' }]);
      expect((await attest(witness!, argument)).error?.code).toBe('BAD_STATE');
    }
    const unknown = attestationOf(witness!, [{ bundleId: randomUUID(), epoch: 1, streams: 'all' }]);
    expect((await attest(witness!, unknown)).error?.code).toBe('NOT_FOUND');
    const { bundleId } = await activeBundle(network);
    await revoke(bundleId, 'all');
    const beyond = attestationOf(witness!, [{ bundleId, epoch: 1, streams: [2] }]);
    expect((await attest(witness!, beyond)).error?.code).toBe('NOT_FOUND');
  });

  it('refuses a signature over anything else, and another identity’s submission', async () => {
    const [witness, other] = network.witnesses;
    const { bundleId } = await activeBundle(network);
    await revoke(bundleId, 'all');
    const destructions: Destruction[] = [{ bundleId, epoch: 1, streams: 'all' }];
    const sound = attestationOf(witness!, destructions);
    for (const argument of [
      attestationOf(witness!, destructions, { channel: 'another' }),
      attestationOf(witness!, destructions, { nodeId: 'witness-1' }),
      { ...sound, destructions: [{ bundleId, epoch: 2, streams: 'all' as const }] },
      { ...sound, signature: attestationOf(other!, destructions).signature },
    ])
      expect((await attest(witness!, argument)).error?.code).toBe('BAD_SIGNATURE');
    expect((await attest(other!, sound)).error?.code).toBe('FORBIDDEN');
  });
});
