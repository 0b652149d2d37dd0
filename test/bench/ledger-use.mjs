/** What streams take of the ledger, and of the nodes that have no part in them. */
import { POLICY, REQUEST } from './dev-parties.mjs';
import { blocksWith, bytesOfThese, eventsBetween } from './fabric-gateway.mjs';
import { mapKinds, processorMs, spendingAboveIdle } from './processor-time.mjs';
import { attested, endBundles, timeOf, untilOf, writeOnce } from './stream-setup.mjs';

const keysAreRebuilt = untilOf('keys');

/** The transactions that changed anything on the ledger while something was done: all but heartbeats. */
export async function transactionsDuring(parties, work) {
  const { client } = parties.initiator;
  const { profile } = parties.network.layout.node(client.nodeId);
  const from = await writeOnce(parties);
  await work();
  const to = await writeOnce(parties);
  const events = await eventsBetween(profile, from, to.txId);
  return events.filter(({ eventName }) => eventName !== 'Heartbeat');
}

/** Transactions of the whole life of single streams, requested at a steady pace and ended once their keys are there. */
export async function lifeTransactions({ parties }, { count, perSecond }) {
  const transactions = await transactionsDuring(parties, async () => {
    const lives = [];
    for (let turn = 0; turn < count; turn += 1) {
      lives.push(lifeOf(parties));
      await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
    }
    await Promise.all(lives);
    await attested(parties);
  });
  const byEvent = {};
  for (const { eventName } of transactions) byEvent[eventName] = (byEvent[eventName] ?? 0) + 1;
  return { each: transactions.length / count, byEvent: mapKinds(byEvent, (all) => all / count) };
}

async function lifeOf(parties) {
  const stream = await parties.initiator.client.requestStream(POLICY, REQUEST);
  await keysAreRebuilt(parties, stream);
  await stream.complete();
}

/**
 * What witnesses and orchestrators that have no part in a stream take of the processor for each transaction of it, from
 * its request to the last attestation, without what idling takes. One dealer, so that an orchestrator is left over.
 *
 * @returns milliseconds a node and transaction, by role
 */
export async function bystanders(lane, { count }) {
  const { parties } = lane;
  const { network } = parties.network;
  const policy = { ...POLICY, dealers: 1 };
  const spentMs = { witness: 0, orchestrator: 0 };
  const seen = { witness: 0, orchestrator: 0 };
  const ofEach = {
    parties,
    // Every node by itself: who is left over is known only afterwards.
    kinds: () =>
      Object.fromEntries(network.nodes.map(({ nodeId }) => [nodeId, pidsOf(parties.network, nodeId)])),
    idlePerSecond: await idleOfEach(parties.network),
  };
  for (let turn = 0; turn < count; turn += 1) {
    let view;
    let spent;
    const transactions = await transactionsDuring(parties, async () => {
      ({ spent } = await spendingAboveIdle(ofEach, async () => {
        const stream = await parties.initiator.client.requestStream(policy, REQUEST);
        await keysAreRebuilt(parties, stream);
        view = parties.initiator.client.bundles.get(stream.bundleId);
        await stream.complete();
        await attested(parties);
      }));
    });
    const [{ dealings, selection }] = view.dealings;
    const involved = new Set([...selection.witnesses, ...dealings.map(({ dealer }) => dealer)]);
    for (const { nodeId, role } of network.nodes) {
      if (role === 'party' || involved.has(nodeId)) continue;
      spentMs[role] += spent[nodeId];
      seen[role] += transactions.length;
    }
  }
  return mapKinds(spentMs, (ms, role) => ms / seen[role]);
}

const IDLE_MS = 5_000;

async function idleOfEach(network) {
  const kinds = Object.fromEntries(
    network.network.nodes.map(({ nodeId }) => [nodeId, pidsOf(network, nodeId)]),
  );
  const before = processorMs(kinds);
  const ms = await timeOf(() => new Promise((resolve) => setTimeout(resolve, IDLE_MS)));
  const after = processorMs(kinds);
  return mapKinds(after, (value, nodeId) => ((value - before[nodeId]) * 1000) / ms);
}

const pidsOf = (network, nodeId) => [network.pidOf(nodeId)].filter((pid) => pid !== undefined);

/** What the blocks of one bundle's request and dealings take, in bytes. */
export async function ledgerBytes({ parties, progress }, { size }) {
  const { client } = parties.initiator;
  const { blockNumber } = await writeOnce(parties);
  const streams = await client.requestStreams(
    POLICY,
    Array.from({ length: size }, () => REQUEST),
  );
  await Promise.all(streams.map((stream) => stream.whenActive()));
  const { bundle, dealings } = client.bundles.get(streams[0].bundleId);
  const wanted = new Set([bundle.requestTxId, ...dealings.map(({ txId }) => txId)]);
  const { profile } = parties.network.layout.node(client.nodeId);
  const blocks = await blocksWith(profile, wanted, blockNumber);
  const bytes = blocks.reduce((sum, block) => sum + bytesOfThese(block, wanted), 0);
  progress(`one bundle of ${size}: ${blocks.length} blocks, ${bytes} bytes`);
  await endBundles(parties, [streams[0].bundleId]);
  return { bytes };
}
