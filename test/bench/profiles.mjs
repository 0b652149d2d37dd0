/** Processor profiles of all processes of Node of a lane, while it is under a load. */
import { causesOf } from './causes.mjs';
import { endBundles } from './stream-setup.mjs';
import { bundles } from './loads.mjs';
import { mapKinds, spending } from './processor-time.mjs';

/** Programs of Fabric are no programs of Node. */
const NOT_NODE = ['peer', 'orderer'];

/**
 * Sets bundles up, and ends them, each under profiles.
 *
 * @returns for both, milliseconds of processor a bundle by the kind of process and by cause; what a cause has of a
 *   process's profile, which is of its main thread, it gets of what the process took, all threads
 */
export async function profiled(lane, { count, size, most }) {
  const setUp = await underProfiles(lane, () => bundles(lane, { count, size, most, keep: true }));
  const bundleIds = lane.kept.splice(0);
  const end = await underProfiles(lane, () => endBundles(lane.parties, bundleIds));
  return mapKinds({ setUp, end }, (causes) =>
    mapKinds(causes, (byCause) => mapKinds(byCause, (ms) => ms / count)),
  );
}

async function underProfiles(lane, work) {
  const kinds = Object.entries(lane.kinds()).filter(([kind]) => !NOT_NODE.includes(kind));
  const pids = kinds.flatMap(([, ofKind]) => ofKind);
  for (const pid of pids) await lane.probe(pid, 'start');
  const { spent } = await spending(lane, work);
  const profiles = new Map();
  for (const pid of pids) profiles.set(pid, await lane.probe(pid, 'stop'));
  const causes = kinds.map(([kind, pids]) => [
    kind,
    causesOf(
      pids.map((pid) => profiles.get(pid)),
      spent[kind],
    ),
  ]);
  const programs = NOT_NODE.filter((kind) => spent[kind] !== undefined);
  return {
    ...Object.fromEntries(causes),
    ...Object.fromEntries(programs.map((kind) => [kind, { 'not a program of Node': spent[kind] }])),
  };
}
