import { once } from 'node:events';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { POLICY, REQUEST } from './dev-parties.mjs';
import { median, percentile } from './measure.mjs';
import { attested } from './stream-setup.mjs';

/**
 * The provider revokes, `count` times; the socket of the initiator, another organisation's, closes.
 *
 * @returns how long that takes by how long the commit status takes, each from the call: the medians, and the 95th percentiles
 */
export async function revocations({ parties, progress }, { count }) {
  const { initiator, provider } = parties;
  const closed = [];
  const committed = [];
  for (let turn = 0; turn < count; turn += 1) {
    const stream = await initiator.client.requestStream(POLICY, REQUEST);
    const connection = await stream.open();
    await once(connection, 'data');
    const started = performance.now();
    const isClosed = new Promise((resolve) => {
      connection.on('error', () => undefined).once('close', () => resolve(performance.now() - started));
    });
    await provider.ledger.submit(TRANSACTIONS.revokeStream, { bundleId: stream.bundleId, streams: 'all' });
    committed.push(performance.now() - started);
    closed.push(await isClosed);
    await attested(parties);
  }
  progress(
    `revocation: closed p50 ${median(closed).toFixed(0)} p95 ${percentile(closed, 95).toFixed(0)} ms, ` +
      `committed p50 ${median(committed).toFixed(0)} p95 ${percentile(committed, 95).toFixed(0)} ms`,
  );
  return {
    p50: median(closed) / median(committed),
    p95: percentile(closed, 95) / percentile(committed, 95),
  };
}
