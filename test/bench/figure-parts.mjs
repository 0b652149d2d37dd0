/** Parts of a bench: each measures some figures, and can be left out. */
import { median } from './measure.mjs';
import { mapKinds, sumOf } from './processor-time.mjs';
import { figureOf, inTurns } from './rounds.mjs';

/** The parts that have any of the figures that are wanted; all where none is named. */
export function wantedParts(parts, only) {
  return only === undefined ? parts : parts.filter(({ ids }) => ids.some((id) => only.includes(id)));
}

/**
 * Runs the parts of a bench in turn.
 *
 * @param parts - each with the `ids` of its figures, and `run`, which measures lanes
 * @returns the figures and the tables of all
 */
export async function runParts(parts, lanes, progress) {
  const answer = { figures: [], tables: [] };
  for (const { run } of parts) {
    const { figures, tables = [] } = await run(lanes, progress);
    answer.figures.push(...figures);
    answer.tables.push(...tables);
  }
  return answer;
}

/** The part that measures the first byte of a stream, less the two commits that it waits for, and that of another. */
export function firstBytePart(ledger, { goal, perRound }) {
  const ids = [`${ledger}-first-byte`, `${ledger}-next-byte`, `${ledger}-next-byte-transactions`];
  const [first, next, transactions] = ids;
  return {
    ids,
    async run(lanes, progress) {
      const samples = await inTurns(lanes, progress, {
        measure: async (lane) => ({
          first: await lane.call('firstBytes', { count: perRound }),
          next: await lane.call('nextBytes', { count: perRound * 2 }),
        }),
        shown: (sample) =>
          `first byte ${median(sample.first.byteMs).toFixed(0)} ms, one write ${median(sample.first.writeMs).toFixed(0)} ms, ` +
          `first byte of another stream ${median(sample.next.byteMs).toFixed(0)} ms`,
      });
      const direction = 'at most';
      return {
        figures: [
          figureOf(
            samples,
            { id: first, unit: 'ms without two commits', goal, direction },
            (sample) => median(sample.first.byteMs) - 2 * median(sample.first.writeMs),
          ),
          figureOf(samples, { id: next, unit: 'ms', goal: 15, direction }, (sample) =>
            median(sample.next.byteMs),
          ),
          figureOf(
            samples,
            { id: transactions, unit: 'of all', goal: 0, direction },
            (sample) => sample.next.transactions,
          ),
        ],
      };
    },
  };
}

/**
 * What each load takes of the processors, by the kind of process: the median of the rounds, beside the rate.
 *
 * @param loads - by a name for people: how a load's answer is found in a sample, and what one of it is
 */
export function processorTable(lanes, samples, loads) {
  const kinds = ['party', 'witness', 'orchestrator', ...lanes[0].nodes.ledger];
  const rows = loads.flatMap(({ load, key, spent = 'processorMs' }) => {
    const medians = lanes.map((lane, place) => {
      const each = samples[place].map((sample) => sample[key]);
      const ms = Object.fromEntries(
        kinds.map((kind) => [kind, median(each.map((answer) => answer[spent][kind]))]),
      );
      const rate = spent === 'processorMs' ? median(each.map(({ perSecond }) => perSecond)) : undefined;
      return { load, lane: lane.name, rate, ms };
    });
    return lanes.length === 1 ? medians : [...medians, ratioOf(medians)];
  });
  return {
    title: 'Milliseconds of processor, all threads, by the kind of process',
    columns: ['of', 'run', 'a second', ...kinds, 'all'],
    rows: rows.map(({ load, lane, rate, ms, all = sumOf(ms) }) => [
      load,
      lane,
      rate === undefined ? '' : shown(rate),
      ...kinds.map((kind) => shown(ms[kind])),
      shown(all),
    ]),
  };
}

/** How one lane's medians are to the other's. */
function ratioOf([change, base]) {
  return {
    load: change.load,
    lane: 'ratio',
    rate: change.rate === undefined ? undefined : change.rate / base.rate,
    ms: mapKinds(change.ms, (value, kind) => value / base.ms[kind]),
    all: sumOf(change.ms) / sumOf(base.ms),
  };
}

const shown = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '');
