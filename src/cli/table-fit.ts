/** Chooses the columns of a table and their widths, so that its lines fit the terminal. */
import { textWidth } from './text-width.ts';

export interface FitColumn {
  /** `whole`: not cut; wrapped when there is no room for it even alone. `id`: cut as long as the ids stay unique. */
  readonly is?: 'whole' | 'id';
  /** Whether it may be cut. */
  readonly shrinks?: boolean;
  /** Whether it may be left out: the highest number goes first. */
  readonly drops?: number;
}

/** Smallest width of a column that is cut. */
const SHRUNK_COLUMNS_MIN = 8;
/** Smallest width of a name that is wrapped. */
const WRAPPED_COLUMNS_MIN = 8;
/** Characters of our ids that contain the time to the millisecond. */
const ID_CHARS_MIN = 13;
export const GAP = '  ';

/**
 * In this order, until the lines fit: ids become as short as they may, what shrinks is cut, what drops is left out (and
 * what was cut is whole again, where there is room now), names are wrapped.
 *
 * @param natural widths of the columns with nothing cut. @param cells the rows' texts. @returns a width a column; 0: it
 * is left out
 */
export function fitColumns(
  natural: readonly number[],
  columns: readonly FitColumn[],
  cells: readonly (readonly string[])[],
  limit: number | null,
): readonly number[] {
  if (limit === null || widthOf(natural) <= limit) return natural;
  const shortened = natural.map((width, index) =>
    columns[index]?.is === 'id'
      ? Math.min(width, Math.max(shortIdWidth(cells.map((line) => line[index] ?? '')), 4))
      : width,
  );
  const droppable = [...columns.entries()]
    .filter(([, { drops }]) => drops !== undefined)
    .sort(([, a], [, b]) => (b.drops ?? 0) - (a.drops ?? 0))
    .map(([index]) => index);
  for (let count = 0; ; count += 1) {
    const dropped = new Set(droppable.slice(0, count));
    const widths = shrink(
      shortened.map((width, index) => (dropped.has(index) ? 0 : width)),
      columns,
      limit,
    );
    if (widthOf(widths) <= limit) return widths;
    if (count === droppable.length) return wrapNames(widths, columns, limit);
  }
}

/** The length at which no two of the ids are equal. */
export function shortIdWidth(ids: readonly string[]): number {
  const different = [...new Set(ids)].sort();
  let length = ID_CHARS_MIN;
  for (const [index, id] of different.entries()) {
    const before = different[index - 1] ?? '';
    let shared = 0;
    while (shared < id.length && id[shared] === before[shared]) shared += 1;
    if (index > 0) length = Math.max(length, shared + 1);
  }
  return Math.min(length, Math.max(0, ...different.map((id) => id.length)));
}

function widthOf(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, shown.length - 1);
}

/** Narrows the widest columns that may shrink until the line fits, or nothing more can be taken. */
function shrink(given: readonly number[], columns: readonly FitColumn[], limit: number): number[] {
  const widths = [...given];
  for (let excess = widthOf(widths) - limit; excess > 0; excess -= 1) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      const canShrink = columns[index]?.shrinks === true && width > SHRUNK_COLUMNS_MIN;
      if (canShrink && width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function wrapNames(given: readonly number[], columns: readonly FitColumn[], limit: number): number[] {
  const widths = [...given];
  for (let excess = widthOf(widths) - limit; excess > 0; excess -= 1) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      if (columns[index]?.is === 'whole' && width > WRAPPED_COLUMNS_MIN && width > (widths[widest] ?? 0))
        widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

export function naturalWidths(titles: readonly string[], cells: readonly (readonly string[])[]): number[] {
  return titles.map((title, index) =>
    cells.reduce((most, line) => Math.max(most, textWidth(line[index] ?? '')), textWidth(title)),
  );
}
