import '@eko/embedded-ledger';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryReport } from '../../../client-sdk/audit/dist/verify-history';
import { commandLine } from '../../support/in-process/command-line';
import { WITNESSES } from './recorded-history';
import { RecordedScene, UNKNOWN_BUNDLE } from './recorded-scene';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

/** Whether the ledger has been shown the witness's first receipt, which no file has: that depends on when it attested. */
const isMissingFirst = ({ rule, receipt }: HistoryReport['violations'][number], witness = ''): boolean =>
  rule === 'receipt-missing' && receipt === `${witness} #1`;

describe('eko verify history', () => {
  const scene = RecordedScene.prepare();
  const verify = (receipts: string, ...more: readonly string[]) =>
    commandLine([
      ...['verify', 'history', '--profile', scene.recorded.profile, '--receipts', receipts, '--json'],
      ...more,
    ]);

  it('finds nothing in what a network really did, and says what it read', async () => {
    const { status, stdout } = await verify(scene.recorded.folder);
    const report = JSON.parse(stdout) as HistoryReport;
    expect(report).toMatchObject({
      channel: 'live-channel',
      streams: { active: 1, ended: 2, revoked: 2, pending: 0, lapsed: 0 },
      pending: [],
      receipts: {
        logs: WITNESSES.length,
        read: scene.recorded.receipts.flatMap(({ lines }) => lines).length,
      },
      violations: [],
    });
    expect(status).toBe(0);
    // The network goes on.
    expect(report.ledger.blocks).toBeGreaterThanOrEqual(scene.recorded.blocks.length);
    expect(report.ledger.valid).toBeGreaterThan(0);
    expect(scene.recorded.blocks.map(({ number }) => number)).toEqual(
      scene.recorded.blocks.map((_, n) => BigInt(n)),
    );
  });

  it('fails on a receipt that was left out, naming witness, stream, block and transaction', async () => {
    const folder = newFolder();
    const [log] = scene.logs();
    const name = log?.name ?? '';
    const lines = readFileSync(join(scene.recorded.folder, name), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    writeFileSync(join(folder, name), `${lines.slice(1).join('\n')}\n`);
    const { status, stdout, stderr } = await verify(folder);
    expect(status).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'HISTORY_VIOLATED' } });
    const second = log?.lines[1]?.receipt;
    const { violations } = JSON.parse(stdout) as HistoryReport;
    expect(violations.filter((each) => !isMissingFirst(each, second?.witness))).toMatchObject([
      {
        rule: 'receipt-chain',
        receipt: `${second?.witness ?? ''} #2`,
        streamId: second?.bundleId,
        txId: second?.permitTxId,
      },
    ]);
    const asTable = await commandLine([
      ...['verify', 'history', '--profile', scene.recorded.profile, '--receipts', join(folder, name)],
    ]);
    expect(asTable.status).toBe(5);
    expect(asTable.stdout).toContain('receipt-chain');
  });

  it('fails on a request that was acknowledged and is not there', async () => {
    const file = join(newFolder(), 'acknowledged');
    const { bundleId } = scene.recorded.halfEnded.bundle;
    writeFileSync(file, `${bundleId}\n`);
    expect((await verify(scene.recorded.folder, '--acknowledged', file)).status).toBe(0);
    writeFileSync(file, `${bundleId}\n${UNKNOWN_BUNDLE}\n`);
    const { status, stdout } = await verify(scene.recorded.folder, '--acknowledged', file);
    expect(status).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      violations: [{ rule: 'lost-request', streamId: UNKNOWN_BUNDLE }],
    });
    writeFileSync(file, `no bundle\n${bundleId}\n`);
    const unreadable = await verify(scene.recorded.folder, '--acknowledged', file);
    expect(unreadable.status).toBe(5);
    expect(JSON.parse(unreadable.stdout)).toMatchObject({
      violations: [{ rule: 'lost-request', text: 'acknowledged:1 names no bundle' }],
    });
  });

  it('finds a request that was lost, and counts those that wait and those that lapsed', async () => {
    const { bundle } = scene.recorded.halfEnded;
    const history = scene.planted();
    expect(
      await history.brokenRules({
        acknowledged: { bundleIds: [bundle.bundleId, UNKNOWN_BUNDLE], unreadable: [] },
      }),
    ).toEqual(['lost-request']);
    history.append(history.waitingRequest(UNKNOWN_BUNDLE));
    expect(await history.verify()).toMatchObject({ violations: [], pending: [], streams: { lapsed: 2 } });
    const young = await history.verify({ nowUnixMs: bundle.requestedAtUnixMs + 1_000 });
    expect(young).toMatchObject({ violations: [], pending: [UNKNOWN_BUNDLE], streams: { pending: 1 } });
  });

  it('names a line that is too long, and a file that cannot be read, and judges the rest', async () => {
    const folder = newFolder();
    const [log, other] = scene.logs();
    const linesOf = (name = ''): string => readFileSync(join(scene.recorded.folder, name), 'utf8');
    writeFileSync(join(folder, log?.name ?? ''), `${linesOf(log?.name)}${'x'.repeat(20_000)}\n`);
    writeFileSync(join(folder, other?.name ?? ''), linesOf(other?.name).split('\n').slice(1).join('\n'));
    mkdirSync(join(folder, 'folder.jsonl'));
    const { status, stdout } = await verify(folder);
    expect(status).toBe(5);
    const { violations } = JSON.parse(stdout) as HistoryReport;
    const others = violations.filter((each) => !isMissingFirst(each, other?.lines[1]?.receipt.witness));
    expect(others.map(({ rule, receipt }) => `${rule} ${receipt ?? ''}`).sort()).toEqual(
      [
        `receipt-chain ${log?.name ?? ''}:${(log?.lines.length ?? 0) + 1}`,
        `receipt-chain ${other?.lines[1]?.receipt.witness ?? ''} #2`,
        'receipt-chain folder.jsonl:1',
      ].sort(),
    );
  });
});
