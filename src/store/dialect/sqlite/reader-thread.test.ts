import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { openConnection, type Connection } from './connection.ts';
import { ReaderThread } from './reader-thread.ts';

function open(context: TestContext): { readonly connection: Connection; readonly reader: ReaderThread } {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-reader-'));
  const connection = openConnection(join(folder, 'ostinato.db'));
  connection.db.exec('CREATE TABLE t (value INTEGER, id BLOB, word TEXT) STRICT');
  const reader = new ReaderThread(connection.path);
  context.after(() => {
    reader.close();
    connection.close();
    rmSync(folder, { recursive: true });
  });
  return { connection, reader };
}

test('it reads what was committed before it was asked, with values of every kind', async (context) => {
  const { connection, reader } = open(context);
  for (let value = 0; value < 5; value += 1) {
    connection.write(
      () =>
        void connection.statement('INSERT INTO t VALUES (?, ?, ?)').run(value, Uint8Array.of(value), `Wort ${value}`),
    );
    const { rows, microseconds } = await reader.read('SELECT count(*) AS count FROM t WHERE value >= ?', [0]);
    assert.deepEqual(
      rows.map((row) => ({ ...(row as object) })),
      [{ count: value + 1 }],
    );
    assert.ok(microseconds >= 0);
  }
  const { rows } = await reader.read('SELECT id FROM t WHERE fold_case(word) = ?', ['wort 3']);
  assert.deepEqual((rows[0] as { readonly id: Uint8Array }).id, Uint8Array.of(3));
});

test('a statement that fails is told to its caller only', async (context) => {
  const { reader } = open(context);
  const [good, bad] = await Promise.allSettled([
    reader.read('SELECT 1 AS one', []),
    reader.read('SELECT nothing FROM nowhere', []),
  ]);
  assert.equal(good.status, 'fulfilled');
  assert.equal(bad.status === 'rejected' && (bad.reason as { readonly code: string }).code, 'store-unavailable');
});

test('it writes nothing', async (context) => {
  const { reader } = open(context);
  await assert.rejects(reader.read('DELETE FROM t', []), /readonly/);
});

test('whoever waits when it closes is told', async (context) => {
  const { reader } = open(context);
  const read = reader.read(
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000000) SELECT count(*) FROM n',
    [],
  );
  reader.close();
  await assert.rejects(read, /closing/);
});

test('reads that come beyond what it can hold are refused, and it goes on', async (context) => {
  const { reader } = open(context);
  const reads = await Promise.allSettled(Array.from({ length: 1005 }, () => reader.read('SELECT 1 AS one', [])));
  assert.equal(reads.filter(({ status }) => status === 'rejected').length, 5);
  assert.equal((await reader.read('SELECT 2 AS two', [])).rows.length, 1);
});
