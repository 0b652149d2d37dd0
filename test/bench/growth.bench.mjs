import { runParts, wantedParts } from './figure-parts.mjs';
import { withLanes } from './lane.mjs';
import { median } from './measure.mjs';
import { sumOf } from './processor-time.mjs';
import { figureOf, inTurns, warmUp } from './rounds.mjs';

/** Live bundles of one stream, with `--live` another number. */
const LIVE = 5_000;
const FEW = 100;
/** Part of the live bundles with which an orchestrator starts again. */
const START_AT = 0.95;
const STARTS = 3;
const IDLE_MS = 10_000;

/** Live streams between whose counts memory grows: bundles of 200, and a thousand of one. */
const STREAMS = [1_000, 10_000];
const BUNDLE = 200;
const SINGLES = 1_000;
const PAGE = { count: 20, limit: 100 };

/** A load whose cost is compared: not so small that a network's noise hides it, not so large that it is what grows. */
const PROBE = { count: 16, size: 10, most: 4 };
const WRITES = { count: 300, most: 64 };
const PROBE_ROUNDS = 5;

/** What grows with the number of streams and bundles that live, or that have ended. Takes a good while. */
export async function cases({ progress, against, only, options: { live = LIVE } }) {
  const figures = [];
  for (const { parts, withProbes } of [
    { parts: wantedParts(OF_STREAMS, only), withProbes: true },
    { parts: wantedParts(ofBundles(Number(live)), only), withProbes: false },
  ]) {
    if (parts.length === 0) continue;
    // A network of its own for each: what has lived in one before takes its memory still.
    const answer = await withLanes({ ledger: 'embedded', against, withProbes, progress }, (lanes) =>
      runParts(parts, lanes, progress),
    );
    figures.push(...answer.figures);
  }
  return { figures };
}

const MEMORY_GOALS = { witness: 0.5, orchestrator: 1, party: 3 };
const direction = 'at most';

const OF_STREAMS = [
  {
    ids: [...Object.keys(MEMORY_GOALS).map((role) => `memory-live-${role}`), 'growth-page'],
    run: manyStreams,
  },
];

async function manyStreams(lanes, progress) {
  const [from, to] = STREAMS;
  const samples = await inTurns(lanes, progress, { rounds: 1, measure: withManyStreams });
  return {
    figures: [
      ...Object.entries(MEMORY_GOALS).map(([role, goal]) =>
        figureOf(
          samples,
          { id: `memory-live-${role}`, unit: 'kB a live stream', goal, direction },
          // Both parties are in one process.
          ({ resident }) =>
            (resident[1][role] - resident[0][role]) / 1_000 / (to - from) / (role === 'party' ? 2 : 1),
        ),
      ),
      figureOf(samples, { id: 'growth-page', unit: 'ms', goal: 8, direction }, ({ pageMs }) =>
        median(pageMs),
      ),
    ],
  };

  async function withManyStreams(lane) {
    const keep = true;
    await lane.call('bundles', { count: from / BUNDLE, size: BUNDLE, most: 2, keep });
    const resident = [await residentWith(lane, from)];
    await lane.call('bundles', { count: SINGLES, size: 1, most: 32, keep });
    await lane.call('bundles', { count: (to - from - SINGLES) / BUNDLE, size: BUNDLE, most: 2, keep });
    resident.push(await residentWith(lane, to));
    const { pageMs } = await lane.call('pages', PAGE);
    progress(`${lane.name}: a page of ${PAGE.limit}: ${pageMs.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    return { resident, pageMs };
  }

  async function residentWith(lane, streams) {
    const resident = await lane.call('memory');
    const shown = Object.entries(resident).map(
      ([kind, bytes]) => `${kind} ${(bytes / 2 ** 20).toFixed(0)} MB`,
    );
    progress(`${lane.name}: with ${streams} live streams: ${shown.join(', ')}`);
    return resident;
  }
}

function ofBundles(live) {
  const ids = ['growth-live', 'growth-ended', 'growth-start', 'memory-live-restart', 'growth-idle'];
  return [
    {
      ids,
      async run(lanes, progress) {
        await warmUp(lanes, progress);
        const samples = await inTurns(lanes, progress, {
          rounds: 1,
          measure: (lane) => withManyBundles(lane, live, progress),
        });
        const row = (id, unit, goal) => ({ id, unit, goal, direction });
        const ratio = '× with 100 live bundles';
        return {
          figures: [
            figureOf(samples, row('growth-live', ratio, 1.05), ({ few, many }) => many / few),
            figureOf(samples, row('growth-ended', ratio, 1.05), ({ few, ended }) => ended / few),
            figureOf(samples, row('growth-start', 's', 1.2), ({ starts }) =>
              median(starts.map(({ seconds }) => seconds)),
            ),
            figureOf(samples, row('memory-live-restart', 'MB', 150), ({ starts }) =>
              median(starts.map(({ megabytes }) => megabytes)),
            ),
            figureOf(samples, row('growth-idle', 'ms of processor a second', 8), ({ idleMs }) => idleMs),
          ],
        };
      },
    },
  ];
}

async function withManyBundles(lane, live, progress) {
  const say = (line) => progress(`${lane.name}: ${line}`);
  const add = (count) => lane.call('bundles', { count, size: 1, most: 32, until: 'active', keep: true });
  await add(FEW);
  const few = await probe(lane, say, `${FEW} live bundles`);
  const atStart = Math.round(live * START_AT);
  await add(atStart - FEW);
  const { perSecond } = await lane.call('idle', { ms: IDLE_MS });
  const idleMs = perSecond.orchestrator / lane.nodes.orchestrator;
  say(`an orchestrator idles at ${idleMs.toFixed(1)} ms of processor a second with ${atStart} live bundles`);
  const starts = [];
  for (let turn = 0; turn < STARTS; turn += 1)
    starts.push(await lane.call('startAgain', { role: 'orchestrator' }));
  say(
    `starts: ${starts.map(({ seconds, megabytes }) => `${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`).join('; ')}`,
  );
  await add(live - atStart);
  // What started again has its code to compile anew.
  await warmUp([lane], progress);
  const many = await probe(lane, say, `${live} live bundles`);
  await lane.call('endKept', { most: live - FEW });
  const ended = await probe(lane, say, `${live - FEW} ended bundles`);
  return { few, many, ended, starts, idleMs };
}

/** What a bundle costs, by what a write costs in the same minute: both of all processes. */
async function probe(lane, say, when) {
  const ratios = [];
  const costs = [];
  for (let round = 0; round < PROBE_ROUNDS; round += 1) {
    const bundle = sumOf((await lane.call('bundles', PROBE)).processorMs);
    const write = sumOf((await lane.call('writes', WRITES)).processorMs);
    costs.push(`${bundle.toFixed(0)} (${write.toFixed(2)})`);
    ratios.push(bundle / write);
  }
  say(`ms of processor a bundle of ${PROBE.size} (a write) with ${when}: ${costs.join(', ')}`);
  return median(ratios);
}
