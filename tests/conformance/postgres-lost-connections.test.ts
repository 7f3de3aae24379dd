/** Connections that are lost, by a backend that is ended or a way that is cut: between statements and at the commit. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Pool } from 'pg';
import type { Database, Statements, Work } from '../../src/store/driver.ts';
import { openPostgresStorage } from '../../src/store/dialect/postgres/index.ts';
import { SCHEMA } from '../../src/store/dialect/postgres/migrate.ts';
import { databaseOn } from '../../src/store/dialect/postgres/transactions.ts';
import { countByState } from '../../src/orchestrator/count-by-state.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import { makeEvent, makeFlow, makeFlowRun, makeRecord } from './samples.ts';
import { matching } from '../../src/core/list-query.ts';

/** What the way to the server does with the next commit. */
type AtCommit = 'pass' | 'lose the request' | 'lose the answer' | 'lose the answer, and take nobody any more';

const SOCKET = '.s.PGSQL.5432';

/** The way to the server: a socket in a folder of its own. */
class Way {
  readonly folder = mkdtempSync(join(tmpdir(), 'ostinato-way-'));
  readonly #target: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  atCommit: AtCommit = 'pass';
  isOpen = true;

  constructor(target: string) {
    this.#target = join(target, SOCKET);
    chmodSync(this.folder, 0o700);
    this.#server = createServer((client) => this.#join(client)).listen(join(this.folder, SOCKET));
  }

  #join(client: Socket): void {
    if (!this.isOpen) return void client.destroy();
    const server = connect(this.#target);
    const ends = [client, server];
    let isCut = false;
    for (const end of ends) {
      this.#open.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        this.#open.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (bytes.includes('COMMIT\0') && this.atCommit !== 'pass') {
        const how = this.atCommit;
        this.atCommit = 'pass';
        if (how === 'lose the request') return void client.destroy();
        isCut = true;
        if (how !== 'lose the answer') this.isOpen = false;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      // With the answer to the commit in its hands.
      if (isCut) client.destroy();
      else client.write(bytes);
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let server: PostgresServer;
let way: Way;
/** Straight to the server. */
let direct: Pool;
/** By the way. */
let pool: Pool;
let database: Database;
let url: string;

before(async () => {
  server = await startPostgres();
  const straight = server.createDatabase();
  const host = new URL(straight).searchParams.get('host') ?? '';
  way = new Way(host);
  url = straight.replace(encodeURIComponent(host), encodeURIComponent(way.folder));
  await (await openPostgresStorage({ url: straight })).close();
  direct = new Pool({ connectionString: straight, options: `-c search_path=${SCHEMA}` });
  pool = new Pool({ connectionString: url, options: `-c search_path=${SCHEMA}` });
  pool.on('error', () => undefined);
  database = databaseOn(pool, 'the database');
});

after(async () => {
  await pool.end();
  await direct.end();
  await way.close();
  await server.stop();
});

beforeEach(async () => {
  way.atCommit = 'pass';
  way.isOpen = true;
  await direct.query('DELETE FROM configuration');
});

async function rows(): Promise<readonly string[]> {
  const found = await direct.query<{ readonly value: string }>('SELECT value FROM configuration ORDER BY value');
  return found.rows.map(({ value }) => value);
}

function put(db: Statements, value: string): Work<number> {
  return db.run('INSERT INTO configuration (key, value, updated_at) VALUES (?, ?, 0)', value, value);
}

/** Waits in the middle of work. */
function* until(other: unknown): Work<void> {
  yield Promise.resolve(other);
}

test('a backend that is ended between two statements takes everything back; the write is made again, once', async () => {
  let attempts = 0;
  const answer = await database.write(function* (db) {
    attempts += 1;
    yield* put(db, 'first');
    const pid = (yield* db.get<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid'))?.pid;
    if (attempts === 1) yield* until(direct.query('SELECT pg_terminate_backend($1, 5000)', [pid]));
    yield* put(db, 'second');
    return attempts;
  });
  assert.equal(answer, 2);
  assert.deepEqual(await rows(), ['first', 'second']);
});

test('a backend that is ended by its commit has committed nothing; the write is made again, once', async () => {
  // A deferred trigger runs in the commit. What a sequence counts is not taken back.
  await direct.query(`CREATE SEQUENCE ${SCHEMA}.deaths`);
  await direct.query(`CREATE FUNCTION ${SCHEMA}.die_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('${SCHEMA}.deaths') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$`);
  await direct.query(`CREATE CONSTRAINT TRIGGER die AFTER INSERT ON ${SCHEMA}.configuration DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ${SCHEMA}.die_once()`);
  let attempts = 0;
  await database.write((db) => {
    attempts += 1;
    return put(db, 'only');
  });
  await direct.query(`DROP TRIGGER die ON ${SCHEMA}.configuration`);
  assert.equal(attempts, 2);
  assert.deepEqual(await rows(), ['only']);
});

test('a commit whose answer is lost is answered all the same, and not made again', async () => {
  let attempts = 0;
  way.atCommit = 'lose the answer';
  const answer = await database.write(function* (db) {
    attempts += 1;
    yield* put(db, 'only');
    return 'the answer';
  });
  assert.deepEqual([answer, attempts], ['the answer', 1]);
  assert.deepEqual(await rows(), ['only']);
});

test('a commit that never reached the server is made again', async () => {
  let attempts = 0;
  way.atCommit = 'lose the request';
  await database.write((db) => {
    attempts += 1;
    return put(db, 'only');
  });
  assert.equal(attempts, 2);
  assert.deepEqual(await rows(), ['only']);
});

test('a read goes on over a connection that was lost', async () => {
  await database.read((db) => db.get('SELECT 1 AS one'));
  let reads = 0;
  const pid = await database.read(function* (db) {
    reads += 1;
    const found = yield* db.get<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
    if (reads === 1) yield* until(direct.query('SELECT pg_terminate_backend($1, 5000)', [found?.pid]));
    yield* db.get('SELECT 1 AS one');
    return found?.pid;
  });
  assert.equal(typeof pid, 'number');
});

test('where nobody can be asked, the write is unconfirmed; what may be asked twice changes nothing the second time', async () => {
  const storage = await openPostgresStorage({ url });
  const flow = await storage.ensureFlow('sales', () => makeFlow('sales'));
  const run = makeFlowRun(flow);
  const lost = { code: 'store-unconfirmed', remedy: /Ask again what may be asked twice/ };
  const unanswered = async (ask: () => unknown): Promise<void> => {
    way.atCommit = 'lose the answer, and take nobody any more';
    await assert.rejects(async () => await ask(), lost);
    way.isOpen = true;
  };
  const event = makeEvent();
  await unanswered(() => storage.insertFlowRun(run, [event]));
  const again = await storage.insertFlowRun(run, [event]);
  assert.deepEqual([again.created, again.run.id], [false, run.id]);
  const record = makeRecord({ flowRunId: run.id });
  await unanswered(() => storage.writeTaskRuns([record], []));
  await storage.writeTaskRuns([record], []);
  assert.deepEqual(await countByState(storage, 'task_run', matching({ flowRunId: run.id })), {
    [record.run.state.type]: 1,
  });
  const events = await storage.readEvents({ afterSeq: 0, limit: 100 });
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
  await storage.close();
});
