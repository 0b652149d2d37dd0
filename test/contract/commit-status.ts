import { randomUUID } from 'node:crypto';
import { EVENTS, TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, type Ledger } from '@eko/sdk';
import { newGatewayClient } from '../../client-sdk/sdk/src/ledger/gateway-client';
import { CuttableLine } from './cuttable-line';
import { profileOf } from './ledger-under-test';
import { ownPrefix, propose } from './probe';
import type { Suite } from './suite-context';
import { watchedClient } from './watched-client';
import { registerNode, type RegisteredNode } from '../support/in-process/register-node';
import { issueIdentity } from '@eko/msp';

/** What becomes of a transaction, asked on another connection than the one that it was sent on. */
export function describeCommitStatus(suite: Suite): void {
  describe('the commit status', () => {
    it('is given to whoever asks by the transaction’s ID, also before it is in a block', async () => {
      const { client } = suite();
      const endorsed = await propose(client, [['put', ownPrefix(), 'v']]).endorse();
      const submitted = await endorsed.submit();
      const asked = client.gateway.newCommit(submitted.getBytes());
      const [first, second] = await Promise.all([submitted.getStatus(), asked.getStatus()]);
      expect(second).toEqual(first);
      expect(first.transactionId).toBe(endorsed.getTransactionId());
    });

    it.each([
      ['its answer to Submit is lost', 'Submit'],
      ['the line is cut while it waits', 'CommitStatus'],
    ])('is found on a new connection where %s, and nothing is sent twice', async (_why, moment) => {
      const { ledger: under } = suite();
      const identity = await issueIdentity(under.organisations[0], { name: `cut-${randomUUID()}` });
      const profile = profileOf(under, identity);
      const line = await CuttableLine.to(under.address);
      const seen: string[] = [];
      let onMoment = (): void => undefined;
      const client = watchedClient(newGatewayClient({ ...profile, endpoint: line.address }), (method) => {
        seen.push(method);
        if (method === moment) onMoment();
      });
      const ledger = connectGatewayLedger({ profile, client });
      const watching = connectGatewayLedger({ profile });
      try {
        const party = await registerNode(ledger, profile, `party-${randomUUID()}`, 'party');
        const { nodeId } = party;
        seen.length = 0;
        const isCommitted = heartbeatOf(watching, party);
        onMoment = (): void => {
          onMoment = () => undefined;
          line.loseAnswers();
          // What was on its way has arrived once the ledger tells of it: then the line is cut.
          void isCommitted.then(() => line.cut());
        };
        const { txId } = await ledger.submit(TRANSACTIONS.heartbeat, { nodeId });
        expect(txId).toBe(await isCommitted);
        expect(seen.filter((method) => method === 'Submit')).toHaveLength(1);
        expect(seen.filter((method) => method === 'CommitStatus').length).toBeGreaterThanOrEqual(
          moment === 'Submit' ? 1 : 2,
        );
      } finally {
        watching.close();
        ledger.close();
        await line.close();
      }
    });
  });
}

/** The transaction of a party's first heartbeat. */
async function heartbeatOf(ledger: Ledger, party: RegisteredNode): Promise<string> {
  for await (const event of ledger.events({ after: party, signal: AbortSignal.timeout(30_000) })) {
    if (event.name === EVENTS.heartbeat && event.payload.nodeId === party.nodeId) return event.txId;
  }
  throw new Error(`no heartbeat of ${party.nodeId}`);
}
