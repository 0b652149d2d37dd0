import { TRANSACTIONS } from '@eko/protocol/ledger';
import { withDeadline } from '@eko/sdk/node';
import { CONSENSUS } from './chosen-consensus';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { SETTLE_MS, faultyNetwork } from './faulty-network';
import { until } from '../support/until';
import { rejectionOf } from '../support/coded-error';
import { describeIf } from '../support/skip';

jest.setTimeout(180_000);

const WITNESSES = ['witness-1', 'witness-2', 'witness-3', 'witness-4', 'witness-5'] as const;
/** After this long without a quorum of orderers, a submit has failed. */
const CLEAR_MS = 30_000;

/** Of BFT, the orderers that are left keep what they were sent, and may order it later. */
const UNORDERED = CONSENSUS === 'bft' ? 'COMMIT_UNKNOWN' : 'LEDGER_UNAVAILABLE';

describeIf(hasFabricPrograms(), NO_FABRIC, 'EKO on a Fabric network whose orderers fail', () => {
  const at = faultyNetwork();

  it('the leading orderer is killed: another one leads, and streams go on', async () => {
    const leader = await at().fabric.leader();
    await at().fabric.kill(leader);
    expect(await at().isServing()).toBe(true);
    expect(await at().fabric.leader()).not.toBe(leader);
    await at().fabric.heal();
    expect(await at().fabric.orderers()).toContain(leader);
  });

  it('the orderers have no quorum: submits fail clearly, witnesses release nothing, and all resumes', async () => {
    const { initiator } = at().network;
    const bundleId = await at().activeBundle();
    const permitTxId = await initiator.permit(bundleId, 0);
    const leader = await at().fabric.leader();
    const others = (await at().fabric.orderers()).filter((name) => name !== leader);
    await at().fabric.kill(...others.slice(0, 2));
    // Of Raft, the one that leads stays, and gives its lead up: from then on it refuses what it cannot have ordered.
    if (CONSENSUS === 'raft') await at().fabric.untilLeaderless();

    const beat = initiator.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: 'initiator' });
    const refusal = await rejectionOf(withDeadline('an answer', { deadlineMs: CLEAR_MS }, () => beat));
    expect(refusal.code).toBe(UNORDERED);

    for (const witness of WITNESSES) {
      await until(`${witness} is not ready`, async () => !(await at().network.isReady(witness)));
      const answer = await rejectionOf(initiator.askForShares(witness, { bundleId, index: 0, permitTxId }));
      expect(answer.code).toBe('STALE_LEDGER');
    }
    await at().fabric.heal();
    expect(await at().isServing()).toBe(true);
    for (const witness of WITNESSES)
      await until(`${witness} is ready again`, () => at().network.isReady(witness), SETTLE_MS);
  });
});
