/**
 * A store that answers later, as a database on another machine does: the product's storage logic, on SQLite in memory,
 * under the simulation's clock.
 *
 * 1. Each statement of a read sees what is committed when it runs: others commit between two of them.
 * 2. A transaction is made at one instant. It may have been made before, in vain (a serialization failure): then
 *    everything that it did was taken back, and what it was handed is called again, after others have committed.
 * 3. A connection may break: before the commit (`store-unavailable`: nothing was done), or between the commit and its
 *    answer (`store-unconfirmed`: everything was).
 */

import { OstinatoError } from '../src/core/errors.ts';
import { CommitListeners } from '../src/store/commit-listeners.ts';
import { openConnection, IN_MEMORY, type Connection } from '../src/store/dialect/sqlite/connection.ts';
import { sqliteQueryDialect } from '../src/store/dialect/sqlite/query-dialect.ts';
import { migrate } from '../src/store/dialect/sqlite/migrate.ts';
import { databaseOn, settled, statementsOn } from '../src/store/dialect/sqlite/statements.ts';
import { ROLL_BACK } from '../src/store/dialect/sqlite/transactions.ts';
import type { Database, Statements, Value, Work } from '../src/store/driver.ts';
import { listsOn } from '../src/store/logic/lists.ts';
import { CompiledLists } from '../src/store/queries/compiled-lists.ts';
import { ListsByCondition } from '../src/store/queries/lists-by-condition.ts';
import { taskRunBatchesOn } from '../src/store/logic/task-run-batch.ts';
import { TaskShapes } from '../src/store/logic/task-shapes.ts';
import type { Storage } from '../src/store/port.ts';
import { controlStorageOn } from '../src/store/control-storage.ts';
import { storageOn } from '../src/store/storage.ts';
import { awaited } from '../src/store/dialect/postgres/statements.ts';
import type { StoreFaults } from './chaos.ts';
import type { SimClock } from './sim-clock.ts';

export interface LaterStoreParts {
  readonly clock: SimClock;
  readonly faults: StoreFaults;
  readonly draw: () => number;
  /** Nothing breaks any more. */
  readonly isCalm: () => boolean;
  readonly say: (what: string) => void;
  /** Hears of each transaction, in its instant. */
  readonly onCommit: () => void;
  readonly onRollBack: () => void;
}

export interface LaterStore {
  /** As its users have it. */
  readonly storage: Storage;
  /** The same, as one more process has it. */
  open(): Storage;
  /** What is committed now, without waiting: for whoever looks on. */
  readonly committed: Storage;
}

export function openLaterStore(parts: LaterStoreParts): LaterStore {
  const commits = new CommitListeners();
  const connection = openConnection(IN_MEMORY, { onCommit: () => commits.tell() });
  migrate(connection);
  const open = (): Storage => storageOver(connection, laterDatabase(connection, parts), commits);
  return { open, storage: open(), committed: storageOver(connection, databaseOn(connection), commits) };
}

function storageOver(connection: Connection, database: Database, commits: CommitListeners): Storage {
  const shapes = new TaskShapes();
  const lists = new ListsByCondition(new CompiledLists(database, sqliteQueryDialect));
  return storageOn(database, {
    shapes,
    control: controlStorageOn,
    writeTaskRuns: taskRunBatchesOn(database, shapes),
    lists: listsOn(database, () => lists),
    flush: () => undefined,
    onCommit: (listener) => commits.add(listener),
    close: () => connection.close(),
  });
}

/** So often in a row a transaction is made in vain, at most: fewer times than the product tries. */
const LOSSES_MAX = 5;

function laterDatabase(connection: Connection, parts: LaterStoreParts): Database {
  const { clock, faults, draw, isCalm, say, onCommit, onRollBack } = parts;
  const now = statementsOn(connection);
  const pass = (): Promise<void> =>
    new Promise((resolve) => clock.setTimer(draw() * faults.latencyMsMax, () => resolve()));
  const breaks = (): boolean => !isCalm() && draw() < faults.breakOdds;
  const later = async (): Promise<void> => {
    await pass();
    if (breaks()) throw broken();
  };
  const reading = statementsLater(now, later);
  const inVain = <T>(work: (db: Statements) => Work<T>): void => {
    connection.write(() => {
      settled(work(now));
      return ROLL_BACK;
    });
    onRollBack();
  };
  return {
    description: 'simulated',
    mayCallAgain: true,
    read: (work) => awaited(work(reading)),
    async write(work) {
      await later();
      for (let losses = 0; losses < LOSSES_MAX && draw() < faults.againOdds; losses += 1) {
        say('a transaction is made in vain');
        inVain(work);
        await later();
      }
      const answer = committedNow(connection, () => settled(work(now)), onRollBack);
      onCommit();
      await pass();
      if (!breaks()) return answer;
      say('a connection breaks after its commit');
      throw unconfirmed();
    },
  };
}

function committedNow<T>(connection: Connection, work: () => T, onRollBack: () => void): T {
  try {
    return connection.write(work);
  } catch (error) {
    onRollBack();
    throw error;
  }
}

function broken(): OstinatoError {
  return new OstinatoError('store-unavailable', 'The connection to the store broke.', { remedy: 'Ask again.' });
}

function unconfirmed(): OstinatoError {
  return new OstinatoError('store-unconfirmed', 'The connection to the store broke while it committed.', {
    remedy: 'Ask again, by the same mark.',
  });
}

/** @param pass waited for before each statement */
function statementsLater(now: Statements, pass: () => Promise<void>): Statements {
  function* later<T>(ask: () => Work<T>): Work<T> {
    yield pass();
    return yield* ask();
  }
  return {
    ...now,
    all: <Row>(sql: string, ...values: readonly Value[]) => later(() => now.all<Row>(sql, ...values)),
    get: <Row>(sql: string, ...values: readonly Value[]) => later(() => now.get<Row>(sql, ...values)),
    one: <Row, T>(sql: string, read: (row: Row) => T, ...values: readonly Value[]) =>
      later(() => now.one(sql, read, ...values)),
    once: <Row>(sql: string, values: readonly Value[]) => later(() => now.once<Row>(sql, values)),
  };
}
