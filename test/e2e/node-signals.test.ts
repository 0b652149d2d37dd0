import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { pause } from '@eko/sdk/node';
import { CuttableLine } from '../contract/cuttable-line';
import { isInstalled, describeIf } from '../support/skip';
import { NodeProcess, reopenStore, type NodeProcessOptions } from './node-process';
import type { LiveMember } from '../support/in-process/live-member';
import { LiveNetwork } from '../support/in-process/live-network';

const ROLES = ['orchestrator', 'witness', 'party'] as const;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const CLEAN = [0, null];
/** What a node says that has asked for its registration in vain. */
const WAITS = 'waiting for registration';
const READY = '"ready":true';
const LOADING = join(__dirname, 'signal-while-loading.cjs');

let network: LiveNetwork;
let line: CuttableLine;

beforeAll(async () => {
  network = await LiveNetwork.start({ orchestrators: 0, witnesses: 0 });
  for (const role of ROLES) await network.join(role, role);
});
afterAll(() => network.stop());

beforeEach(async () => {
  line = await CuttableLine.to(network.ledgerAddress);
});
afterEach(() => line.close());

/** A node that has not left its state behind can be started by anybody else. */
async function expectNothingLeft(member: LiveMember): Promise<void> {
  await reopenStore(member);
  const server = createServer().listen(member.port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
}

describe.each(ROLES)('a signal to a node, %s,', (role) => {
  const start = (options: NodeProcessOptions = {}): Promise<NodeProcess> =>
    NodeProcess.spawn(network.placesOf(role), { ledgerAddress: line.address, ...options });

  it('while it loads ends it with status 0, and nothing was opened', async () => {
    const { dataDirectory } = network.placesOf(role);
    const node = await start({ preload: LOADING });
    expect([await node.ended, node.output]).toEqual([CLEAN, '']);
    expect(existsSync(dataDirectory)).toBe(false);
  });

  it.each(SIGNALS)('while the ledger is down ends it with status 0: %s', async (signal) => {
    await line.close();
    const node = await start();
    await node.untilSaid(WAITS);
    expect(await node.signal(signal)).toEqual(CLEAN);
    expect(node.output).not.toContain('fatal');
    await expectNothingLeft(network.placesOf(role));
  });

  it.each([0, 6, 10])(
    'while the ledger is silent ends it with status 0: after %d pieces of its answers',
    async (pieces) => {
      line.loseAnswersAfter(pieces);
      const node = await start();
      await line.untilLost();
      await pause(50);
      expect(await node.signal('SIGTERM')).toEqual(CLEAN);
      expect(node.output).not.toContain('fatal');
      await expectNothingLeft(network.placesOf(role));
    },
  );

  it.each(SIGNALS)('that runs ends it with status 0, also where the ledger has left: %s', async (signal) => {
    const node = await start();
    await node.untilSaid(READY);
    line.loseAnswers();
    expect(await node.signal(signal)).toEqual(CLEAN);
    expect(node.output).not.toContain('fatal');
    await expectNothingLeft(network.placesOf(role));
  });
});

describeIf(
  isInstalled('unshare', '--pid', '--fork', 'true'),
  'unshare cannot make a namespace of processes here',
  'a signal to a node that is the first process of its namespace',
  () => {
    it.each(ROLES)('ends it with status 0, while the ledger is down and while it loads: %s', async (role) => {
      const member = network.placesOf(role);
      line.loseAnswers();
      const node = await NodeProcess.spawn(member, { ledgerAddress: line.address, isFirst: true });
      await line.untilLost();
      expect(await node.signal('SIGTERM')).toEqual(CLEAN);
      await expectNothingLeft(member);
      const loading = await NodeProcess.spawn(member, { preload: LOADING, isFirst: true });
      expect([await loading.ended, loading.output]).toEqual([CLEAN, '']);
    });
  },
);
