/** Reads the data of an artifact, which is text or JSON as its maker's language had it. Pure. */
import { WrittenNumber, parseLossless, printJson } from '../../api/lossless-json.ts';

export interface TableData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A list of rows, or lists of values by column; `null` when it is neither. */
export function readTable(data: unknown): TableData | null {
  const value = typeof data === 'string' ? parseOrNull(data) : data;
  if (Array.isArray(value) && value.every(isObject)) {
    const columns = [...new Set(value.flatMap((row) => Object.keys(row)))];
    return { columns, rows: value.map((row) => columns.map((column) => cellText(row[column]))) };
  }
  if (Array.isArray(value) && value.length > 0 && value.every(Array.isArray)) {
    const [head = [], ...rows] = value as unknown[][];
    return { columns: head.map(cellText), rows: rows.map((row) => row.map(cellText)) };
  }
  if (isObject(value) && Object.values(value).length > 0 && Object.values(value).every(Array.isArray)) {
    const columns = Object.keys(value);
    const lists = Object.values(value) as unknown[][];
    const length = Math.max(...lists.map((list) => list.length));
    return { columns, rows: Array.from({ length }, (_, at) => lists.map((list) => cellText(list[at]))) };
  }
  return null;
}

export function isNumeric(cell: string): boolean {
  return /^-?\d[\d.,]*(?:e[+-]?\d+)?%?$/i.test(cell);
}

/** A share of 0…100, or `null` when the data says none. */
export function readProgress(data: unknown): number | null {
  const written = data instanceof WrittenNumber ? data.source : data;
  const value = typeof written === 'string' && written.trim() !== '' ? Number(written) : written;
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : null;
}

/** Only what a browser can be sent to without running code of the artifact's maker. */
export function safeUrl(data: unknown, kind: 'link' | 'image'): string | null {
  if (typeof data !== 'string') return null;
  const text = data.trim();
  if (/^https?:\/\//i.test(text)) return text;
  if (kind === 'link') return /^mailto:/i.test(text) ? text : null;
  return /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i.test(text) ? text : null;
}

/** A link artifact is Markdown of one link in Prefect's clients; others say the address alone. */
export function readLink(data: unknown): { readonly text: string; readonly href: string } | null {
  const match = typeof data === 'string' ? /^\[([^\]]*)\]\(([^)\s]+)\)$/.exec(data.trim()) : null;
  const href = safeUrl(match === null ? data : match[2], 'link');
  return href === null ? null : { text: match?.[1] || href, href };
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof WrittenNumber) return value.source;
  return typeof value === 'object'
    ? printJson(value).replaceAll(/\s*\n\s*/g, ' ')
    : String(value as string | number | boolean);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);
}

function parseOrNull(text: string): unknown {
  try {
    return parseLossless(text);
  } catch {
    return null;
  }
}
