/** Storage logic on one SQLite connection: every answer is synchronous, and a transaction runs without interruption. */

import { assert } from '../../../core/errors.ts';
import { There, type Database, type Statements, type Value, type Work } from '../../driver.ts';
import type { Connection } from './connection.ts';
import { forgetFlowRun, forgetFlowRuns } from './flow-run-memory.ts';
import { sqliteDialect } from './dialect.ts';

/** A writer is exclusive from the beginning (`BEGIN IMMEDIATE`), so numbers are in commit order anyway. */
const NOTHING = new There<void>(undefined);

export function statementsOn(connection: Connection): Statements {
  return {
    dialect: sqliteDialect,
    all: <Row>(sql: string, ...values: readonly Value[]) =>
      new There(connection.statement(sql).all(...values) as unknown as readonly Row[]),
    get: <Row>(sql: string, ...values: readonly Value[]): Work<Row | undefined> =>
      new There<Row | undefined>(connection.statement(sql).get(...values) as Row | undefined),
    one: <Row, T>(sql: string, read: (row: Row) => T, ...values: readonly Value[]): Work<T | null> => {
      const row = connection.statement(sql).get(...values) as Row | undefined;
      return new There(row === undefined ? null : read(row));
    },
    once: <Row>(sql: string, values: readonly Value[]) =>
      new There(connection.db.prepare(sql).all(...values) as unknown as readonly Row[]),
    run: (sql, ...values) => new There(Number(connection.statement(sql).run(...values).changes)),
    insert: (_key, sql, ...values) => {
      const { changes, lastInsertRowid } = connection.statement(sql).run(...values);
      return new There(changes === 0 ? null : Number(lastInsertRowid));
    },
    takeNumbers: () => NOTHING,
    forgetFlowRun: (id) => (id === null ? forgetFlowRuns(connection) : forgetFlowRun(connection, id)),
  };
}

export function databaseOn(connection: Connection, statements: Statements = statementsOn(connection)): Database {
  return {
    description: `sqlite:${connection.path}`,
    // A writer that got the lock is never made to repeat its work.
    mayCallAgain: false,
    read: (work) => connection.read(() => settled(work(statements))),
    write: (work) => connection.write(() => settled(work(statements))),
  };
}

/** The answer of work on SQLite, which never waits. */
export function settled<T>(work: Work<T>): T {
  const step = work[Symbol.iterator]().next();
  assert(step.done === true, 'work on SQLite does not wait');
  return step.value;
}
