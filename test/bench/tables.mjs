/** Rows of text in columns that line up. */
export function table(rows) {
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

/** The figures of a run; with what they are compared with, where they are. */
export function figureTable(figures) {
  const isPaired = figures.some(({ base }) => base !== undefined);
  const optional = (value) => (value === undefined ? '' : String(value));
  return table([
    ['figure', 'value', 'unit', 'goal', 'holds', ...(isPaired ? ['base', '× base'] : [])],
    ...figures.map(({ id, value, unit, goal, holds, base, ratio }) => [
      id,
      String(value),
      unit,
      optional(goal),
      holds === undefined ? '' : holds ? 'yes' : 'NO',
      ...(isPaired ? [optional(base), optional(ratio)] : []),
    ]),
  ]);
}

/** The numbers of a table, each as a figure without a goal; its ID says the bench, the row and the column. */
export function flat({ bench, name, title, columns, rows }) {
  return rows.flatMap((row) => {
    const words = row.filter((cell) => !isNumber(cell));
    return row.flatMap((cell, column) =>
      isNumber(cell)
        ? [
            {
              id: [bench, ...(name === undefined ? [] : [name]), ...words, columns[column]].join('/'),
              value: Number(cell),
              unit: title,
            },
          ]
        : [],
    );
  });
}

const isNumber = (cell) => cell !== '' && Number.isFinite(Number(cell));
