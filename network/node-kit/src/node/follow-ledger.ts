import { EVENTS, type LedgerEvent, type ReceiptHead } from '@eko/protocol/ledger';
import { CatchUp, superviseEvents, type EventConsumer, type LedgerView } from '@eko/sdk/node';
import { type NodeFoundation, RETIRED_NOTICE } from './node-foundation';

/** A node's one subscription to the ledger. */
export interface FollowedLedger {
  readonly view: LedgerView;
  /** Rejects with what no new attempt can mend; never resolves. */
  readonly failed: Promise<never>;
  /** Resolves once the node has dealt with all that was on the ledger when it started; rejects as `failed`. */
  caughtUp(): Promise<void>;
}

/**
 * Feeds a node with the ledger's events until it stops, and tells when it has caught up with them.
 *
 * @param receipts - how far a witness's receipts have come, as its heartbeat says
 */
export function followLedger(
  node: Pick<NodeFoundation, 'ledger' | 'nodeId' | 'clocks' | 'logger' | 'signal' | 'onStop'>,
  consumer: EventConsumer,
  receipts?: () => ReceiptHead,
): FollowedLedger {
  const { ledger, nodeId, clocks, logger, signal } = node;
  const catchUp = new CatchUp();
  const { view, finished } = superviseEvents({
    ledger,
    signal,
    now: clocks.monotonicMs,
    onTrouble: (error, attempt) => {
      logger.warn('the event subscription broke', { error, attempt });
    },
    consumer: {
      checkpoint: () => consumer.checkpoint(),
      apply: async (event, place) => {
        await consumer.apply(event, place);
        if (isRetirementOf(nodeId, event)) logger.warn(RETIRED_NOTICE);
        catchUp.observe(event.txId);
      },
      ...(consumer.passing === undefined ? {} : { passing: consumer.passing }),
    },
  });
  node.onStop(() => finished);
  return {
    view,
    // Made when it is asked for: until then `caughtUp` is where a failure shows.
    get failed() {
      return finished.then(() => new Promise<never>(() => undefined));
    },
    caughtUp: () => {
      const beat = { nodeId, ...(receipts === undefined ? {} : { receipts: receipts() }) };
      return Promise.race([catchUp.prove(ledger, beat, signal), finished]);
    },
  };
}

const isRetirementOf = (nodeId: string, event: LedgerEvent): boolean =>
  event.name === EVENTS.nodeRetired && event.payload.node.nodeId === nodeId;
