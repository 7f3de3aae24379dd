import { after, before } from 'node:test';
import { Client } from 'pg';
import { NUMBERS_LOCK } from '../../src/store/dialect/postgres/statements.ts';
import { openPostgresStorage } from '../../src/store/dialect/postgres/index.ts';
import type { Storage } from '../../src/store/port.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import { storageConformance } from './storage-suite.ts';

let server: PostgresServer;
let url: string;
let emptier: Client;

before(async () => {
  server = await startPostgres();
  url = server.createDatabase();
  await (await openPostgresStorage({ url })).close();
  emptier = new Client({ connectionString: url });
  await emptier.connect();
  await refuseNumbersWithoutTheirLock();
});

/**
 * No way of writing forgets to take numbers in turn: during these tests the database itself refuses a numbered row of a
 * transaction that holds no lock of a whole transaction.
 */
async function refuseNumbersWithoutTheirLock(): Promise<void> {
  await emptier.query(`CREATE FUNCTION ostinato.look_for_lock() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objid = ${NUMBERS_LOCK})
      THEN RAISE EXCEPTION 'a numbered row without the lock of numbers'; END IF;
      RETURN NULL;
    END $$`);
  for (const table of ['event', 'log'])
    await emptier.query(
      `CREATE TRIGGER look_for_lock AFTER INSERT ON ostinato.${table} FOR EACH STATEMENT EXECUTE FUNCTION ostinato.look_for_lock()`,
    );
}

after(async () => {
  await emptier.end();
  await server.stop();
});

/** A database takes seconds to make: all tests have one, which is emptied between them. */
async function empty(): Promise<void> {
  const { rows } = await emptier.query<{ readonly names: string }>(
    "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') AS names FROM pg_tables WHERE schemaname = 'ostinato' AND tablename <> 'migration'",
  );
  await emptier.query(`TRUNCATE ${rows[0]?.names} RESTART IDENTITY`);
}

storageConformance('PostgreSQL', async () => {
  await empty();
  const opened: Storage[] = [];
  const open = async (): Promise<Storage> => {
    const storage = await openPostgresStorage({ url });
    opened.push(storage);
    return storage;
  };
  return {
    storage: await open(),
    openSecond: open,
    async remove() {
      for (const storage of opened) await storage.close();
    },
  };
});
