import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGES = join(__dirname, '../../../docs');

/**
 * The rows of the one table below a heading of a page in docs, without its head; code marks are taken off.
 *
 * @throws Error when there is no such table
 */
export function tableBelow(page: string, heading: string): readonly (readonly string[])[] {
  const text = readFileSync(join(PAGES, page), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const [, , ...rows] = (section ?? '').split('\n').filter((line) => line.startsWith('|'));
  if (rows.length === 0) throw new Error(`docs/${page} has no table below ${heading}`);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}
