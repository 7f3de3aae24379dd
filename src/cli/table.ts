/** Plain tables: a bold head, columns two spaces apart, no frame, so that they read well and `grep`, `awk` and `cut` work on them. */
import type { InspectColor } from 'node:util';

import type { Terminal } from './terminal.ts';
import { oneLine, textWidth, truncateText } from './text-width.ts';

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'right';
  /** The colour of a cell. */
  readonly style?: (row: Row) => InspectColor | null;
  /** May be cut when the terminal is narrow. Ids and numbers may not: half an id is no use. */
  readonly shrinks?: boolean;
}

/** A column that shrinks keeps at least this much. */
const SHRUNK_COLUMNS_MIN = 8;
const GAP = '  ';

/** @returns lines that end in a newline; only the head when there is no row */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Pick<Terminal, 'columns' | 'style'>): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.text(row))));
  const natural = columns.map(({ title }, index) => Math.max(textWidth(title), ...cells.map((line) => textWidth(line[index] ?? ''))));
  const widths = fitWidths(natural, columns, terminal.columns);
  const head = columns.map(({ title, align }, index) => padTo(truncateText(title, widths[index] ?? 0), widths[index] ?? 0, align));
  const lines = rows.map((row, line) =>
    columns.map((column, index) => {
      const width = widths[index] ?? 0;
      const text = padTo(truncateText(cells[line]?.[index] ?? '', width), width, column.align);
      const colour = column.style?.(row) ?? null;
      return colour === null ? text : terminal.style(colour, text);
    }),
  );
  return [terminal.style('bold', head.join(GAP).trimEnd()), ...lines.map((line) => line.join(GAP).trimEnd()), ''].join('\n');
}

/** Name and value pairs, one a line, the names in a column of their own. */
export function renderFacts(facts: readonly (readonly [name: string, value: string])[], terminal: Pick<Terminal, 'style'>): string {
  const width = Math.max(0, ...facts.map(([name]) => textWidth(name)));
  return facts.map(([name, value]) => `${terminal.style('bold', padTo(name, width))}${GAP}${oneLine(value)}`.trimEnd() + '\n').join('');
}

/** Takes columns from the widest that may shrink until the line fits, or nothing more can be taken. */
function fitWidths<Row>(natural: readonly number[], columns: readonly Column<Row>[], limit: number | null): number[] {
  const widths = [...natural];
  if (limit === null) return widths;
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - limit;
  while (excess > 0) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      const canShrink = columns[index]?.shrinks === true && width > SHRUNK_COLUMNS_MIN;
      if (canShrink && width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

export function padTo(text: string, width: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}
