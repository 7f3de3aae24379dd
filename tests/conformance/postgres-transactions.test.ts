/** Transactions that meet: each meeting is made on purpose, by work that waits for another in its middle. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Pool } from 'pg';
import { There, type Database, type Statements, type Work } from '../../src/store/driver.ts';
import { openPostgresStorage } from '../../src/store/dialect/postgres/index.ts';
import { SCHEMA } from '../../src/store/dialect/postgres/migrate.ts';
import { databaseOn } from '../../src/store/dialect/postgres/transactions.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import { insertRunOfEachRunner, makeEvent } from './samples.ts';

let server: PostgresServer;
let pool: Pool;
let database: Database;
let url: string;

before(async () => {
  server = await startPostgres();
  url = server.createDatabase();
  await (await openPostgresStorage({ url })).close();
  pool = new Pool({ connectionString: url, options: `-c search_path=${SCHEMA}` });
  database = databaseOn(pool, 'the database');
});

after(async () => {
  await pool.end();
  await server.stop();
});

beforeEach(async () => {
  await pool.query('DELETE FROM configuration');
  await put('a', 0);
  await put('b', 0);
});

async function put(key: string, value: number): Promise<void> {
  await database.write((db) =>
    db.run('INSERT INTO configuration (key, value, updated_at) VALUES (?, ?, 0)', key, String(value)),
  );
}

function* valueOf(db: Statements, key: string): Work<number> {
  return Number(
    (yield* db.get<{ readonly value: string }>('SELECT value FROM configuration WHERE key = ?', key))?.value,
  );
}

function write(db: Statements, key: string, value: number): Work<number> {
  return db.run('UPDATE configuration SET value = ? WHERE key = ?', String(value), key);
}

async function read(key: string): Promise<number> {
  return await database.read((db) => valueOf(db, key));
}

/** Waits in the middle of work. */
function* until(other: unknown): Work<void> {
  yield Promise.resolve(other);
}

async function increment(key: string): Promise<void> {
  await database.write(function* (db) {
    yield* write(db, key, (yield* valueOf(db, key)) + 1);
  });
}

test('a write whose facts another has changed meanwhile is made again from its beginning', async () => {
  const seen: number[] = [];
  await database.write(function* (db) {
    const value = yield* valueOf(db, 'a');
    seen.push(value);
    if (seen.length === 1) yield* until(increment('a'));
    yield* write(db, 'a', value + 10);
  });
  assert.deepEqual(seen, [0, 1]);
  assert.equal(await read('a'), 11);
});

test('two writes that each change what the other has read do not both commit on old facts', async () => {
  let attempts = 0;
  await database.write(function* (db) {
    attempts += 1;
    const sum = (yield* valueOf(db, 'a')) + (yield* valueOf(db, 'b'));
    // The other reads both, too, and writes the other row: no row is written by both.
    if (attempts === 1)
      yield* until(
        database.write(function* (other) {
          if ((yield* valueOf(other, 'a')) + (yield* valueOf(other, 'b')) === 0) yield* write(other, 'b', 1);
        }),
      );
    if (sum === 0) yield* write(db, 'a', 1);
  });
  assert.equal(attempts, 2);
  assert.equal((await read('a')) + (await read('b')), 1, 'one after the other, only the first finds the sum 0');
});

test('writes that lock two rows in turns (a deadlock) both get through', async () => {
  let meet = (): void => undefined;
  const bothHoldOne = new Promise<void>((resolve) => {
    meet = resolve;
  });
  let holding = 0;
  const move = (from: string, to: string): Promise<void> =>
    Promise.resolve(
      database.write(function* (db) {
        yield* write(db, from, (yield* valueOf(db, from)) + 1);
        holding += 1;
        if (holding === 2) meet();
        yield* until(bothHoldOne);
        yield* write(db, to, (yield* valueOf(db, to)) + 1);
      }),
    );
  await Promise.all([move('a', 'b'), move('b', 'a')]);
  assert.deepEqual([await read('a'), await read('b')], [2, 2]);
  assert.ok(holding > 2, 'one of them was made again');
});

test('a write that always meets another is refused in the end, as one to try again, and leaves nothing', async () => {
  let attempts = 0;
  await assert.rejects(
    Promise.resolve(
      database.write(function* (db) {
        attempts += 1;
        const value = yield* valueOf(db, 'a');
        yield* until(increment('a'));
        yield* write(db, 'a', value + 1000);
      }),
    ),
    { code: 'store-unavailable', message: /tried 30 times in vain\. Nothing was done\./ },
  );
  assert.equal(attempts, 30);
  assert.equal(await read('a'), 30);
});

test('many writers of one row all get through', async () => {
  await Promise.all(Array.from({ length: 60 }, () => increment('a')));
  assert.equal(await read('a'), 60);
});

test('a key that another takes meanwhile is found by the next attempt; one that is taken for good is a conflict', async () => {
  let attempts = 0;
  const answer = await database.write(function* (db) {
    attempts += 1;
    const found = yield* db.get('SELECT 1 FROM configuration WHERE key = ?', 'c');
    if (found !== undefined) return 'there already';
    yield* until(put('c', 1));
    yield* db.run('INSERT INTO configuration (key, value, updated_at) VALUES (?, ?, 0)', 'c', '2');
    return 'made';
  });
  assert.deepEqual([attempts, answer], [2, 'there already']);
  await assert.rejects(put('a', 1), { code: 'conflict' });
});

test('numbers wait for each other: what commits later has the larger ones', async () => {
  const storage = await openPostgresStorage({ url });
  const [early, late] = [makeEvent({ name: 'early' }), makeEvent({ name: 'late' })];
  let holds = (): void => undefined;
  let release = (): void => undefined;
  const isHeld = new Promise<void>((resolve) => {
    holds = resolve;
  });
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  const insert = (db: Statements, name: string, id: string): Work<number | null> =>
    db.insert('seq', 'INSERT INTO event (id, name, occurred) VALUES (?, ?, 0)', id, name);
  const first = Promise.resolve(
    database.write(function* (db) {
      yield* db.takeNumbers();
      const seq = yield* insert(db, 'early', early.id);
      holds();
      yield* until(isReleased);
      return seq;
    }),
  );
  await isHeld;
  let isSecondDone = false;
  const second = Promise.resolve(storage.changeVariable({ name: 'v' }, () => ({ event: late, answer: null }))).then(
    () => {
      isSecondDone = true;
    },
  );
  // It waits for the lock: the server says so.
  const waiting = async (): Promise<number> =>
    (
      await pool.query<{ readonly count: number }>(
        "SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
      )
    ).rows[0]?.count ?? 0;
  while ((await waiting()) === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isSecondDone, false);
  assert.deepEqual(
    await storage.readEvents({ afterSeq: 0, limit: 10 }),
    [],
    'nobody sees a later event before an earlier one',
  );
  release();
  await Promise.all([first, second]);
  assert.deepEqual(
    (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
    ['early', 'late'],
  );
  await storage.close();
});

test('a database that goes away is said in words, and work goes on when it is back', async () => {
  const storage = await openPostgresStorage({ url });
  await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ostinato'");
  const outcomes = await Promise.allSettled(
    Array.from({ length: 3 }, async () => await storage.readVariable({ name: 'none' })),
  );
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      assert.equal((outcome.reason as { readonly code: string }).code, 'store-unavailable');
  assert.equal(await storage.readVariable({ name: 'none' }), null);
  await storage.close();
  await assert.rejects(openPostgresStorage({ url: 'postgresql://nobody@localhost/none?host=%2Fnowhere' }), {
    code: 'store-unavailable',
    remedy: /database server runs/,
  });
  await assert.rejects(openPostgresStorage({ url: 'postgresql://%' }), { code: 'bad-input' });
});

test('work that asks for nothing costs no round trip', async () => {
  assert.equal(await database.read(() => new There(5)), 5);
});

test('who runs the runs of before is what was inferred of them', async () => {
  const storage = await openPostgresStorage({ url });
  const runs = await insertRunOfEachRunner(storage);
  await storage.close();
  await pool.query('ALTER TABLE flow_run DROP COLUMN runner');
  await pool.query('DELETE FROM migration WHERE version = 17');
  const migrated = await openPostgresStorage({ url });
  for (const run of runs) assert.deepEqual(await migrated.readFlowRun(run.id), run);
  await migrated.close();
});
