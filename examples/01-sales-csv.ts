/**
 * Takes a CSV file apart so that nothing is lost or guessed: each row with the line on which it begins, its text, and
 * its cells under the names of the header, or the reason why it has none. `csv-parse` reads the rows; where a row ends
 * is decided here, so that a quote left open costs its own row and not the rest of the file.
 */

import { parse } from 'csv-parse/sync';

/** A row as it was found in the file. */
export interface RawRow {
  /** Line on which it begins; the first line of the file is 1. */
  line: number;
  text: string;
  /** In the order of the columns that were asked for; `null` when the row cannot be taken apart: `problem` says why. */
  cells: string[] | null;
  problem?: string | undefined;
}

/** A row over more lines is one whose quote was left open. */
const LINES_MAX = 50;
const DELIMITERS = [',', ';', '\t'];
const MARKS = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
] as const;

/**
 * By its byte order mark, or else as `encoding` says. Throws when the bytes are no such text: a guess would change
 * names.
 */
export function decode(bytes: Uint8Array, encoding: string): string {
  const [marked] = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? [encoding];
  let text: string;
  try {
    text = new TextDecoder(marked, { fatal: true }).decode(bytes);
  } catch (error) {
    const lines =
      new TextDecoder(marked)
        .decode(bytes)
        .split('\ufffd', 1)[0]
        ?.split(/\r\n?|\n/) ?? [];
    throw new Error(
      `The file is not ${marked} text (line ${lines.length}). Say which encoding it has, for instance -p encoding=windows-1252.`,
      { cause: error },
    );
  }
  if (text.includes('\0'))
    throw new Error(
      `The file is not ${marked} text: it holds zeros. Say which encoding it has, for instance -p encoding=utf-16le.`,
    );
  return text;
}

/**
 * Blank lines are no rows. Throws when the header does not name each of the columns once; their order is the file's
 * own.
 */
export function readRows(text: string, columns: readonly string[]): RawRow[] {
  // Files that were put together have several kinds of line ends.
  const lines = text.split(/\r\n?|\n/);
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 0) throw new Error('The file is empty: it has no header.');
  const { names, delimiter } = readHeader(lines[first] as string, columns);
  const places = columns.map((column) => names.indexOf(column));
  const rows: RawRow[] = [];
  for (let at = first + 1; at < lines.length;) {
    if (lines[at]?.trim() === '') at += 1;
    else {
      const { taken, cells, problem } = takeRow(lines, at, delimiter, names.length);
      const isWhole = cells?.length === names.length;
      rows.push({
        line: at + 1,
        text: lines.slice(at, at + taken).join('\n'),
        cells: isWhole ? places.map((place) => cells[place] as string) : null,
        problem: isWhole ? undefined : (problem ?? `${cells?.length} columns instead of ${names.length}`),
      });
      at += taken;
    }
  }
  return rows;
}

function readHeader(line: string, columns: readonly string[]): { names: string[]; delimiter: string } {
  const read = DELIMITERS.map((delimiter) => ({
    delimiter,
    names: (takeCells(line, delimiter).cells ?? []).map((name) => name.trim().toLowerCase()),
  }));
  const best = read.toSorted((a, b) => b.names.length - a.names.length)[0] as (typeof read)[number];
  const missing = columns.filter((column) => !best.names.includes(column));
  if (missing.length > 0)
    throw new Error(`The header lacks the columns ${missing.join(', ')}. It says: ${line.slice(0, 200)}`);
  const twice = columns.filter((column) => best.names.indexOf(column) !== best.names.lastIndexOf(column));
  if (twice.length > 0)
    throw new Error(`The header has the columns ${twice.join(', ')} twice: which one counts is not known.`);
  return best;
}

interface Taken {
  /** Lines. */
  taken: number;
  cells: string[] | null;
  problem?: string | undefined;
}

/**
 * The row that begins on this line: further lines belong to it while a quote is open, up to one that is a row by
 * itself.
 */
function takeRow(lines: readonly string[], at: number, delimiter: string, width: number): Taken {
  for (let taken = 1; taken <= LINES_MAX && at + taken <= lines.length; taken += 1) {
    if (taken > 1 && takeCells(lines[at + taken - 1] as string, delimiter).cells?.length === width) break;
    const { cells, problem } = takeCells(lines.slice(at, at + taken).join('\n'), delimiter);
    if (cells !== null) return { taken, cells };
    // All quotes before a stray one are closed: so many lines are one row for certain.
    if (problem === 'Invalid Opening Quote')
      return { taken: extentOf(lines, at, taken, delimiter, width), cells, problem };
    if (problem !== 'Quote Not Closed') return { taken: extentOf(lines, at, 1, delimiter, width), cells, problem };
  }
  return { taken: extentOf(lines, at, 1, delimiter, width), cells: null, problem: 'Quote Not Closed' };
}

/** A row with a quote where none may be goes on while it has too few columns and the next line, too. */
function extentOf(lines: readonly string[], at: number, least: number, delimiter: string, width: number): number {
  const count = (line: string): number => line.split(delimiter).length - 1;
  let taken = least;
  let delimiters = lines.slice(at, at + least).reduce((sum, line) => sum + count(line), 0);
  for (; delimiters < width - 1 && taken < LINES_MAX; taken += 1) {
    const next = lines[at + taken] ?? '';
    if (next.trim() === '' || count(next) >= width - 1) break;
    delimiters += count(next);
  }
  return taken;
}

function takeCells(text: string, delimiter: string): { cells: string[] | null; problem?: string } {
  if (!text.includes('"')) return { cells: text.split(delimiter) };
  try {
    return { cells: parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true })[0] ?? [] };
  } catch (error) {
    return { cells: null, problem: (error as Error).message.split(':', 1)[0] ?? '' };
  }
}
