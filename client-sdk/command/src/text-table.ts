/** Rows in columns as wide as their widest cell; the first row is the heading. */
export function textTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const [heading, ...others] = rows;
  if (heading === undefined) return [];
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(heading), rule, ...others.map(line)];
}
