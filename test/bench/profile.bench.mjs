import { withLanes } from './lane.mjs';
import { sumOf } from './processor-time.mjs';
import { warmUp } from './rounds.mjs';

const LOADS = [
  { name: 'bundle of 50', options: { count: 40, size: 50, most: 8 } },
  { name: 'single', options: { count: 200, size: 1, most: 16 } },
];

/**
 * What the processor time of every kind of process goes to, by cause, while streams are set up and ended: of the embedded
 * ledger, or with `--ledger fabric` of Fabric. Profiles slow what they watch: rates and figures come from other benches.
 */
export function cases({ progress, options: { ledger = 'embedded' } }) {
  return withLanes({ ledger, withProbes: true, progress }, async (lanes) => {
    await warmUp(lanes, progress);
    const tables = [];
    for (const { name, options } of LOADS) {
      const { setUp, end } = await lanes[0].call('profiled', options);
      tables.push(causeTable(`${name}, set-up`, setUp), causeTable(`${name}, end`, end));
    }
    return { figures: [], tables };
  });
}

function causeTable(load, byKind) {
  const kinds = Object.keys(byKind);
  const of = (cause, kind) => byKind[kind][cause] ?? 0;
  const sum = (cause) => kinds.reduce((all, kind) => all + of(cause, kind), 0);
  const causes = [...new Set(kinds.flatMap((kind) => Object.keys(byKind[kind])))].sort(
    (one, other) => sum(other) - sum(one),
  );
  const all = kinds.reduce((each, kind) => each + sumOf(byKind[kind]), 0);
  return {
    name: load,
    title: `Milliseconds of processor of a ${load}, by cause`,
    columns: ['cause', ...kinds, 'all', '%'],
    rows: [
      ...causes.map((cause) => [
        cause,
        ...kinds.map((kind) => of(cause, kind).toFixed(2)),
        sum(cause).toFixed(2),
        ((100 * sum(cause)) / all).toFixed(1),
      ]),
      ['sum', ...kinds.map((kind) => sumOf(byKind[kind]).toFixed(2)), all.toFixed(2), '100.0'],
    ],
  };
}
