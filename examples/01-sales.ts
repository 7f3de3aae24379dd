/**
 * # 1 · Clean a CSV file
 *
 * A shop's export, as such files really arrive: missing values, broken rows, three ways to write a date and four to
 * write a price. The flow reads it (`01-sales-csv.ts`), drops rows with missing values, sets malformed ones aside with
 * the reason (`01-sales-rows.ts`), and writes the cleaned file and a summary by month.
 *
 * Run it with `npm run sales`, or `npx ostinato run examples/01-sales.ts -p output=/tmp/sales`. No server is needed.
 *
 * What to look at:
 * - `flow(…)` and `task(…)` wrap ordinary functions; their types stay, and each call is recorded.
 * - `cleanChunk.map(chunks)` starts one task run a chunk and shows a progress bar. `chunks` is a future: nothing is
 *   awaited by hand.
 * - `parameters` are checked before the flow starts. Try `-p chunkSize=0`.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';

import { stringify } from 'csv-stringify/sync';
import { artifacts, flow, task, TerminalError } from 'ostinato';
import { z } from 'zod';

import { decode, readRows, type RawRow } from './01-sales-csv.ts';
import { COLUMNS, judgeRow, SALE_COLUMNS, type Sale } from './01-sales-rows.ts';

const readChunks = task(
  async (input: string, encoding: string, chunkSize: number): Promise<RawRow[][]> => {
    const bytes = await readFile(input);
    const rows = asFinal(() => readRows(decode(bytes, encoding), COLUMNS));
    return Array.from({ length: Math.ceil(rows.length / chunkSize) }, (_, index) =>
      rows.slice(index * chunkSize, (index + 1) * chunkSize),
    );
  },
  { retries: 2, retryDelaySeconds: 1 },
);

/** A file that lies on a slow disk may be there the second time; one with the wrong content stays so. */
function asFinal<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new TerminalError((error as Error).message, { cause: error });
  }
}

const cleanChunk = task((rows: RawRow[]) => {
  const verdicts = rows.map((row) => ({ row, verdict: judgeRow(row) }));
  return {
    kept: verdicts.flatMap(({ verdict }) => (verdict.fate === 'kept' ? [verdict.sale] : [])),
    dropped: verdicts.flatMap(({ verdict }) => (verdict.fate === 'dropped' ? [verdict.column] : [])),
    malformed: verdicts.flatMap(({ row, verdict }) =>
      verdict.fate === 'malformed' ? [{ line: row.line, reason: verdict.reason, row: row.text }] : [],
    ),
  };
});

const sumByMonth = task((sales: Sale[]) => {
  const months = Map.groupBy(
    sales.toSorted((a, b) => a.date.localeCompare(b.date)),
    ({ date }) => date.slice(0, 7),
  );
  return [...months].map(([month, rows]) => ({
    month,
    orders: rows.filter(({ quantity }) => quantity > 0).length,
    returns: rows.filter(({ quantity }) => quantity < 0).length,
    units: rows.reduce((sum, { quantity }) => sum + quantity, 0),
    // In cents, which are whole: fractions of ten would add up to something else.
    revenue: rows.reduce((cents, { total }) => cents + Math.round(total * 100), 0) / 100,
  }));
});

const writeCsv = task(
  async (path: string, columns: readonly string[], rows: readonly object[]) => {
    await writeFile(path, stringify([...rows], { header: true, columns }));
    return path;
  },
  { retries: 2, runName: ({ path }) => `write ${basename(String(path))}` },
);

export const salesPipeline = flow(
  async ({ input, encoding, output, chunkSize }) => {
    const chunks = readChunks(input, encoding, chunkSize);
    const cleaned = await cleanChunk.map(chunks);
    const kept = cleaned.flatMap((chunk) => chunk.kept);
    const dropped = cleaned.flatMap((chunk) => chunk.dropped);
    const malformed = cleaned.flatMap((chunk) => chunk.malformed);
    const read = (await chunks).flat().length;
    if (kept.length + dropped.length + malformed.length !== read)
      throw new Error(`${read} rows were read, but not every one is accounted for.`);

    await mkdir(output, { recursive: true });
    const byMonth = await sumByMonth(kept);
    const files = await Promise.all([
      writeCsv(join(output, 'cleaned.csv'), SALE_COLUMNS, kept),
      writeCsv(join(output, 'malformed.csv'), ['line', 'reason', 'row'], malformed),
      writeCsv(join(output, 'by-month.csv'), ['month', 'orders', 'returns', 'units', 'revenue'], byMonth),
    ]);

    const counts = { read, kept: kept.length, dropped: dropped.length, malformed: malformed.length };
    await artifacts.table(byMonth, { key: 'sales-by-month', description: 'Sales by month' });
    await artifacts.markdown(report(counts, malformed), { key: 'sales-report' });
    const [cleanedFile = '', malformedFile = '', byMonthFile = ''] = files.map((file) => relative('.', file));
    console.log(`
  ${column(read)}  rows read from ${relative('.', input)}
  ${column(kept.length)}  kept       ${cleanedFile}
  ${column(dropped.length)}  dropped    a value is missing
  ${column(malformed.length)}  malformed  ${malformedFile}
  ${column(byMonth.length)}  months     ${byMonthFile}
`);
    return { ...counts, files };
  },
  {
    name: 'main_flow_sales',
    parameters: z.object({
      input: z
        .string()
        .endsWith('.csv')
        .default(join(import.meta.dirname, 'data', 'sales.csv')),
      encoding: z
        .string()
        .default('utf-8')
        .refine(isEncoding, 'Not an encoding that is known, such as utf-8 or windows-1252'),
      output: z
        .string()
        .min(1)
        .default(join('output', 'sales'))
        .transform((folder) => resolve(folder)),
      chunkSize: z.int().min(1).max(10_000).default(100),
    }),
  },
);

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

const column = (count: number): string => count.toLocaleString('en').padStart(7);

function report(counts: Record<string, number>, malformed: readonly { reason: string }[]): string {
  const kinds = Map.groupBy(malformed, ({ reason }) => reason.replace(/".*?"/, '…'));
  const lines = [...kinds]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, rows]) => `| ${reason} | ${rows.length} |`);
  return [
    `**${counts['kept']} of ${counts['read']} rows kept**, ${counts['dropped']} dropped, ${counts['malformed']} malformed.`,
    '',
    '| malformed because | rows |',
    '| --- | ---: |',
    ...lines,
  ].join('\n');
}

if (import.meta.main) await salesPipeline();
