import { LIMITS } from '@eko/protocol';
import {
  LABELS,
  abandonmentStatement,
  dealingStatement,
  verifyRecordSignature,
  type SignatureLabel,
} from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { type DealRequest, type EnvelopeDelivery } from '@eko/protocol/rest';
import { ed25519 } from '@noble/curves/ed25519';
import { acceptedOr, rejectionOf } from '../../../support/coded-error';
import { dealingsRecord } from '../../../support/data/ledger-facts';
import {
  CHANNEL,
  DEALER_SEED,
  DealerHarness,
  WITNESSES,
  acceptedBundle,
} from '../../../support/simulated/dealer-harness';

const LEAD = 'orchestrator-a';
const NEVER = new AbortController().signal;
const SIGN_KEY = encodeBase64Url(ed25519.getPublicKey(DEALER_SEED));

/** Whether the dealer signed this record under this label. */
const isSigned = (label: SignatureLabel, record: unknown, signature: string): boolean =>
  acceptedOr(() => {
    verifyRecordSignature(label, record, signature, SIGN_KEY);
    return true;
  }) ?? false;

/** Under which of its two labels the dealer signed a delivery. */
function labelsOf(harness: DealerHarness, delivery: EnvelopeDelivery): readonly SignatureLabel[] {
  const { bundle } = harness.state;
  const statement = dealingStatement({ channel: CHANNEL, bundle, ...delivery });
  return [LABELS.deliverySignature, LABELS.dealingSignature].filter((label) =>
    isSigned(label, statement, delivery.signature),
  );
}

describe('a dealer', () => {
  it('stores a dealing durably before the first envelope leaves', async () => {
    const harness = await DealerHarness.open();
    const stored: number[] = [];
    harness.courier.onAttempt = async () => {
      stored.push((await harness.outbox.list()).length);
    };
    const { dealing } = await harness.dealer().deal(LEAD, harness.request(), NEVER);
    expect(stored).toEqual([1, 1, 1]);
    expect(harness.book.get(harness.state.bundle.bundleId)?.outbox).toEqual([dealing.dealingId]);
  });

  it('has its bundle on the disk before it signs, or the next run would destroy the envelopes', async () => {
    const harness = await DealerHarness.open();
    await harness.dealer().deal(LEAD, harness.request(), NEVER);
    const { bundles } = await harness.stored.load();
    expect(bundles.map(({ bundle }) => bundle.bundleId)).toEqual([harness.state.bundle.bundleId]);
  });

  it('sends nothing when its store is full', async () => {
    const harness = await DealerHarness.open();
    harness.store.isFull = true;
    const error = await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER));
    expect(error.code).toBe('STORE_FULL');
    expect(harness.courier.attempts).toEqual([]);
  });

  it('answers once a quorum has it, and keeps what the parties collect', async () => {
    const harness = await DealerHarness.open();
    harness.courier.answer('witness-c', 'silent');
    const dealer = harness.dealer();
    const { dealing } = await dealer.deal(LEAD, harness.request(), NEVER);
    dealer.stop();
    expect([...harness.courier.holdersOf(dealing.dealingId)].sort()).toEqual(['witness-a', 'witness-b']);
    const key = { bundleId: harness.state.bundle.bundleId, dealingId: dealing.dealingId };
    expect(await harness.outbox.waiting(key)).toEqual(['initiator', 'provider', 'witness-c']);
  });

  it('tries a witness again that has not seen the bundle yet', async () => {
    const harness = await DealerHarness.open();
    harness.courier.answer('witness-b', 'NOT_FOUND').answer('witness-c', 'ENVELOPE_INVALID');
    harness.courier.onAttempt = (holder) => {
      if (harness.courier.attempts.filter((tried) => tried === holder).length > 2)
        harness.courier.answer(holder);
    };
    const { dealing } = await harness.dealer().deal(LEAD, harness.request(), NEVER);
    expect([...harness.courier.holdersOf(dealing.dealingId)].sort()).toEqual(['witness-a', 'witness-b']);
    expect(harness.courier.attempts.filter((tried) => tried === 'witness-c')).toHaveLength(1);
  });

  it('names the silent when the quorum is out of reach, and destroys what it had dealt', async () => {
    const harness = await DealerHarness.open();
    harness.courier.answer('witness-b', 'FORBIDDEN').answer('witness-c', 'BAD_SHARE');
    const error = await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER));
    expect(error).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      // And the first, where the draw has it last: nobody waits for what is of no use any more.
      details: { silent: expect.arrayContaining(['witness-b', 'witness-c']) as string[] },
    });
    expect(await harness.outbox.list()).toEqual([]);
    expect(harness.book.get(harness.state.bundle.bundleId)?.outbox).toEqual([]);
  });

  it('gives up on witnesses that do not answer in time', async () => {
    const harness = await DealerHarness.open();
    for (const witness of WITNESSES) harness.courier.answer(witness, 'silent');
    const error = await rejectionOf(harness.dealer({ deliveryMs: 20 }).deal(LEAD, harness.request(), NEVER));
    expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE', details: { silent: WITNESSES } });
  });

  it('lets a lead that asks again join the dealing under way, and have the complete one again', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    const [one, other] = await Promise.all([
      dealer.deal(LEAD, harness.request(), NEVER),
      dealer.deal(LEAD, harness.request(), NEVER),
    ]);
    const again = await dealer.deal(LEAD, harness.request(), NEVER);
    expect(new Set([one, other, again].map(({ dealing }) => dealing.dealingId)).size).toBe(1);
    expect(await harness.outbox.list()).toHaveLength(1);
  });

  it('deals anew after a failure: no half-dealt key is ever completed', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    harness.courier.answer('witness-b', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    const seen: string[] = [];
    harness.courier.onAttempt = async () => {
      for (const { dealingId } of await harness.outbox.list()) seen.push(dealingId);
    };
    await rejectionOf(dealer.deal(LEAD, harness.request(), NEVER));
    harness.courier.answer('witness-b').answer('witness-c');
    const failed = [...seen];
    const { dealing } = await dealer.deal(LEAD, harness.request(), NEVER);
    expect(failed).not.toContain(dealing.dealingId);
  });

  it('tells the witnesses with the next dealing what it has abandoned, the newest of it', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    const failed: string[] = [];
    harness.courier.answer('witness-b', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    harness.courier.onAttempt = async () => {
      for (const { dealingId } of await harness.outbox.list())
        if (!failed.includes(dealingId)) failed.push(dealingId);
    };
    for (let attempt = 0; attempt < LIMITS.abandonedDealings + 1; attempt += 1)
      await rejectionOf(dealer.deal(LEAD, harness.request(), NEVER));
    const given = [...failed];
    harness.courier.answer('witness-b').answer('witness-c');
    await dealer.deal(LEAD, harness.request(), NEVER);
    const last = harness.courier.delivered.at(-1)?.delivery.abandoned ?? [];
    expect(given).toHaveLength(LIMITS.abandonedDealings + 1);
    expect(last.map(({ dealingId }) => dealingId)).toEqual(given.slice(1));
    const { bundleId, requestTxId } = harness.state.bundle;
    for (const { dealingId, signature } of last) {
      const place = { channel: CHANNEL, bundleId, epoch: 1, fence: 0, requestTxId };
      const statement = abandonmentStatement({ ...place, dealer: 'orchestrator-b', dealingId });
      expect(isSigned(LABELS.abandonmentSignature, statement, signature)).toBe(true);
    }
  });

  it('signs for the ledger only what is complete: no delivery can be recorded', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    harness.courier.answer('witness-b', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    await rejectionOf(dealer.deal(LEAD, harness.request(), NEVER));
    harness.courier.answer('witness-b').answer('witness-c');
    const { dealing, holders, epoch, fence } = await dealer.deal(LEAD, harness.request(), NEVER);
    const { bundle } = harness.state;
    const { bundleId } = bundle;
    const stored = await harness.outbox.delivery({ bundleId, dealingId: dealing.dealingId }, 'provider');
    if (stored === undefined) throw new Error('the envelope of a party waits for it');
    const seen = [...harness.courier.delivered.map(({ delivery }) => delivery), stored];
    expect(seen.length).toBeGreaterThan(WITNESSES.length);
    for (const delivery of seen) expect(labelsOf(harness, delivery)).toEqual([LABELS.deliverySignature]);
    const statement = dealingStatement({ channel: CHANNEL, bundle, epoch, fence, holders, dealing });
    expect(isSigned(LABELS.dealingSignature, statement, dealing.signature)).toBe(true);
  });

  it('never gives up what it has signed for the ledger, whatever fails later', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    const { dealing } = await dealer.deal(LEAD, harness.request(), NEVER);
    // Another draw is dealt anew, and fails; then again, and is stored.
    harness.registry.nodes.delete('witness-c');
    harness.registry.add('witness-d', 'witness');
    harness.courier.answer('witness-b', 'FORBIDDEN').answer('witness-d', 'FORBIDDEN');
    await rejectionOf(dealer.deal(LEAD, harness.request(), NEVER));
    harness.courier.answer('witness-b').answer('witness-d');
    await dealer.deal(LEAD, harness.request(), NEVER);
    const named = harness.courier.delivered.at(-1)?.delivery.abandoned ?? [];
    expect(named).toHaveLength(1);
    expect(named.map(({ dealingId }) => dealingId)).not.toContain(dealing.dealingId);
  });

  it('names nothing of an earlier assignment: the witnesses have dropped it', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    harness.courier.answer('witness-b', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    await rejectionOf(dealer.deal(LEAD, harness.request(), NEVER));
    const { bundle, assignment } = harness.state;
    harness.book.set(bundle.bundleId, { ...harness.state, assignment: { ...assignment, fence: 1 } });
    harness.courier.answer('witness-b').answer('witness-c');
    await dealer.deal(LEAD, harness.request({ fence: 1 }), NEVER);
    expect(harness.courier.delivered.at(-1)?.delivery).not.toHaveProperty('abandoned');
  });

  it('has one dealing for an assignment, whoever leads', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    const first = await dealer.deal(LEAD, harness.request(), NEVER);
    const own = await dealer.deal('orchestrator-b', harness.request(), NEVER);
    expect(own.dealing).toEqual(first.dealing);
    expect(await harness.outbox.list()).toHaveLength(1);
    expect(harness.courier.delivered.at(-1)?.delivery).not.toHaveProperty('abandoned');
  });

  it('deals anew for another draw', async () => {
    const harness = await DealerHarness.open();
    const dealer = harness.dealer();
    const first = await dealer.deal(LEAD, harness.request(), NEVER);
    harness.registry.nodes.delete('witness-c');
    harness.registry.add('witness-d', 'witness');
    const later = await dealer.deal(LEAD, harness.request(), NEVER);
    expect(later.holders).toContain('witness-d');
    expect(later.dealing.dealingId).not.toBe(first.dealing.dealingId);
  });

  it('throws away a dealing whose bundle ends while it is written', async () => {
    const harness = await DealerHarness.open();
    const { bundleId } = harness.state.bundle;
    const put = harness.outbox.put.bind(harness.outbox);
    harness.outbox.put = async (...stored) => {
      await put(...stored);
      harness.book.set(bundleId, { ...harness.state, ended: 'all' });
    };
    const error = await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER));
    expect(error.code).toBe('STREAM_ENDED');
    expect(await harness.outbox.list()).toEqual([]);
    expect(harness.courier.attempts).toEqual([]);
  });

  it.each([
    ['when it has been dealt', 'BAD_STATE', { record: dealingsRecord() }],
    ['after its end', 'STREAM_ENDED', { ended: 'all' }],
  ] as const)('deals nothing %s', async (_, code, change) => {
    const harness = await DealerHarness.open(acceptedBundle(change));
    expect((await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER))).code).toBe(code);
  });

  it.each<readonly [string, string, string, Partial<DealRequest>]>([
    ['an unknown bundle', 'NOT_FOUND', LEAD, { bundleId: '00000000-0000-4000-8000-000000000000' }],
    ['another fence', 'FENCED', LEAD, { fence: 1 }],
    ['an orchestrator that is not assigned', 'FORBIDDEN', 'orchestrator-c', {}],
    ['a later epoch', 'BAD_STATE', LEAD, { epoch: 2 }],
    ['too few proofs', 'BAD_PROOF', LEAD, { proofs: [] }],
  ])('refuses %s', async (_, code, sender, change) => {
    const harness = await DealerHarness.open();
    const request = harness.request(change);
    expect((await rejectionOf(harness.dealer().deal(sender, request, NEVER))).code).toBe(code);
  });

  it('verifies every proof itself and names who made a bad one', async () => {
    const harness = await DealerHarness.open();
    const [own, other] = harness.request().proofs;
    const proofs = [own, { orchestrator: 'orchestrator-b', proof: own?.proof ?? '' }];
    const request = { ...harness.request(), proofs: proofs.flatMap((proof) => proof ?? []) };
    expect(other?.orchestrator).toBe('orchestrator-b');
    const error = await rejectionOf(harness.dealer().deal(LEAD, request, NEVER));
    expect(error).toMatchObject({ code: 'BAD_PROOF', details: { orchestrator: 'orchestrator-b' } });
  });

  it('counts no proof under a key that came after the request', async () => {
    const harness = await DealerHarness.open();
    harness.registry.roster = (role) =>
      Promise.resolve(
        [...harness.registry.nodes.values()]
          .filter((node) => node.role === role)
          .map(({ nodeId, mspId }) => ({ nodeId, mspId, since: nodeId === 'orchestrator-a' ? 2 : 1 })),
      );
    const error = await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER));
    expect(error).toMatchObject({ code: 'BAD_PROOF', details: { orchestrator: 'orchestrator-a' } });
  });

  it('counts no proof of an orchestrator that left the roster after the request', async () => {
    const harness = await DealerHarness.open();
    const roster = harness.registry.roster.bind(harness.registry);
    harness.registry.roster = async (role) =>
      (await roster(role)).map((entry) =>
        entry.nodeId === 'orchestrator-b' ? { ...entry, left: { version: 3, atUnixMs: 1 } } : entry,
      );
    const error = await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER));
    expect(error).toMatchObject({ code: 'BAD_PROOF', details: { orchestrator: 'orchestrator-b' } });
  });

  it('asks for the rosters as they were at the request', async () => {
    const harness = await DealerHarness.open();
    const roster = harness.registry.roster.bind(harness.registry);
    const asked = new Set<string>();
    harness.registry.roster = (role, version) => {
      asked.add(`${role} ${version}`);
      return roster(role);
    };
    const { bundle } = harness.state;
    await harness.dealer().deal(LEAD, harness.request(), NEVER);
    expect([...asked]).toEqual([
      `orchestrator ${bundle.orchestratorRosterVersion}`,
      `witness ${bundle.rosterVersion}`,
    ]);
  });

  it('does not deal after the time of the bundle', async () => {
    const harness = await DealerHarness.open();
    harness.nowUnixMs = harness.state.bundle.notAfterUnixMs;
    expect((await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER))).code).toBe('BAD_STATE');
  });
});
