/**
 * Plain tables: a bold head, columns two spaces apart, no frame, so that they read well and `grep`, `awk` and `cut`
 * work on them.
 */
import type { InspectColor } from 'node:util';

import { printResult, type OutputFormat } from './output.ts';
import type { Terminal } from './terminal.ts';
import { fitColumns, GAP, naturalWidths, type FitColumn } from './table-fit.ts';
import { oneLine, textWidth, truncateText, wrapText } from './text-width.ts';

export interface Column<Row> extends FitColumn {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'right';
  /** Returns the colour of a cell. */
  readonly style?: (row: Row) => InspectColor | null;
}

export interface TableOptions {
  /** A last line when columns were left out. */
  readonly sayDropped?: (count: number) => string;
}

/**
 * On a terminal, lines fit its width: see `fitColumns`. In a pipe nothing is cut or left out.
 *
 * @returns lines that end in a newline; only the head when there are no rows
 */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  terminal: Pick<Terminal, 'columns' | 'style'>,
  { sayDropped }: TableOptions = {},
): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.text(row))));
  const titles = columns.map(({ title }) => oneLine(title));
  const widths = fitColumns(naturalWidths(titles, cells), columns, cells, terminal.columns);
  const shown = [...columns.entries()].filter(([index]) => (widths[index] ?? 0) > 0);
  const head = shown.map(([index, { align }]) =>
    padTo(truncateText(titles[index] ?? '', widths[index] ?? 0), widths[index] ?? 0, align),
  );
  const lines = rows.flatMap((row, line) => {
    const parts = shown.map(([index, column]) => linesOf(cells[line]?.[index] ?? '', column, widths[index] ?? 0));
    return Array.from({ length: Math.max(1, ...parts.map(({ length }) => length)) }, (_, at) =>
      shown.map(([index, column], place) => {
        const text = padTo(parts[place]?.[at] ?? '', widths[index] ?? 0, column.align);
        const colour = column.style?.(row) ?? null;
        return colour === null ? text : terminal.style(colour, text);
      }),
    );
  });
  const dropped = columns.length - shown.length;
  const note = sayDropped === undefined || dropped === 0 ? [] : [sayDropped(dropped)];
  return [
    terminal.style('bold', head.join(GAP).trimEnd()),
    ...lines.map((line) => line.join(GAP).trimEnd()),
    ...note,
    '',
  ].join('\n');
}

function linesOf(text: string, { is }: FitColumn, width: number): readonly string[] {
  if (textWidth(text) <= width) return [text];
  if (is === 'whole') return wrapText(text, width);
  return [is === 'id' ? text.slice(0, width) : truncateText(text, width)];
}

/** Name and value pairs, one a line, the names in a column of their own. */
export function renderFacts(
  facts: readonly (readonly [name: string, value: string])[],
  terminal: Pick<Terminal, 'style'>,
): string {
  const width = Math.max(0, ...facts.map(([name]) => textWidth(name)));
  return facts
    .map(([name, value]) => `${terminal.style('bold', padTo(name, width))}${GAP}${oneLine(value)}`.trimEnd() + '\n')
    .join('');
}

export function padTo(text: string, width: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/**
 * Prints a list that the server has answered: `exact` for programs, `plain` for people.
 *
 * @param none what people are told of an empty one
 */
export function printRows<Row>(
  terminal: Terminal,
  format: OutputFormat,
  found: readonly { readonly plain: Row; readonly exact: unknown }[],
  { columns, none }: { readonly columns: readonly Column<Row>[]; readonly none: string },
): void {
  const json = found.map(({ exact }) => exact);
  const rows = found.map(({ plain }) => plain);
  printResult(terminal, format, json, () => (rows.length === 0 ? none : renderTable(rows, columns, terminal)));
}
