import { readdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { figureTable, flat, table } from './tables.mjs';

/** They take long, or give no figures with goals: they run only when they are named. */
const ONLY_BY_NAME = ['growth', 'profile'];
/** They compare this checkout with another one. */
const PAIRED = ['embedded', 'fabric', 'growth'];

const USAGE = `npm run bench [-- [--against DIR] [--only ID,...] [--json FILE] [NAME...]]

  --against DIR   a built checkout of EKO: ${PAIRED.join(', ')} measure both in turns, and print both and the ratio
  --only ID,...   only what is needed for these figures
  --json FILE     writes the figures, and what the tables show, as JSON
`;

/**
 * Runs the bench files beside this one, each in turn, and prints their figures.
 *
 * A bench file exports `cases({ progress, against, only, options })`, which answers
 * `{ figures: [{ id, value, unit, goal, holds, base, ratio }], tables: [{ title, columns, rows }] }`.
 */
async function runBench(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: {
      json: { type: 'string' },
      against: { type: 'string' },
      only: { type: 'string' },
      live: { type: 'string' },
      ledger: { type: 'string' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.bench.mjs')).sort();
  const names = files.map((name) => name.replace('.bench.mjs', ''));
  if (values.help) {
    process.stdout.write(
      `${USAGE}\nNames: ${names.join(', ')}; without one, all but ${ONLY_BY_NAME.join(', ')}\n`,
    );
    return;
  }
  const wanted = positionals.length > 0 ? positionals : names.filter((name) => !ONLY_BY_NAME.includes(name));
  refuseUnknown(wanted, names, values);

  const figures = [];
  const tables = [];
  for (const name of wanted) {
    process.stderr.write(`bench ${name} ...\n`);
    const { cases } = await import(`./${name}.bench.mjs`);
    const progress = (line) => process.stderr.write(`  ${line}\n`);
    const only = values.only?.split(',');
    const answer = await cases({ progress, against: values.against, only, options: values });
    figures.push(...answer.figures);
    tables.push(...(answer.tables ?? []).map((each) => ({ ...each, bench: name })));
  }
  if (values.only !== undefined && figures.length === 0)
    throw new Error(`None of ${wanted.join(', ')} has a figure ${values.only}`);
  for (const { title, columns, rows } of tables)
    process.stdout.write(`${title}\n${table([columns, ...rows])}\n\n`);
  if (figures.length > 0) process.stdout.write(`${figureTable(figures)}\n`);
  if (values.json !== undefined)
    await writeFile(values.json, `${JSON.stringify([...figures, ...tables.flatMap(flat)], null, 2)}\n`);
}

function refuseUnknown(wanted, names, { against }) {
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`No such bench: ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  const alone = wanted.filter((name) => !PAIRED.includes(name));
  if (against !== undefined && alone.length > 0)
    throw new Error(`--against is for ${PAIRED.join(', ')}, not for ${alone.join(', ')}`);
}

await runBench(process.argv.slice(2));
