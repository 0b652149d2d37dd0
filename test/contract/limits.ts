import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { gatewayError } from '../../client-sdk/sdk/src/ledger/gateway-errors';
import { ask, ownPrefix, propose, run } from './probe';
import type { Suite } from './suite-context';
import { expectUnordered } from './unordered';
import { CHAINCODE, take } from '../support/in-process/gateway-client';

/** The largest transactions that EKO makes, and what is one byte larger. */
export function describeLimits(suite: Suite): void {
  describe('limits', () => {
    const codeOf = async (work: Promise<unknown>): Promise<string> =>
      gatewayError(await work.catch((error: unknown) => error), 'endorse').code;

    it('let an argument in that is as long as EKO has them, and not one byte more', async () => {
      const { client } = suite();
      const argument = (sizeBytes: number): string => {
        const frame = '{"nodeId":""}';
        return frame.replace('""', `"${'x'.repeat(sizeBytes - frame.length)}"`);
      };
      const propose = (sizeBytes: number) =>
        client.contract.newProposal(TRANSACTIONS.readNode, { arguments: [argument(sizeBytes)] });
      for (const how of ['evaluate', 'endorse'] as const) {
        expect(await codeOf(propose(LIMITS.argumentBytes)[how]())).toBe('INVALID_ARGUMENT');
        expect(await codeOf(propose(LIMITS.argumentBytes + 1)[how]())).toBe('TOO_LARGE');
      }
    });

    it('have room for an argument, a record, an event and an answer of that length in one transaction', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const size = LIMITS.argumentBytes;
      const { blockNumber, answers } = await run(
        client,
        ['length', 'x'.repeat(size)],
        ['putBytes', key, size],
        ['eventBytes', 'large', size],
      );
      expect(answers).toEqual([size, null, null]);
      const events = await client.network.getChaincodeEvents(CHAINCODE, { startBlock: blockNumber });
      const [event] = await take(events, 1);
      expect(event?.payload).toHaveLength(size);
      const [value] = (await ask(client, ['get', key])) as [string];
      expect(value).toHaveLength(size);
    });

    it('keep a transaction out that is larger than the channel’s blocks', async () => {
      const { client, ledger } = suite();
      const key = ownPrefix();
      const endorsed = await propose(client, [['putBytes', key, 10 * 1024 * 1024]]).endorse();
      await expectUnordered(ledger, endorsed.submit(), {
        text: /status=BAD_REQUEST, info=message payload is \d+ bytes and exceeds maximum allowed 10485760 bytes/,
        code: 'TOO_LARGE',
      });
      expect(await ask(client, ['get', key])).toEqual([null]);
    });
  });
}
