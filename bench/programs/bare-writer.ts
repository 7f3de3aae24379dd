/**
 * `bare-writer.ts FROM TO COUNT BATCH TABLE…`: writes rows of one database into a new one with the same tables and
 * indexes, by prepared statements, in flushed transactions of as many rows as COUNT / BATCH of them have. Microseconds
 * each, as JSON.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

const [from = '', to = ''] = process.argv.slice(2, 4);
const [count = 1, batch = 1] = process.argv.slice(4, 6).map(Number);
const ROWS_MAX = 100_000;

const source = new DatabaseSync(from, { readOnly: true });
const target = new DatabaseSync(to);
target.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 1024',
);
for (const { sql } of source
  .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
  .all())
  target.exec(String(sql));

const tables = process.argv.slice(6).map((words) => {
  const [name = ''] = words.split(' ', 1);
  const rows = source
    .prepare(`SELECT * FROM ${words} LIMIT ${ROWS_MAX}`)
    .all()
    .map((row) => Object.values(row) as SQLInputValue[]);
  if (rows.length === 0) throw new Error(`there are no rows of ${words}`);
  return { rows, insert: target.prepare(`INSERT INTO ${name} VALUES (${(rows[0] ?? []).map(() => '?').join(', ')})`) };
});
const [begin, commit] = [target.prepare('BEGIN IMMEDIATE'), target.prepare('COMMIT')];
const startedAt = performance.now();
for (let done = 0; done < count; done += batch) {
  begin.run();
  for (const { rows, insert } of tables) {
    const [start, end] = [done, Math.min(done + batch, count)].map((at) => Math.floor((rows.length * at) / count)) as [
      number,
      number,
    ];
    for (let index = start; index < end; index += 1) insert.run(...(rows[index] as SQLInputValue[]));
  }
  commit.run();
}
console.log(JSON.stringify({ microsecondsEach: ((performance.now() - startedAt) * 1000) / count }));
target.close();
