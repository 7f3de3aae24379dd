/** Prints rows as a table for people. */

import { isMet, ratioOf, type Goal, type Row, type Unit } from './row.ts';
import type { Samples } from './samples.ts';

const HEAD = ['', 'Ostinato', 'beside it', 'ratio', 'goal', 'met'];
/** The columns that hold words; the others hold numbers and end at the right. */
const WORDS = new Set([0, 4, 5]);

export function renderTable(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const pad = (text: string, column: number): string =>
    WORDS.has(column) ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  const [head, ...body] = lines.map((line) => line.map(pad).join('   ').trimEnd());
  return [head, widths.map((width) => '─'.repeat(width)).join('   '), ...body].join('\n');
}

function cellsOf(row: Row): string[] {
  const ratio = ratioOf(row);
  return [
    row.what,
    formatSamples(row.ours, row.unit),
    row.peer === null ? '' : `${row.peer.name}: ${formatSamples(row.peer.samples, row.unit)}`,
    ratio === null ? '' : formatRatio(row, ratio),
    row.goals.map((goal) => formatGoal(goal, row.unit)).join(', '),
    row.goals.map((goal) => ({ true: 'yes', false: 'NO', null: 'not measured' })[`${isMet(row, goal)}`]).join(', '),
  ];
}

/** `27.1 µs (25.9–31.0)`: the median, and the range when there is one. */
export function formatSamples({ median, min, max, values }: Samples, unit: Unit): string {
  const { divisor, name } = scaleFor(median, unit);
  const show = (value: number): string => toDigits(value / divisor);
  return values.length === 1 ? `${show(median)} ${name}` : `${show(median)} ${name} (${show(min)}–${show(max)})`;
}

const SCALES: Readonly<Record<Unit, readonly { readonly divisor: number; readonly name: string }[]>> = {
  microseconds: [
    { divisor: 1e6, name: 's' },
    { divisor: 1e3, name: 'ms' },
    { divisor: 1, name: 'µs' },
  ],
  bytes: [
    { divisor: 1e9, name: 'GB' },
    { divisor: 1e6, name: 'MB' },
    { divisor: 1e3, name: 'kB' },
    { divisor: 1, name: 'B' },
  ],
};

function scaleFor(value: number, unit: Unit): { readonly divisor: number; readonly name: string } {
  const scales = SCALES[unit];
  return scales.find(({ divisor }) => value >= divisor) ?? (scales.at(-1) as { divisor: number; name: string });
}

/** Where the peer is a limit, our distance from it; elsewhere, how much less time we take. */
function formatRatio({ goals }: Row, ratio: number): string {
  return goals.some(({ kind }) => kind === 'within') ? `${toDigits(1 / ratio)} times it` : `${toDigits(ratio)}×`;
}

function formatGoal(goal: Goal, unit: Unit): string {
  switch (goal.kind) {
    case 'times-less':
      return `≥ ${goal.factor}×`;
    case 'within':
      return `at most ${goal.factor} times it`;
    case 'below': {
      const { divisor, name } = scaleFor(goal.value, unit);
      return `< ${toDigits(goal.value / divisor)} ${name}`;
    }
  }
}

/** Three digits that count. */
function toDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
