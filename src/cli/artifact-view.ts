/** Artifacts as text. */
import { OstinatoError } from '../core/errors.ts';
import { parseExact } from '../contract/wire-json.ts';
import type { Artifact } from '../core/artifact.ts';
import { showTime } from './format.ts';
import { renderFacts, renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

const BAR_CELLS = 30;
/** Rows of a table that are printed; `--save` and JSON have all. */
const ROWS_MAX = 200;

type Row = Readonly<Record<string, unknown>>;

/** One line. */
export function summarise(artifact: Artifact): string {
  switch (artifact.type) {
    case 'table': {
      const rows = tableRows(dataOf(artifact));
      return rows === null ? 'not a table' : `${rows.length} rows`;
    }
    case 'progress':
      return `${String(artifact.data)} %`;
    case 'image':
      return describeImage(String(artifact.data));
    case 'markdown':
    case 'link':
    case 'result':
    default:
      return String(artifact.data).split('\n', 1)[0] ?? '';
  }
}

export function renderArtifact(artifact: Artifact, terminal: Terminal): string {
  const facts: [string, string][] = [
    ['id', artifact.id],
    ['key', artifact.key ?? ''],
    ['type', artifact.type ?? ''],
    ['created', showTime(artifact.createdAt)],
    ['updated', artifact.updatedAt === artifact.createdAt ? '' : showTime(artifact.updatedAt)],
    ['flow run', artifact.flowRunId ?? ''],
    ['task run', artifact.taskRunId ?? ''],
  ];
  const head = renderFacts(
    facts.filter(([, value]) => value !== ''),
    terminal,
  );
  const about = artifact.description === null ? '' : `\n${renderMarkdown(artifact.description, terminal)}`;
  return `${head}${about}\n${renderData(artifact, terminal)}`;
}

function renderData(artifact: Artifact, terminal: Terminal): string {
  const { type } = artifact;
  const data = dataOf(artifact);
  if (type === 'markdown') return renderMarkdown(String(data), terminal);
  if (type === 'table') return renderRows(tableRows(data), terminal);
  if (type === 'link') return `${String(data).replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1: $2')}\n`;
  if (type === 'progress') {
    const cells = Math.round((Number(data) / 100) * BAR_CELLS);
    return `${terminal.style('cyan', '█'.repeat(cells))}${'░'.repeat(BAR_CELLS - cells)}  ${String(data)} %\n`;
  }
  if (type === 'image') return `${describeImage(String(data))}\n`;
  return `${JSON.stringify(data, null, 2)}\n`;
}

/** Markdown as it is written; headings, emphasis and code are styled on a terminal. */
function renderMarkdown(text: string, terminal: Terminal): string {
  let isCode = false;
  const lines = text.split('\n').map((line) => {
    if (/^\s*```/.test(line)) {
      isCode = !isCode;
      return terminal.style('dim', line);
    }
    if (isCode) return terminal.style('cyan', line);
    if (/^#{1,6} /.test(line)) return terminal.style(['bold', 'underline'], line);
    return line
      .replaceAll(/\*\*([^*]+)\*\*/g, (whole, words: string) =>
        terminal.columns === null ? whole : terminal.style('bold', words),
      )
      .replaceAll(/`([^`]+)`/g, (whole, code: string) =>
        terminal.columns === null ? whole : terminal.style('cyan', code),
      );
  });
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The data with numbers as they were written. */
function dataOf({ data, exactData: exact }: Artifact): unknown {
  return exact === undefined ? data : parseExact(exact);
}

/** Rows as objects, rows as lists, or columns as lists: the shapes that a table artifact may have. */
function tableRows(data: unknown): readonly Row[] | null {
  const table = typeof data === 'string' ? parse(data) : data;
  if (Array.isArray(table))
    return table.map((row: unknown) =>
      typeof row === 'object' && row !== null ? ({ ...row } as Row) : { value: row },
    );
  if (typeof table !== 'object' || table === null) return null;
  const columns = Object.entries(table).map(([name, values]): [string, readonly unknown[]] => [
    name,
    Array.isArray(values) ? values : [values],
  ]);
  const height = Math.max(0, ...columns.map(([, values]) => values.length));
  return Array.from({ length: height }, (_, index) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[index]])),
  );
}

function parse(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return null;
  }
}

function renderRows(rows: readonly Row[] | null, terminal: Terminal): string {
  if (rows === null) return 'Its data is no table; -o json shows it as it is.\n';
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name, index): Column<Row> => {
    const isNumeric = rows.every((row) => row[name] === undefined || row[name] === null || isNumber(row[name]));
    return {
      title: name,
      text: (row) => showCell(row[name]),
      shrinks: !isNumeric,
      ...(index === 0 ? { is: 'whole' } : { drops: index }),
      ...(isNumeric ? { align: 'right' } : {}),
    };
  });
  const more = rows.length > ROWS_MAX ? `… and ${rows.length - ROWS_MAX} more rows (--save FILE writes all)\n` : '';
  return `${renderTable(rows.slice(0, ROWS_MAX), columns, terminal, { sayDropped: (count) => `… and ${count} more ${count === 1 ? 'column' : 'columns'} (--save FILE)` })}${more}`;
}

/** A number, or the object that holds the text of one that JavaScript would change. */
function isNumber(value: unknown): boolean {
  return (
    typeof value === 'number' || (typeof value === 'object' && typeof JSON.parse(JSON.stringify(value)) === 'number')
  );
}

function showCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function describeImage(url: string): string {
  const inline = /^data:([^;,]+)(;base64)?,(.*)$/s.exec(url);
  if (inline === null) return url;
  const [, type, , body = ''] = inline;
  return `a picture (${type}, ${Math.round((body.length * 3) / 4 / 1024)} KiB); --save FILE writes it`;
}

/** The content that `--save` writes. `bad-input` for a picture that is only linked. */
export function contentOf(artifact: Artifact): string | Uint8Array {
  const { type } = artifact;
  const data = dataOf(artifact);
  if (type === 'table') return `${JSON.stringify(tableRows(data) ?? data, null, 2)}\n`;
  if (type !== 'image') return typeof data === 'string' ? data : `${JSON.stringify(data, null, 2)}\n`;
  const inline = /^data:[^;,]+(;base64)?,(.*)$/s.exec(String(data));
  if (inline === null)
    throw new OstinatoError('bad-input', `The picture is not in the artifact but at ${String(data)}.`, {
      remedy: 'Fetch it from there.',
    });
  return inline[1] === undefined ? decodeURIComponent(inline[2] ?? '') : Buffer.from(inline[2] ?? '', 'base64');
}
