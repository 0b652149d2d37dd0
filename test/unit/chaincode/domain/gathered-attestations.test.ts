import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, type Attestation, type Destruction } from '@eko/protocol/ledger';
import { randomUUID } from 'node:crypto';
import { EMPTY_LOG, signedAttestation } from '../../../support/contracts/test-attestations';
import { RegistryDriver } from '../../../support/contracts/registry-driver';
import { newTestNetwork, type TestNetwork } from '../../../support/contracts/test-network';
import { newHeldKeys, registrationKeys, type TestNode } from '../../../support/contracts/test-node';
import {
  activeBundle,
  leadOf,
  payloadOf,
  succeeded,
  writesOf,
} from '../../../support/contracts/test-streams';
import { hash } from '../../../support/data/ledger-facts';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork();
});

const revoke = async (bundleId: string, streams: 'all' | number[]) =>
  succeeded(
    await network.ledger.submit(network.initiator.identity, TRANSACTIONS.revokeStream, { bundleId, streams }),
  );

describe('attestations of many nodes in one transaction', () => {
  const submit = (by: TestNode, attestations: Attestation[]) =>
    network.ledger.submit(by.identity, TRANSACTIONS.attestDestruction, { attestations });
  const holdersOf = async () => {
    const { bundleId, assignment, record } = await activeBundle(network);
    await revoke(bundleId, 'all');
    const witness = network.witnesses.find(({ nodeId }) => record.selection.witnesses.includes(nodeId));
    const destructions: Destruction[] = [{ bundleId, epoch: 1, streams: 'all' }];
    const stranger = network.orchestrators.find(({ nodeId }) => !assignment.orchestrators.includes(nodeId));
    return { lead: leadOf(network, assignment), witness: witness!, stranger: stranger!, destructions };
  };

  it('are recorded together under who submits them, who reads and writes no key of theirs but their nodes’', async () => {
    const { lead, witness, destructions } = await holdersOf();
    const other = await holdersOf();
    const attestations = [
      signedAttestation(network.initiator, [...destructions, ...other.destructions]),
      signedAttestation(witness, destructions, { receipts: { number: 3, hash: hash('n') } }),
      signedAttestation(witness, destructions, { receipts: { number: 1, hash: hash('m') } }),
      signedAttestation(lead, destructions),
    ];
    const outcome = succeeded(await submit(lead, attestations));
    const { txId } = outcome;
    const record = { attestations, by: lead.nodeId, txId, atUnixMs: network.ledger.nowUnixMs };
    expect(writesOf(outcome)).toEqual({ [`attestation/${txId}`]: record });
    expect(payloadOf(outcome, 'DestructionAttested')).toEqual({ record });
    expect(outcome.reads.filter((key) => key.startsWith('heartbeat/'))).toEqual([]);
    // Again, and by another node: it says the same.
    succeeded(await submit(network.provider, attestations));
  });

  it('hold or not each for itself: one that does not is named, and left out', async () => {
    const { lead, witness, stranger, destructions } = await holdersOf();
    const living = await activeBundle(network);
    const sound = [
      signedAttestation(network.initiator, destructions),
      signedAttestation(witness, destructions),
    ];
    const { nodeId, signature } = signedAttestation(witness, destructions);
    const silent = { nodeId, destructions, signature };
    const attestations = [
      signedAttestation(network.provider, [{ bundleId: living.bundleId, epoch: 1, streams: 'all' }]),
      sound[0]!,
      { ...signedAttestation(network.provider, destructions), signature: sound[0]!.signature },
      signedAttestation(network.provider, [...destructions, ...destructions]),
      silent,
      { ...signedAttestation(network.provider, destructions), nodeId: 'nobody' },
      sound[1]!,
      signedAttestation(stranger, destructions),
    ];
    const outcome = succeeded(await submit(lead, attestations));
    expect(payloadOf(outcome, 'DestructionAttested').record.attestations).toEqual(sound);
    expect(JSON.parse(outcome.result)).toEqual({
      skipped: [
        { nodeId: 'provider', code: 'BAD_STATE' },
        { nodeId: 'provider', code: 'BAD_SIGNATURE' },
        { nodeId: 'provider', code: 'INVALID_ARGUMENT' },
        { nodeId: witness.nodeId, code: 'BAD_SIGNATURE' },
        { nodeId: 'nobody', code: 'NOT_FOUND' },
        { nodeId: stranger.nodeId, code: 'FORBIDDEN' },
      ],
    });
  });

  it('are recorded once where they say the same: the second is named, and left out', async () => {
    const { lead, destructions } = await holdersOf();
    const [one, other] = [network.initiator, network.provider].map((node) =>
      signedAttestation(node, destructions),
    );
    const outcome = succeeded(await submit(lead, [one!, one!, other!, one!]));
    expect(payloadOf(outcome, 'DestructionAttested').record.attestations).toEqual([one, other]);
    const skipped = { nodeId: network.initiator.nodeId, code: 'INVALID_ARGUMENT' };
    expect(JSON.parse(outcome.result)).toEqual({ skipped: [skipped, skipped] });
  });

  it('are those of a node by the key that it has now', async () => {
    const network = await newTestNetwork();
    const { ledger, provider, initiator } = network;
    const { bundleId } = await activeBundle(network);
    const revoked = { bundleId, streams: 'all' };
    succeeded(await ledger.submit(provider.identity, TRANSACTIONS.revokeStream, revoked));
    const destructions: Destruction[] = [{ bundleId, epoch: 1, streams: 'all' }];
    const before = signedAttestation(provider, destructions);
    const held = await newHeldKeys(provider.nodeId, provider.role);
    const keys = registrationKeys(provider.nodeId, provider.identity, held);
    succeeded(await new RegistryDriver(ledger).update(provider, { keys }));
    const rotated = { ...provider, seeds: held.seeds };
    const attestations = [
      before,
      signedAttestation(initiator, destructions),
      signedAttestation(rotated, destructions),
    ];
    const outcome = succeeded(
      await ledger.submit(initiator.identity, TRANSACTIONS.attestDestruction, { attestations }),
    );
    expect(JSON.parse(outcome.result)).toEqual({ skipped: [{ nodeId: 'provider', code: 'BAD_SIGNATURE' }] });
  });

  it('are bounded in number, and so is what they name', async () => {
    const { lead, destructions } = await holdersOf();
    const one = signedAttestation(network.initiator, destructions);
    const many = Array.from({ length: LIMITS.attestationsPerTransaction + 1 }, () => one);
    expect((await submit(lead, many)).error?.code).toBe('INVALID_ARGUMENT');
    const wide = signedAttestation(
      network.initiator,
      Array.from({ length: LIMITS.destructionsPerAttestation }, () => ({
        ...destructions[0]!,
        bundleId: randomUUID(),
      })),
    );
    expect((await submit(lead, [wide, wide, wide])).error?.message).toContain('1024');
  });
});

describe('the receipts of a witness that attests', () => {
  it('are named under its signature, and never behind what it has named before', async () => {
    const network = await newTestNetwork();
    const { ledger, witnesses } = network;
    const { bundleId, record } = await activeBundle(network);
    succeeded(
      await ledger.submit(network.provider.identity, TRANSACTIONS.revokeStream, { bundleId, streams: 'all' }),
    );
    const witness = witnesses.find(({ nodeId }) => record.selection.witnesses.includes(nodeId));
    const at = (number: number): Attestation =>
      signedAttestation(witness!, [{ bundleId, epoch: 1, streams: 'all' }], {
        receipts: { number, hash: hash('n') },
      });
    const attest = (...attestations: Attestation[]) =>
      ledger.submit(witness!.identity, TRANSACTIONS.attestDestruction, { attestations });
    const relabelled = { ...at(1), receipts: { number: 9, hash: hash('n') } };
    expect((await attest(relabelled)).error?.code).toBe('BAD_SIGNATURE');
    const outcome = succeeded(await attest(at(2)));
    expect(payloadOf(outcome, 'DestructionAttested').record.attestations).toEqual([at(2)]);
    expect(writesOf(outcome)[`heartbeat/${witness!.nodeId}`]).toMatchObject({ receipts: at(2).receipts });
    expect((await attest(at(1))).error?.code).toBe('RECEIPTS_LOST');
    const twice = succeeded(await attest(at(3), at(4)));
    expect(JSON.parse(twice.result)).toEqual({
      skipped: [{ nodeId: witness!.nodeId, code: 'INVALID_ARGUMENT' }],
    });
    // What another submits of it is held against nothing: it may be older, and come later.
    const { identity } = network.provider;
    const late = { attestations: [at(1)] };
    succeeded(await ledger.submit(identity, TRANSACTIONS.attestDestruction, late));
    const beat = { nodeId: witness!.nodeId, receipts: EMPTY_LOG };
    const started = await ledger.submit(witness!.identity, TRANSACTIONS.heartbeat, beat);
    expect(started.error?.code).toBe('RECEIPTS_LOST');
  });
});
