import { LIMITS, type RequestStreams } from '@eko/protocol';
import { TRANSACTIONS, policyHash, recomputeAssignment } from '@eko/protocol/ledger';
import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import { hashText } from '@eko/protocol/crypto';
import { randomUUID } from 'node:crypto';
import { CHANNEL } from '../../../support/contracts/eko-ledger';
import {
  newTestNetwork,
  plainOffer,
  register,
  standingOffer,
  streamRequest,
  type TestNetwork,
} from '../../../support/contracts/test-network';
import { newTestNode } from '../../../support/contracts/test-node';
import { payloadOf, requestBundle, succeeded, writesOf } from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeEach(async () => {
  network = await newTestNetwork();
});

const fresh = (change: Parameters<typeof streamRequest>[0] = {}): RequestStreams =>
  streamRequest({ bundleId: randomUUID(), ...change });
const submit = (request: object) =>
  network.ledger.submit(network.initiator.identity, TRANSACTIONS.requestStreams, request);
const witnesses = (change: object) => ({
  policy: { witnesses: { ...streamRequest().policy.witnesses, ...change } },
});

describe('RequestStreams', () => {
  it('writes the bundle, with the key by which its provider consents, and assigns nobody', async () => {
    const request = fresh();
    const { bundleId, policy, requests, slot } = request;
    const outcome = succeeded(await submit(request));
    const bundle = {
      bundleId,
      initiator: 'initiator',
      initiatorMsp: 'Org1MSP',
      providerMsp: 'Org2MSP',
      policy,
      policyHash: policyHash(policy),
      requests,
      requestHash: hashText(utf8Encode(encodeCanonicalJson({ bundleId, policy, requests }))),
      requestTxId: outcome.txId,
      requestedAtUnixMs: network.ledger.nowUnixMs,
      notAfterUnixMs: network.ledger.nowUnixMs + 600_000,
      rosterVersion: 4,
      orchestratorRosterVersion: 3,
      providerVrf: network.provider.registration.keys.vrf?.publicKey,
    };
    expect(writesOf(outcome)).toEqual({
      [`bundle/${bundleId}`]: bundle,
      [`open/provider/Org1MSP/${String(slot)}`]: {
        bundleId,
        untilUnixMs: network.ledger.nowUnixMs + 600_000 + LIMITS.clockSkewMs,
      },
    });
    expect(payloadOf(outcome, 'StreamsRequested')).toEqual({ bundle });
    expect(JSON.parse(outcome.result)).toEqual({ bundle });
    expect(outcome.ranges).toEqual([]);
  });

  it('answers a repeated request with the first one, without a write or an event', async () => {
    const request = fresh();
    const first = succeeded(await submit(request));
    network.ledger.advance(1000);
    const repeated = succeeded(await submit(request));
    expect(repeated.result).toBe(first.result);
    expect(repeated.writes).toEqual([]);
    expect(repeated.event).toBeUndefined();
  });

  it('refuses the same bundle with another body or from another initiator', async () => {
    const request = fresh();
    succeeded(await submit(request));
    const longer = { ...request, policy: { ...request.policy, durationSeconds: 601 } };
    expect((await submit(longer)).error?.code).toBe('IDEMPOTENCY_MISMATCH');
    const mirrored = { ...request, policy: { ...request.policy, provider: 'initiator' } };
    const byProvider = await network.ledger.submit(
      network.provider.identity,
      TRANSACTIONS.requestStreams,
      mirrored,
    );
    expect(byProvider.error?.code).toBe('ALREADY_EXISTS');
  });

  it('never answers a party with the bundle of another, though it sends the same body', async () => {
    const request = fresh();
    succeeded(await submit(request));
    const copier = await newTestNode(network.ledger, { nodeId: 'copier', role: 'party', mspId: 'Org3MSP' });
    await register(network.ledger, copier);
    const copied = await network.ledger.submit(copier.identity, TRANSACTIONS.requestStreams, request);
    expect(copied.error?.code).toBe('ALREADY_EXISTS');
    expect(copied.result).toBe('');
  });

  it('lets one of two concurrent requests of a bundle win', async () => {
    const request = fresh();
    const { identity } = network.initiator;
    const first = await network.ledger.prepare(identity, TRANSACTIONS.requestStreams, request);
    const second = await network.ledger.prepare(identity, TRANSACTIONS.requestStreams, request);
    expect([first.commit().commitCode, second.commit().commitCode]).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });

  it('refuses parties that cannot be', async () => {
    const retired = await newTestNode(network.ledger, { nodeId: 'retired', role: 'party', mspId: 'Org3MSP' });
    await register(network.ledger, retired);
    succeeded(await network.ledger.submit(retired.identity, TRANSACTIONS.retireNode, { nodeId: 'retired' }));
    const unable = await newTestNode(network.ledger, { nodeId: 'unable', role: 'party', mspId: 'Org3MSP' });
    const { tls, kem, sign } = unable.registration.keys;
    await register(network.ledger, {
      ...unable,
      registration: { ...unable.registration, keys: { tls, kem, sign } },
    });
    for (const [provider, text] of [
      ['initiator', 'cannot be its own provider'],
      ['nobody', 'no node nobody is registered'],
      ['witness-0', 'witness-0 has the role of witness'],
      ['retired', 'retired is retired'],
      ['unable', 'unable has registered no vrf key'],
    ] as const) {
      const { error } = await submit(fresh({ policy: { provider } }));
      expect(error).toMatchObject({
        code: 'INVALID_PARTY',
        message: expect.stringContaining(text) as string,
      });
    }
    const stranger = await network.ledger.identity({ mspId: 'Org1MSP', name: 'stranger' });
    for (const identity of [retired.identity, network.witnesses[0]!.identity, stranger]) {
      const outcome = await network.ledger.submit(identity, TRANSACTIONS.requestStreams, fresh());
      expect(outcome.error?.code).toBe('FORBIDDEN');
    }
  });

  it('refuses durations out of range, and says the range', async () => {
    const { durationSecondsMin: min, durationSecondsMax: max } = LIMITS;
    for (const durationSeconds of [0, -5, min - 1, max + 1, 253_402_300_800]) {
      const { error } = await submit(fresh({ policy: { durationSeconds } }));
      expect(error?.code).toBe('EXPIRY_OUT_OF_RANGE');
      expect(error?.message).toContain(`${min} to ${max}`);
    }
    for (const durationSeconds of [min, max]) succeeded(await submit(fresh({ policy: { durationSeconds } })));
  });

  it('refuses a policy that no draw can satisfy, naming the filter', async () => {
    const cases: readonly [object, string][] = [
      [witnesses({ quorum: 4 }), 'quorum 4'],
      [witnesses({ count: 2, quorum: 2, witnessesCanVerify: true }), 'quorum 2'],
      [witnesses({ count: 5 }), 'roster'],
      [witnesses({ zones: ['zone-0'] }), 'zones'],
      [witnesses({ tags: ['tested', 'rare'] }), 'tags'],
      [witnesses({ count: 4, maxPerOrg: 1 }), 'maxPerOrg'],
      [{ policy: { dealers: 4 } }, 'orchestrators'],
    ];
    for (const [change, filter] of cases) {
      const { error } = await submit(fresh(change));
      expect(error?.code).toBe('POLICY_UNSATISFIABLE');
      expect(error?.message).toContain(filter);
    }
    succeeded(await submit(fresh(witnesses({ count: 2, quorum: 1, zones: ['zone-0'], tags: ['tested'] }))));
  });

  it('refuses what looks like a secret anywhere in the metadata, without repeating it', async () => {
    const hex = 'c0ffee'.repeat(8);
    const [request] = streamRequest().requests;
    const shapes: readonly [object, string][] = [
      [{ requests: [{ ...request, dataType: hex }] }, 'requests.0.dataType'],
      [
        { requests: [request, { ...request, permissions: ['read', `app:${hex}`] }] },
        'requests.1.permissions.1',
      ],
      [{ requests: [{ ...request, labels: { note: `see ${hex}` } }] }, 'requests.0.labels'],
      [{ requests: [{ ...request, labels: { password: 'hunter2 and more' } }] }, 'requests.0.labels'],
      [{ requests: [{ ...request, labels: { note: '-----BEGIN PRIVATE KEY-----' } }] }, 'requests.0.labels'],
      [
        { requests: [{ ...request, labels: { note: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln' } }] },
        'requests.0.labels',
      ],
      [witnesses({ zones: [hex] }), 'policy.witnesses.zones.0'],
      [witnesses({ tags: [hex] }), 'policy.witnesses.tags.0'],
    ];
    for (const [change, field] of shapes) {
      const { error } = await submit(fresh(change));
      expect(error?.code).toBe('SECRET_IN_METADATA');
      expect(error?.message).toContain(field);
      expect(error?.message).not.toMatch(/c0ffee|hunter2|PRIVATE|eyJ/);
    }
  });

  it('cannot be longer than its limit, as its schema bounds every field', async () => {
    const words = (characters: number, n: number) =>
      `${n} ${'x '.repeat(characters)}`.slice(0, characters - 1) + 'x';
    const largest = {
      dataType: words(LIMITS.textCharacters, 0),
      permissions: Array.from({ length: LIMITS.permissions }, (_, n) =>
        `app:${n}.`.padEnd(LIMITS.textCharacters, '.'),
      ),
      labels: Object.fromEntries(
        // A quotation mark takes two bytes in JSON.
        Array.from({ length: LIMITS.labels }, (_, n) => [
          `${n}${'-x'.repeat(15)}.`,
          '"'.repeat(LIMITS.noteCharacters),
        ]),
      ),
    };
    expect(encodeCanonicalJson(largest).length).toBeGreaterThan(LIMITS.requestBytes / 2);
    expect(encodeCanonicalJson(largest).length).toBeLessThan(LIMITS.requestBytes);
    succeeded(await submit(fresh({ requests: [largest] })));
    const longer = { ...largest, dataType: `${largest.dataType}x` };
    expect((await submit(fresh({ requests: [longer] }))).error?.code).toBe('INVALID_ARGUMENT');
  });

  it('is at most 256 KiB as a whole', async () => {
    const note = 'x '.repeat(LIMITS.noteCharacters / 2);
    const labels = Object.fromEntries(Array.from({ length: LIMITS.labels }, (_, n) => [`note-${n}`, note]));
    const requests = (count: number) =>
      Array.from({ length: count }, () => ({ ...streamRequest().requests[0]!, labels }));
    const sizeOf = (count: number) => {
      const { bundleId, policy } = fresh();
      return encodeCanonicalJson({ bundleId, policy, requests: requests(count) }).length;
    };
    const most = Math.floor((LIMITS.requestsPerBundle * LIMITS.wholeRequestBytes) / sizeOf(200));
    const fitting = most - (sizeOf(most) > LIMITS.wholeRequestBytes ? 1 : 0);
    succeeded(await submit(fresh({ requests: requests(fitting) })));
    expect((await submit(fresh({ requests: requests(fitting + 1) }))).error?.code).toBe('TOO_LARGE');
  });

  it('takes 200 streams in one bundle', async () => {
    const [request] = streamRequest().requests;
    const requests = Array.from({ length: LIMITS.requestsPerBundle }, () => request!);
    succeeded(await submit(fresh({ requests })));
    expect((await submit(fresh({ requests: [...requests, request!] }))).error?.code).toBe('INVALID_ARGUMENT');
  });
});

describe('standing offers', () => {
  it('consent to a request that they cover in full, and to no other', async () => {
    const { ledger, provider } = network;
    const { nodeId, identity } = provider;
    succeeded(await ledger.submit(identity, TRANSACTIONS.publishOffer, { nodeId, offer: standingOffer() }));
    const request = fresh();
    const covered = succeeded(await submit(request));
    const { bundle, assignment } = payloadOf(covered, 'StreamsRequested');
    expect([bundle.offerId, bundle.providerVrf]).toEqual(['standing', undefined]);
    expect(assignment).toEqual({
      bundleId: bundle.bundleId,
      ...recomputeAssignment({
        channel: CHANNEL,
        bundle,
        acceptance: undefined,
        candidates: network.orchestrators,
        earlier: [],
      }),
      txId: covered.txId,
      atUnixMs: ledger.nowUnixMs,
    });
    expect(writesOf(covered)).toEqual({
      [`bundle/${bundle.bundleId}`]: bundle,
      [`assignment/${bundle.bundleId}/0`]: assignment,
    });
    const repeated = succeeded(await submit(request));
    expect([repeated.result, repeated.writes, repeated.event]).toEqual([covered.result, [], undefined]);
    expect((await requestBundle(network, witnesses({ tags: ['tested'] }))).bundle.offerId).toBeUndefined();
    const stranger = await newTestNode(ledger, { nodeId: 'stranger', role: 'party', mspId: 'Org3MSP' });
    await register(ledger, stranger);
    const foreign = await ledger.submit(stranger.identity, TRANSACTIONS.requestStreams, fresh());
    expect(payloadOf(succeeded(foreign), 'StreamsRequested').bundle.offerId).toBeUndefined();
  });

  it('let nobody have its own three of twelve witnesses drawn', async () => {
    const twelve = await newTestNetwork({ witnesses: 9 });
    const { ledger, provider } = twelve;
    for (const n of [1, 2, 3]) {
      const place = { mspId: 'Org1MSP', zone: 'mine', tags: ['mine'] };
      await register(ledger, await newTestNode(ledger, { nodeId: `mine-${n}`, role: 'witness', ...place }));
    }
    const { nodeId, identity } = provider;
    const offer = plainOffer();
    succeeded(await ledger.submit(identity, TRANSACTIONS.publishOffer, { nodeId, offer }));
    const own = [
      { tags: ['mine'] },
      { zones: ['mine'] },
      { tags: ['mine'], maxPerOrg: 3 },
      { maxPerOrg: 3 },
      { maxPerOrg: 2 },
      { excludePartyMsps: true },
      { tags: ['mine'], maxPerOrg: 1, count: 1, quorum: 1 },
    ];
    for (const change of own) {
      const asked = witnesses({ maxPerOrg: 1, ...change });
      const outcome = await ledger.submit(
        twelve.initiator.identity,
        TRANSACTIONS.requestStreams,
        fresh(asked),
      );
      if (outcome.error !== undefined) expect(outcome.error.code).toBe('POLICY_UNSATISFIABLE');
      else expect(payloadOf(outcome, 'StreamsRequested').bundle.offerId).toBeUndefined();
    }
    const honest = await requestBundle(twelve, witnesses({ maxPerOrg: 1 }));
    expect(honest.bundle.offerId).toBe('plain');
  });
});
