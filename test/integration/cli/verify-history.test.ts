import '@eko/embedded-ledger';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EVENTS,
  LABELS,
  signRecord,
  witnessesOf,
  type AttestationRecord,
  type Destruction,
  type PermitRecord,
  type ReleaseReceipt,
} from '@eko/protocol';
import type { HistoryReport } from '../../../client-sdk/cli/dist/history/verify-history';
import { commandLine } from '../../support/cli/command-line';
import { PlantedHistory, type RecordedLog } from '../../support/history/planted-history';
import {
  WITNESSES,
  recordHistory,
  selectionOf,
  undrawnWitness,
  type RecordedHistory,
} from '../../support/history/recorded-history';
import { temporaryFolders } from '../../support/node-kit/temporary-folder';
import { LiveNetwork } from '../../support/orchestrator/live-network';

const UNKNOWN_BUNDLE = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e';
const OTHER_HASH = `${'x'.repeat(42)}A`;
const TIMEOUT_MS = 90_000;

const newFolder = temporaryFolders();

describe('the history checker', () => {
  let network: LiveNetwork;
  let recorded: RecordedHistory;

  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: WITNESSES.length });
    recorded = await recordHistory(network, newFolder());
  }, TIMEOUT_MS);
  afterAll(() => network.stop(), 30_000);

  const planted = (): PlantedHistory => new PlantedHistory(recorded.blocks, recorded.receipts);
  const verify = (receipts: string, ...more: readonly string[]) =>
    commandLine([
      ...['verify', 'history', '--profile', recorded.profile, '--receipts', receipts, '--json'],
      ...more,
    ]);
  /** The logs of those who released something. */
  const logs = (): readonly RecordedLog[] => recorded.receipts.filter(({ lines }) => lines.length > 0);
  const firstReceipt = (): ReleaseReceipt => {
    const receipt = logs()[0]?.lines[0]?.receipt;
    if (receipt === undefined) throw new RangeError('nothing was released');
    return receipt;
  };
  const permitOf = (change: Partial<PermitRecord>): PermitRecord => ({
    bundleId: recorded.halfEnded.bundle.bundleId,
    epoch: 1,
    streams: [1],
    party: 'initiator',
    txId: OTHER_HASH,
    atUnixMs: 1,
    ...change,
  });
  const attestationOf = (nodeId: string, destructions: Destruction[]): AttestationRecord => ({
    nodeId,
    destructions,
    signature: signRecord(
      LABELS.destructionSignature,
      { channel: 'live-channel', nodeId, destructions },
      recorded.signerOf(nodeId),
    ),
    txId: OTHER_HASH,
    atUnixMs: 1,
  });
  const expectBroken = async (history: PlantedHistory, ...rules: readonly string[]): Promise<void> => {
    expect(await history.brokenRules()).toEqual([...rules].sort());
  };

  it('finds nothing in what a network really did, and says what it read', async () => {
    const { status, stdout } = await verify(recorded.folder);
    const report = JSON.parse(stdout) as HistoryReport;
    expect(report).toMatchObject({
      channel: 'live-channel',
      streams: { active: 1, ended: 2, revoked: 2, pending: 0, lapsed: 0 },
      pending: [],
      receipts: { logs: WITNESSES.length, read: recorded.receipts.flatMap(({ lines }) => lines).length },
      violations: [],
    });
    expect(status).toBe(0);
    // The network goes on.
    expect(report.ledger.blocks).toBeGreaterThanOrEqual(recorded.blocks.length);
    expect(report.ledger.valid).toBeGreaterThan(0);
    expect(recorded.blocks.map(({ number }) => number)).toEqual(recorded.blocks.map((_, n) => BigInt(n)));
  });

  it('fails on a receipt that was left out, naming witness, stream, block and transaction', async () => {
    const folder = newFolder();
    const [log] = logs();
    const name = log?.name ?? '';
    const lines = readFileSync(join(recorded.folder, name), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    writeFileSync(join(folder, name), `${lines.slice(1).join('\n')}\n`);
    const { status, stdout, stderr } = await verify(folder);
    expect(status).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'HISTORY_VIOLATED' } });
    const second = log?.lines[1]?.receipt;
    expect(JSON.parse(stdout)).toMatchObject({
      violations: [
        {
          rule: 'receipt-chain',
          receipt: `${second?.witness ?? ''} #2`,
          streamId: second?.bundleId,
          txId: second?.permitTxId,
        },
      ],
    });
    const asTable = await commandLine([
      ...['verify', 'history', '--profile', recorded.profile, '--receipts', join(folder, name)],
    ]);
    expect(asTable.status).toBe(5);
    expect(asTable.stdout).toContain('receipt-chain');
  });

  it('fails on a request that was acknowledged and is not there', async () => {
    const file = join(newFolder(), 'acknowledged');
    const { bundleId } = recorded.halfEnded.bundle;
    writeFileSync(file, `${bundleId}\n`);
    expect((await verify(recorded.folder, '--acknowledged', file)).status).toBe(0);
    writeFileSync(file, `${bundleId}\n${UNKNOWN_BUNDLE}\n`);
    const { status, stdout } = await verify(recorded.folder, '--acknowledged', file);
    expect(status).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      violations: [{ rule: 'lost-request', streamId: UNKNOWN_BUNDLE }],
    });
    writeFileSync(file, 'no bundle\n');
    expect((await verify(recorded.folder, '--acknowledged', file)).status).toBe(2);
  });

  it('finds a request that was lost, and counts those that wait and those that lapsed', async () => {
    const { bundle } = recorded.halfEnded;
    const history = planted();
    expect(await history.brokenRules({ acknowledged: [bundle.bundleId, UNKNOWN_BUNDLE] })).toEqual([
      'lost-request',
    ]);
    history.append(history.waitingRequest(UNKNOWN_BUNDLE));
    expect(await history.verify()).toMatchObject({ violations: [], pending: [], streams: { lapsed: 2 } });
    const young = await history.verify({ nowUnixMs: bundle.requestedAtUnixMs + 1_000 });
    expect(young).toMatchObject({ violations: [], pending: [UNKNOWN_BUNDLE], streams: { pending: 1 } });
  });

  it('finds releases without a permit, to or from strangers, and twice on one permit', async () => {
    const receipt = firstReceipt();
    const sign = recorded.signerOf(receipt.witness);
    const without = planted();
    without.sign(sign, { ...receipt, permitTxId: 'a'.repeat(64) });
    await expectBroken(without, 'release-without-permit');

    const wrongParty = planted();
    const [txId = ''] = wrongParty.append({
      name: EVENTS.releaseAuthorized,
      payload: { permit: permitOf({}) },
    });
    const holder = witnessesOf(selectionOf(recorded.halfEnded), 1)[0] ?? '';
    const toProvider = { ...receipt, witness: holder, permitTxId: txId, streams: [1], party: 'provider' };
    wrongParty.sign(recorded.signerOf(holder), toProvider);
    await expectBroken(wrongParty, 'release-without-permit');

    const stranger = planted();
    const undrawn = undrawnWitness(recorded.halfEnded, 1);
    stranger.sign(recorded.signerOf(undrawn), { ...receipt, witness: undrawn, streams: [1] });
    await expectBroken(stranger, 'release-by-stranger');

    for (const other of [{ fence: receipt.fence + 1 }, { activationTxId: 'a'.repeat(64) }]) {
      const otherwise = planted();
      const [permitTxId = ''] = otherwise.append({
        name: EVENTS.releaseAuthorized,
        payload: { permit: permitOf({ party: receipt.party }) },
      });
      const witness = witnessesOf(selectionOf(recorded.halfEnded), 1)[0] ?? '';
      otherwise.sign(recorded.signerOf(witness), { ...receipt, witness, permitTxId, streams: [1], ...other });
      await expectBroken(otherwise, 'release-of-other-dealing');
    }

    const twice = planted();
    twice.sign(sign, receipt);
    await expectBroken(twice, 'permit-used-twice');
  });

  it('lets the order of the blocks, and within a block, decide what came after an end', async () => {
    const { bundleId } = recorded.halfEnded.bundle;
    const receipt = firstReceipt();
    const witness = witnessesOf(selectionOf(recorded.halfEnded), 1)[0] ?? '';
    const permit = { name: EVENTS.releaseAuthorized, payload: { permit: permitOf({}) } } as const;
    const end = {
      name: EVENTS.streamsEnded,
      payload: { ends: [{ bundleId, reason: 'revoked', by: 'provider', txId: OTHER_HASH, atUnixMs: 1 }] },
    } as const;
    const release = (history: PlantedHistory, permitTxId: string): void =>
      history.sign(recorded.signerOf(witness), { ...receipt, witness, permitTxId, streams: [1] });

    const before = planted();
    const [permitFirst = ''] = before.append(permit, { ...end, payload: { ends: [...end.payload.ends] } });
    release(before, permitFirst);
    expect(await before.brokenRules()).toEqual([]);

    const after = planted();
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

  it('finds receipts that are forged, of another witness or no receipts', async () => {
    const receipt = firstReceipt();
    const other = logs()[1]?.lines[0]?.receipt.witness ?? '';
    const forged = planted();
    forged.sign(recorded.signerOf(other), receipt);
    await expectBroken(forged, 'permit-used-twice', 'receipt-signature');

    const garbled = planted();
    garbled.logOf(receipt.witness).lines.push(undefined);
    await expectBroken(garbled, 'receipt-chain');

    const mixed = planted();
    const moved = mixed.logOf(other).lines[0];
    mixed.logOf(receipt.witness).lines.push(moved);
    await expectBroken(mixed, 'receipt-chain');
  });

  it('judges the receipts of all files together', async () => {
    const receipt = firstReceipt();
    const sign = recorded.signerOf(receipt.witness);
    const log = recorded.receipts.find(({ name }) => name.startsWith(receipt.witness))?.lines ?? [];

    // A copy of a log, as somebody else took it earlier, says nothing new.
    const copied = planted();
    copied.receipts.push({ name: 'copy.jsonl', lines: log.slice(0, 1) });
    expect(await copied.brokenRules()).toEqual([]);

    // The same permit served once more, by a receipt that stands in a second file.
    const restarted = planted();
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
    const begun = planted();
    begun.logOf(receipt.witness).lines.push(log[0]);
    await expectBroken(begun, 'receipt-chain');
    const renamed = planted();
    const other = { ...receipt, previousHash: OTHER_HASH };
    renamed.logOf(receipt.witness).lines = [
      { receipt: other, signature: signRecord(LABELS.receiptSignature, other, sign) },
    ];
    expect(await renamed.brokenRules()).toContain('receipt-chain');
  });

  it('holds a log against what its witness has shown on the ledger', async () => {
    const { event } = planted().transaction(
      EVENTS.destructionAttested,
      ({ payload }) => (payload.attestation.receipts?.number ?? 0) > 0,
    );
    const { nodeId: witness, receipts: shown } = event.payload.attestation;
    if (shown === undefined) throw new RangeError('it has shown its receipts');

    const shorter = planted();
    shorter.logOf(witness).lines = shorter.logOf(witness).lines.slice(0, shown.number - 1);
    await expectBroken(shorter, 'receipt-missing');

    const beat = (number: number, hash: string) =>
      ({
        name: EVENTS.heartbeat,
        payload: { nodeId: witness, atUnixMs: 1, receipts: { number, hash } },
      }) as const;
    const backwards = planted();
    backwards.append(beat(0, OTHER_HASH));
    await expectBroken(backwards, 'receipt-missing');
    const forked = planted();
    forked.append(beat(shown.number, OTHER_HASH));
    await expectBroken(forked, 'receipt-fork');
    const ahead = planted();
    ahead.append(beat(shown.number + 9, OTHER_HASH));
    await expectBroken(ahead, 'receipt-missing');
  });

  it('draws again, and finds other witnesses, dealers and signatures', async () => {
    const drawn = planted();
    const { record } = drawn.transaction(EVENTS.dealingsRecorded).event.payload;
    record.selection.draws[0]?.reverse();
    await expectBroken(drawn, 'wrong-draw');

    const signed = planted();
    const [dealing] = signed.transaction(EVENTS.dealingsRecorded).event.payload.record.dealings;
    if (dealing !== undefined) dealing.sheetHash = OTHER_HASH;
    await expectBroken(signed, 'wrong-signature');

    const attested = planted();
    const { attestation } = attested.transaction(EVENTS.destructionAttested).event.payload;
    attestation.signature = `${'g'.repeat(85)}A`;
    await expectBroken(attested, 'wrong-signature');

    const fenced = planted();
    fenced.transaction(EVENTS.dealingsRecorded).event.payload.record.fence = 1;
    await expectBroken(fenced, 'wrong-fence', 'wrong-signature', 'release-of-other-dealing');
  });

  it('finds facts that were written twice, and fences that do not grow', async () => {
    const { bundleId } = recorded.halfEnded.bundle;
    for (const key of [`dealings/${bundleId}/1`, `end/${bundleId}/0`, `bundle/${bundleId}`]) {
      const history = planted();
      history.write(key);
      await expectBroken(history, 'unannounced-write', 'written-twice');
    }
    const registry = planted();
    registry.write('roster/witness');
    expect(await registry.brokenRules()).toEqual([]);
    registry.write('node/witness-0', 'roster/witness', 'heartbeat/witness-0');
    await expectBroken(registry, 'unannounced-write');

    const skipped = planted();
    const { assignment } = skipped.transaction(EVENTS.streamsRequested).event.payload;
    if (assignment === undefined) throw new RangeError('it was assigned');
    skipped.append(skipped.waitingRequest(UNKNOWN_BUNDLE), {
      name: EVENTS.orchestratorsReassigned,
      payload: { assignment: { ...assignment, bundleId: UNKNOWN_BUNDLE, fence: 2 } },
    });
    await expectBroken(skipped, 'act-out-of-order', 'wrong-assignment', 'wrong-fence');
  });

  it('finds acts after an end, before what they rest on, and attestations of nodes that held nothing', async () => {
    const { bundleId } = recorded.halfEnded.bundle;
    const permitted = planted();
    permitted.append({
      name: EVENTS.releaseAuthorized,
      payload: { permit: permitOf({ streams: [0] }) },
    });
    await expectBroken(permitted, 'act-after-end');

    const dealt = planted();
    const { record } = dealt.transaction(EVENTS.dealingsRecorded).event.payload;
    dealt.append({
      name: EVENTS.dealingsRecorded,
      payload: { record: { ...record, bundleId: recorded.ended.bundle.bundleId } },
    });
    expect(await dealt.brokenRules()).toContain('act-after-end');

    const early = planted();
    early.append({
      name: EVENTS.destructionAttested,
      payload: {
        attestation: attestationOf('witness-0', [{ bundleId: UNKNOWN_BUNDLE, epoch: 1, streams: 'all' }]),
      },
    });
    // None of these witnesses says how far its receipts have come.
    await expectBroken(early, 'act-out-of-order', 'receipt-missing');

    const alive = planted();
    const holder = witnessesOf(selectionOf(recorded.halfEnded), 1)[0] ?? '';
    alive.append({
      name: EVENTS.destructionAttested,
      payload: { attestation: attestationOf(holder, [{ bundleId, epoch: 1, streams: [1] }]) },
    });
    await expectBroken(alive, 'act-out-of-order', 'receipt-missing');

    const strange = planted();
    const { ended } = recorded;
    const undrawn = undrawnWitness(ended, 0);
    const entry: Destruction = { bundleId: ended.bundle.bundleId, epoch: 1, streams: 'all' };
    strange.append({
      name: EVENTS.destructionAttested,
      payload: { attestation: attestationOf(undrawn, [entry]) },
    });
    await expectBroken(strange, 'attestation-by-stranger', 'receipt-missing');
  });
});
