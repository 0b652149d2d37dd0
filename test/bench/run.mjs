import { readdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

/**
 * Runs the bench files beside this one, each in turn, and prints one table.
 *
 * A bench file exports `cases(progress)`, which answers `[{ id, value, unit, goal, holds }]`.
 */
async function runBench(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { json: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.bench.mjs')).sort();
  const names = files.map((name) => name.replace('.bench.mjs', ''));
  if (values.help) {
    process.stdout.write(`npm run bench [-- [--json FILE] [NAME...]]\nNames: ${names.join(', ')}\n`);
    return;
  }
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`No such bench: ${unknown.join(', ')}. There are: ${names.join(', ')}`);

  const figures = [];
  for (const name of positionals.length > 0 ? positionals : names) {
    process.stderr.write(`bench ${name} ...\n`);
    const { cases } = await import(`./${name}.bench.mjs`);
    figures.push(...(await cases((line) => process.stderr.write(`  ${line}\n`))));
  }
  process.stdout.write(`${table(figures)}\n`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}

function table(figures) {
  const rows = [
    ['figure', 'value', 'unit', 'goal', 'holds'],
    ...figures.map(({ id, value, unit, goal, holds }) => [
      id,
      String(value),
      unit,
      goal,
      holds ? 'yes' : 'NO',
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

await runBench(process.argv.slice(2));
