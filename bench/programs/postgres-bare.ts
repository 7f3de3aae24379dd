/**
 * `postgres-bare.ts URL COUNT TRANSACTIONS TABLE…`: the limit. Writes the rows that the tables of our schema hold once
 * more, into tables with the same columns and indexes: in so many transactions, each with one prepared statement
 * a table that has rows in it, every value as PostgreSQL sent it. Microseconds for one of COUNT things, as JSON.
 */
import { Client } from 'pg';

const [url = ''] = process.argv.slice(2, 3);
const [count = 1, transactions = 1] = process.argv.slice(3, 5).map(Number);
const tables = process.argv.slice(5);

const client = new Client({ connectionString: url });
await client.connect();
await client.query('CREATE SCHEMA bare');

const AS_SENT = { getTypeParser: () => (text: string) => text } as never;

async function copyOf(table: string) {
  await client.query(`CREATE TABLE bare.${table} (LIKE ostinato.${table} INCLUDING ALL)`);
  const { rows, fields } = await client.query<readonly unknown[]>({
    text: `SELECT * FROM ostinato.${table}`,
    rowMode: 'array',
    types: AS_SENT,
  } as never);
  if (rows.length === 0) throw new Error(`there are no rows of ${table}`);
  const columns = fields.map(({ name }) => `"${name}"`).join(', ');
  const insert = (some: readonly (readonly unknown[])[]) => ({
    name: `${table} ${some.length}`,
    text: `INSERT INTO bare.${table} (${columns}) VALUES ${some
      .map((row, at) => `(${row.map((_, index) => `$${at * row.length + index + 1}`).join(', ')})`)
      .join(', ')}`,
    values: some.flat(),
  });
  return { rows, insert };
}

const copies = [];
for (const table of tables) copies.push(await copyOf(table));

const startedAt = performance.now();
for (let done = 0; done < transactions; done += 1) {
  await client.query('BEGIN');
  for (const { rows, insert } of copies) {
    const [from, to] = [done, done + 1].map((at) => Math.floor((rows.length * at) / transactions));
    const some = rows.slice(from, to);
    if (some.length > 0) await client.query(insert(some));
  }
  await client.query('COMMIT');
}
const microseconds = (performance.now() - startedAt) * 1000;
await client.end();
console.log(JSON.stringify({ microsecondsEach: microseconds / count }));
