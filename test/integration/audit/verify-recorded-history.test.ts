import '@eko/embedded-ledger';
import { EVENTS, bundleTermsOf, type Attestation, type Destruction } from '@eko/protocol/ledger';
import { LABELS, signRecord } from '@eko/protocol/crypto';
import type { PlantedHistory } from '../../history/planted-history';
import { selectionOf, undrawnWitness } from './recorded-history';
import { OTHER_HASH, RecordedScene, UNKNOWN_BUNDLE, expectBroken } from './recorded-scene';

describe('the history checker, in copies of what a network really did,', () => {
  const scene = RecordedScene.prepare();

  it('finds releases without a permit, to or from strangers, and twice on one permit', async () => {
    const receipt = scene.firstReceipt();
    const sign = scene.recorded.signerOf(receipt.witness);
    const without = scene.planted();
    without.sign(sign, { ...receipt, permitTxId: 'a'.repeat(64) });
    await expectBroken(without, 'release-without-permit');

    const wrongParty = scene.planted();
    const [txId = ''] = wrongParty.append({
      name: EVENTS.releaseAuthorized,
      payload: { permit: scene.permitOf({}) },
    });
    const holder = selectionOf(scene.recorded.halfEnded).witnesses[0] ?? '';
    const toProvider = { ...receipt, witness: holder, permitTxId: txId, streams: [1], party: 'provider' };
    wrongParty.sign(scene.recorded.signerOf(holder), toProvider);
    await expectBroken(wrongParty, 'release-without-permit');

    const stranger = scene.planted();
    const undrawn = undrawnWitness(scene.recorded.halfEnded);
    stranger.sign(scene.recorded.signerOf(undrawn), { ...receipt, witness: undrawn, streams: [1] });
    await expectBroken(stranger, 'release-by-stranger');

    for (const other of [{ fence: receipt.fence + 1 }, { activationTxId: 'a'.repeat(64) }]) {
      const otherwise = scene.planted();
      const [permitTxId = ''] = otherwise.append({
        name: EVENTS.releaseAuthorized,
        payload: { permit: scene.permitOf({ party: receipt.party }) },
      });
      const witness = selectionOf(scene.recorded.halfEnded).witnesses[0] ?? '';
      otherwise.sign(scene.recorded.signerOf(witness), {
        ...receipt,
        witness,
        permitTxId,
        streams: [1],
        ...other,
      });
      await expectBroken(otherwise, 'release-of-other-dealing');
    }

    const twice = scene.planted();
    twice.sign(sign, receipt);
    await expectBroken(twice, 'permit-used-twice');
  });

  it('finds receipts that are forged, of another witness or no receipts', async () => {
    const receipt = scene.firstReceipt();
    const other = scene.logs()[1]?.lines[0]?.receipt.witness ?? '';
    const forged = scene.planted();
    forged.sign(scene.recorded.signerOf(other), receipt);
    await expectBroken(forged, 'receipt-signature');

    const garbled = scene.planted();
    garbled.logOf(receipt.witness).lines.push(undefined);
    await expectBroken(garbled, 'receipt-chain');

    const mixed = scene.planted();
    const moved = mixed.logOf(other).lines[0];
    mixed.logOf(receipt.witness).lines.push(moved);
    await expectBroken(mixed, 'receipt-chain');
  });

  it('judges the receipts of all files together', async () => {
    const receipt = scene.firstReceipt();
    const sign = scene.recorded.signerOf(receipt.witness);
    const log = scene.recorded.receipts.find(({ name }) => name.startsWith(receipt.witness))?.lines ?? [];

    // A copy of a log, as somebody else took it earlier, says nothing new.
    const copied = scene.planted();
    copied.receipts.push({ name: 'copy.jsonl', lines: log.slice(0, 1) });
    expect(await copied.brokenRules()).toEqual([]);

    // The same permit served once more, by a receipt that stands in a second file.
    const restarted = scene.planted();
    restarted.receipts.push({ name: `${receipt.witness}-again.jsonl`, lines: [] });
    const again = { ...receipt, atUnixMs: receipt.atUnixMs + 1 };
    restarted.receipts.at(-1)?.lines.push({
      receipt: again,
      signature: signRecord(LABELS.receiptSignature, again, sign),
    });
    await expectBroken(restarted, 'permit-used-twice', 'receipt-fork');
    const { violations } = await restarted.verify();
    expect(violations).toContainEqual(
      expect.objectContaining({ rule: 'receipt-fork', receipt: `${receipt.witness} #1` }),
    );

    // A chain that begins again in its own file, and one under another name than the ledger has.
    const begun = scene.planted();
    begun.logOf(receipt.witness).lines.push(log[0]);
    await expectBroken(begun, 'receipt-chain');
    const renamed = scene.planted();
    const other = { ...receipt, previousHash: OTHER_HASH };
    renamed.logOf(receipt.witness).lines = [
      { receipt: other, signature: signRecord(LABELS.receiptSignature, other, sign) },
    ];
    expect(await renamed.brokenRules()).toContain('receipt-chain');
  });

  it('holds a log against what its witness has shown on the ledger', async () => {
    const hasReceipts = ({ receipts }: Attestation): boolean => (receipts?.number ?? 0) > 0;
    const { event } = scene
      .planted()
      .transaction(EVENTS.destructionAttested, ({ payload }) =>
        payload.record.attestations.some(hasReceipts),
      );
    const { nodeId: witness = '', receipts: shown } =
      event.payload.record.attestations.find(hasReceipts) ?? {};
    if (shown === undefined) throw new RangeError('it has shown its receipts');

    const shorter = scene.planted();
    shorter.logOf(witness).lines = shorter.logOf(witness).lines.slice(0, shown.number - 1);
    await expectBroken(shorter, 'receipt-missing');

    const beat = (number: number, hash: string) =>
      ({
        name: EVENTS.heartbeat,
        payload: { nodeId: witness, atUnixMs: 1, receipts: { number, hash } },
      }) as const;
    const backwards = scene.planted();
    backwards.append(beat(0, OTHER_HASH));
    await expectBroken(backwards, 'receipt-missing');
    const forked = scene.planted();
    forked.append(beat(shown.number, OTHER_HASH));
    await expectBroken(forked, 'receipt-fork');
    const ahead = scene.planted();
    ahead.append(beat(shown.number + 9, OTHER_HASH));
    await expectBroken(ahead, 'receipt-missing');
  });

  it('lets the order of the blocks, and within a block, decide what came after an end', async () => {
    const { bundleId } = scene.recorded.halfEnded.bundle;
    const receipt = scene.firstReceipt();
    const witness = selectionOf(scene.recorded.halfEnded).witnesses[0] ?? '';
    const permit = { name: EVENTS.releaseAuthorized, payload: { permit: scene.permitOf({}) } } as const;
    const end = {
      name: EVENTS.streamsEnded,
      payload: { ends: [{ bundleId, reason: 'revoked', by: 'provider', txId: OTHER_HASH, atUnixMs: 1 }] },
    } as const;
    const release = (history: PlantedHistory, permitTxId: string): void =>
      history.sign(scene.recorded.signerOf(witness), { ...receipt, witness, permitTxId, streams: [1] });

    const before = scene.planted();
    const [permitFirst = ''] = before.append(permit, { ...end, payload: { ends: [...end.payload.ends] } });
    release(before, permitFirst);
    expect(await before.brokenRules()).toEqual([]);

    const after = scene.planted();
    const [, permitLast = ''] = after.append({ ...end, payload: { ends: [...end.payload.ends] } }, permit);
    release(after, permitLast);
    await expectBroken(after, 'act-after-end', 'release-after-end');
    const { violations } = await after.verify();
    const block = after.blocks.at(-1)?.number;
    expect(violations).toContainEqual(
      expect.objectContaining({
        rule: 'release-after-end',
        streamId: `${bundleId}/1`,
        blockNumber: block,
        txId: permitLast,
      }),
    );
  });

  it('draws again, and finds other witnesses, dealers and signatures', async () => {
    const drawn = scene.planted();
    const { record } = drawn.transaction(EVENTS.dealingsRecorded).event.payload;
    record.selection.witnesses.reverse();
    // The dealers signed for holders in the order of their draw.
    await expectBroken(drawn, 'wrong-draw', 'wrong-signature');

    const seeded = scene.planted();
    seeded.transaction(EVENTS.dealingsRecorded).event.payload.record.selection.seed = OTHER_HASH;
    await expectBroken(seeded, 'wrong-draw');

    const signed = scene.planted();
    const [dealing] = signed.transaction(EVENTS.dealingsRecorded).event.payload.record.dealings;
    if (dealing !== undefined) dealing.sheetHash = OTHER_HASH;
    await expectBroken(signed, 'wrong-signature');

    const attested = scene.planted();
    const [attestation] = attested.transaction(EVENTS.destructionAttested).event.payload.record.attestations;
    if (attestation !== undefined) attestation.signature = `${'g'.repeat(85)}A`;
    await expectBroken(attested, 'wrong-signature');

    const fenced = scene.planted();
    fenced.transaction(EVENTS.dealingsRecorded).event.payload.record.fence = 1;
    await expectBroken(fenced, 'wrong-fence', 'wrong-signature', 'release-of-other-dealing');
  });

  it('finds facts that were written twice, and fences that do not grow', async () => {
    const { bundleId } = scene.recorded.halfEnded.bundle;
    for (const key of [`dealings/${bundleId}/1`, `end/${bundleId}/0`, `bundle/${bundleId}`]) {
      const history = scene.planted();
      history.write(key);
      await expectBroken(history, 'unannounced-write', 'written-twice');
    }
    const registry = scene.planted();
    registry.write('roster/witness');
    await expectBroken(registry, 'unannounced-write');

    const skipped = scene.planted();
    const { assignment, bundle } = skipped.transaction(EVENTS.streamsRequested).event.payload;
    if (assignment === undefined) throw new RangeError('it was assigned');
    const consentedAtUnixMs = assignment.atUnixMs;
    skipped.append(skipped.waitingRequest(UNKNOWN_BUNDLE), {
      name: EVENTS.orchestratorsReassigned,
      payload: {
        assignment: { ...assignment, bundleId: UNKNOWN_BUNDLE, fence: 2 },
        consentedAtUnixMs,
        terms: { ...bundleTermsOf(bundle), bundleId: UNKNOWN_BUNDLE },
      },
    });
    await expectBroken(skipped, 'act-out-of-order', 'wrong-assignment', 'wrong-fence');
  });

  it('finds acts after an end, before what they rest on, and attestations of nodes that held nothing', async () => {
    const { bundleId } = scene.recorded.halfEnded.bundle;
    const permitted = scene.planted();
    permitted.append({
      name: EVENTS.releaseAuthorized,
      payload: { permit: scene.permitOf({ streams: [0] }) },
    });
    await expectBroken(permitted, 'act-after-end');

    const dealt = scene.planted();
    const { record } = dealt.transaction(EVENTS.dealingsRecorded).event.payload;
    dealt.append({
      name: EVENTS.dealingsRecorded,
      payload: { record: { ...record, bundleId: scene.recorded.ended.bundle.bundleId } },
    });
    expect(await dealt.brokenRules()).toContain('act-after-end');

    const early = scene.planted();
    early.append({
      name: EVENTS.destructionAttested,
      payload: {
        record: scene.attestationOf('witness-0', [{ bundleId: UNKNOWN_BUNDLE, epoch: 1, streams: 'all' }]),
      },
    });
    // None of these witnesses says how far its receipts have come.
    await expectBroken(early, 'act-out-of-order', 'receipt-missing');

    const alive = scene.planted();
    const holder = selectionOf(scene.recorded.halfEnded).witnesses[0] ?? '';
    alive.append({
      name: EVENTS.destructionAttested,
      payload: { record: scene.attestationOf(holder, [{ bundleId, epoch: 1, streams: [1] }]) },
    });
    await expectBroken(alive, 'act-out-of-order', 'receipt-missing');

    const strange = scene.planted();
    const { ended } = scene.recorded;
    const undrawn = undrawnWitness(ended);
    const entry: Destruction = { bundleId: ended.bundle.bundleId, epoch: 1, streams: 'all' };
    strange.append({
      name: EVENTS.destructionAttested,
      payload: { record: scene.attestationOf(undrawn, [entry]) },
    });
    await expectBroken(strange, 'attestation-by-stranger', 'receipt-missing');
  });
});
