import { TRANSACTIONS, type LedgerPosition } from '@eko/protocol/ledger';
import { CatchUp } from '@eko/sdk/node';
import { FakeLedger } from '../../../support/simulated/fake-ledger';

describe('CatchUp', () => {
  let catchUp: CatchUp;
  let stop: AbortController;
  /** What comes to pass between the ledger's taking a heartbeat and its answer. */
  let onHeartbeat: (txId: string) => void;
  /** On a ledger of its own, whose first transaction has the ID that it has on each. */
  const prove = (after?: LedgerPosition) => {
    const ledger = new FakeLedger().handle(TRANSACTIONS.heartbeat, (_argument, { txId }) => {
      onHeartbeat(txId);
      return { result: {} };
    });
    return catchUp.prove(ledger, { nodeId: 'node' }, stop.signal, after);
  };
  /** Says something when a heartbeat has been answered and is waited for. */
  const whenAwaited = (say: (txId: string) => void) => {
    onHeartbeat = (txId) => {
      setImmediate(() => {
        say(txId);
      });
    };
  };

  beforeEach(() => {
    catchUp = new CatchUp();
    stop = new AbortController();
  });

  it('has caught up once its heartbeat is seen, before the answer or after it', async () => {
    onHeartbeat = (txId) => {
      catchUp.observe(txId);
    };
    await expect(prove()).resolves.toBeUndefined();
    whenAwaited((txId) => {
      catchUp.observe(txId);
    });
    await expect(prove()).resolves.toBeUndefined();
  });

  it('does not take another transaction for its own, and stops when it is told to', async () => {
    onHeartbeat = () => {
      catchUp.observe('before');
      setImmediate(() => {
        catchUp.observe('after');
        stop.abort();
      });
    };
    await expect(prove()).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('refuses a ledger that was made anew: its newest block is no later than the checkpoint', async () => {
    onHeartbeat = (txId) => {
      catchUp.observe(txId);
    };
    const first = { blockNumber: 1n, txId: 'before' };
    for (const after of [first, { ...first, blockNumber: 7n }])
      await expect(prove(after)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(prove({ ...first, blockNumber: 0n })).resolves.toBeUndefined();
  });

  it('remembers nothing of what it sees before it asks and after it was answered', async () => {
    let own = '';
    onHeartbeat = (txId) => {
      own = txId;
      catchUp.observe(txId);
    };
    await prove();
    catchUp.observe(own);
    whenAwaited((txId) => {
      expect(txId).toBe(own);
      stop.abort();
    });
    await expect(prove()).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
