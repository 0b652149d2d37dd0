/** How long a person waits for the first byte of a stream, with nothing else going on. */
import { POLICY, REQUEST } from './dev-parties.mjs';
import { transactionsDuring } from './ledger-use.mjs';
import { attested, endBundles, firstByteHasCome, timeOf, writeOnce } from './stream-setup.mjs';

/** Milliseconds from the request of one stream to its first byte, and of one write after it, `count` times. */
export async function firstBytes({ parties }, { count }) {
  const byteMs = [];
  const writeMs = [];
  for (let turn = 0; turn < count; turn += 1) {
    let stream;
    byteMs.push(
      await timeOf(async () => {
        stream = await parties.initiator.client.requestStream(POLICY, REQUEST);
        await firstByteHasCome(parties, stream);
      }),
    );
    writeMs.push(await timeOf(() => writeOnce(parties)));
    await stream.complete();
    await attested(parties);
  }
  return { byteMs, writeMs };
}

/**
 * Milliseconds from opening another stream of an active bundle, of which one is open, to its first byte; and how many
 * transactions came of all of them.
 */
export async function nextBytes({ parties }, { count }) {
  const requests = Array.from({ length: count + 1 }, () => REQUEST);
  const [first, ...others] = await parties.initiator.client.requestStreams(POLICY, requests);
  await firstByteHasCome(parties, first);
  const byteMs = [];
  const transactions = await transactionsDuring(parties, async () => {
    for (const stream of others) byteMs.push(await timeOf(() => firstByteHasCome(parties, stream)));
  });
  await endBundles(parties, [first.bundleId]);
  // Ends of earlier streams are attested when it suits their holders.
  const ofStreams = transactions.filter(({ eventName }) => eventName !== 'DestructionAttested');
  return { byteMs, transactions: ofStreams.length };
}
