import { EVENTS, TRANSACTIONS, type NodeReference } from '@eko/protocol/ledger';
import { FakeLedger } from '../../../support/simulated/fake-ledger';
import { describeLedger } from '../../../contract/ledger-port';

describeLedger('the fake for unit tests', () => {
  const ledger = new FakeLedger().handle(TRANSACTIONS.heartbeat, ({ nodeId }: NodeReference) => ({
    result: {},
    event: { name: EVENTS.heartbeat, payload: { nodeId, atUnixMs: 1 } },
  }));
  const stop = (): Promise<void> => {
    ledger.close();
    return Promise.resolve();
  };
  return Promise.resolve({ ledger, nodeId: 'node', stop });
});
