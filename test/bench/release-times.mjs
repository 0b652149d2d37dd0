import { FIRST_EPOCH, TRANSACTIONS } from '@eko/protocol/ledger';
import { verifyEd25519OnNode } from '@eko/protocol/node';
import { collectKeys, newCollectionTask } from '@eko/sdk/node';
import { HedgeDelay } from '../../client-sdk/sdk/dist/collection/hedge-delay.js';
import { WitnessStanding } from '../../client-sdk/sdk/dist/collection/witness-standing.js';
import { POLICY, REQUEST } from './dev-parties.mjs';
import { median, percentile } from './measure.mjs';
import { endBundles, timeOf } from './stream-setup.mjs';

const TURNS = 6;
const RELEASES_A_TURN = 20;
/** So many streams of a bundle that enough of them have drawn the witness in question. */
const STREAMS = 50;

/**
 * Releases of one stream's shares while one of its three witnesses is offline (its port takes no connections) or silent
 * (its port takes them, and nothing answers), each against releases with all three, in turns.
 *
 * @returns how the 99th percentiles compare to that with all three
 */
export async function releasesWithoutOne({ parties, progress }) {
  const { initiator, network } = parties;
  const streams = await initiator.client.requestStreams(
    POLICY,
    Array.from({ length: STREAMS }, () => REQUEST),
  );
  await Promise.all(streams.map((stream) => stream.whenActive()));
  const view = initiator.client.bundles.get(streams[0].bundleId);
  const [nodeId] = view.dealings[0].selection.witnesses;
  // Each remembers for itself who was silent and how long answers took, as a party that has collected before: what the
  // first release costs is in its own times.
  const collectors = {
    whole: collectorOf(initiator, view),
    offline: collectorOf(initiator, view),
    silent: collectorOf(initiator, view),
  };
  const concerned = streamsOf(view, nodeId);
  const times = { whole: [], offline: [], silent: [] };
  const releases = async (name) => {
    times[name].push(...(await releaseTimes(collectors[name], concerned, RELEASES_A_TURN)));
  };
  for (const collector of Object.values(collectors))
    await releaseTimes(collector, concerned, concerned.length);
  for (let turn = 0; turn < TURNS; turn += 1) {
    await releases('whole');
    await network.kill(nodeId);
    await releases('offline');
    await network.restart(nodeId);
    process.kill(network.pidOf(nodeId), 'SIGSTOP');
    try {
      await releases('silent');
    } finally {
      process.kill(network.pidOf(nodeId), 'SIGCONT');
    }
  }
  await endBundles(parties, [view.bundle.bundleId]);
  return { offline: tail('offline', times, progress), silent: tail('silent', times, progress) };
}

function tail(name, { whole, [name]: without }, progress) {
  const of = (times) => `p50 ${median(times).toFixed(0)}, p99 ${percentile(times, 99).toFixed(0)} ms`;
  progress(
    `release with one witness ${name}: ${of(without)}, with all: ${of(whole)}; ` +
      `the medians' ratio is ${(median(without) / median(whole)).toFixed(2)}`,
  );
  return percentile(without, 99) / percentile(whole, 99);
}

/** The streams of a bundle that have drawn a witness. */
function streamsOf({ dealings: [{ selection }] }, witness) {
  const place = selection.witnesses.indexOf(witness);
  // With one draw for the whole bundle, whoever is drawn is drawn for every stream.
  const draws = selection.draws ?? Array.from({ length: STREAMS }, () => [place]);
  return draws.flatMap((draw, index) => (draw.includes(place) ? [index] : []));
}

/** What collects a party's keys of one bundle, again and again: it remembers who was silent, as a party does, and no key. */
function collectorOf({ base, client }, view) {
  const { bundleId } = view.bundle;
  const { channel } = base.ledger;
  const authorize = async () => {
    const argument = { bundleId, epoch: FIRST_EPOCH, streams: 'all' };
    return (await base.ledger.submit(TRANSACTIONS.authorizeRelease, argument)).txId;
  };
  return {
    task: newCollectionTask({ channel, view, epoch: FIRST_EPOCH, party: client.nodeId }),
    ports: {
      peers: base.client,
      keys: { kem: base.kem },
      primitives: base.primitives,
      verify: verifyEd25519OnNode,
      node: (nodeId) => base.directory.require(nodeId),
      view: () => view,
      authorize,
      monotonicMs: () => performance.now(),
      standing: new WitnessStanding(),
      hedging: new HedgeDelay(),
    },
    sink: {
      key: (_index, key) => key.dispose(),
      failed: (_index, error) => {
        throw error;
      },
      accuse: () => undefined,
    },
  };
}

/** Milliseconds of each of some releases, from a permit on the ledger to the key; one permit is good for all. */
async function releaseTimes({ task, ports, sink }, streams, count) {
  const permit = await ports.authorize();
  const times = [];
  for (let turn = 0; turn < count; turn += 1) {
    const index = streams[turn % streams.length];
    times.push(await timeOf(() => collectKeys(task, [index], permit, ports, sink)));
  }
  return times;
}
