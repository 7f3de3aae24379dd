/** Conditions that are large, or made of many relations: what is made of them, so that databases answer soon. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { allOf, anyOf, type Condition } from '../../src/core/query.ts';
import { openConnection } from '../../src/store/dialect/sqlite/connection.ts';
import { migrate } from '../../src/store/dialect/sqlite/migrate.ts';
import { sqliteQueryDialect } from '../../src/store/dialect/sqlite/query-dialect.ts';
import { postgresQueryDialect } from '../../src/store/dialect/postgres/query-dialect.ts';
import { accessPathTo } from '../../src/store/queries/access-path.ts';
import { compileCondition, Slots } from '../../src/store/queries/condition.ts';
import type { TableName } from '../../src/store/queries/fields.ts';
import type { SqlDialect } from '../../src/store/queries/sql-dialect.ts';
import { statementOf } from '../../src/store/queries/sql.ts';
import { newId } from './samples.ts';

function sqlOf(dialect: SqlDialect, noun: TableName, where: Condition<TableName>): string {
  return statementOf(compileCondition(dialect, new Slots(), noun, where)).sql;
}

const resource = (id: string): Condition => ({
  op: 'exists',
  noun: 'event_resource',
  where: { op: 'eq', field: 'id', value: id },
});

test('PostgreSQL joins few relations; of many, each is asked of each row', () => {
  const many = (count: number): Condition => allOf(Array.from({ length: count }, (_, index) => resource(`${index}`)));
  const apart = (sql: string): number => sql.split('or false)').length - 1;
  assert.equal(apart(sqlOf(postgresQueryDialect, 'event', many(10))), 0);
  assert.equal(apart(sqlOf(postgresQueryDialect, 'event', many(11))), 11);
  assert.equal(apart(sqlOf(sqliteQueryDialect, 'event', many(11))), 0);
});

test('relations of which one must hold are one list of keys, where each leads to few rows', () => {
  const state: Condition<TableName> = {
    op: 'exists',
    noun: 'compact_event',
    where: { op: 'eq', field: 'taskRunId', value: newId() },
  };
  const either = anyOf<TableName>([resource('a'), state]);
  assert.match(sqlOf(postgresQueryDialect, 'event', either), /^event\.seq in \(select .* union all select .*\)$/);
  const role: Condition = { op: 'exists', noun: 'event_resource', where: { op: 'eq', field: 'role', value: 'a' } };
  assert.doesNotMatch(sqlOf(postgresQueryDialect, 'event', anyOf<TableName>([role, state])), /union/);
  assert.doesNotMatch(sqlOf(postgresQueryDialect, 'event', { op: 'not', of: either }), /union/);
});

test('what is one of few is looked up', () => {
  const where = anyOf<TableName>([
    { op: 'eq', field: 'id', value: newId() },
    { op: 'eq', field: 'parentTaskRunId', value: newId() },
  ]) as Condition;
  const query = { where, sort: [{ field: 'startTime', direction: 'asc' }] as const, limit: 1, offset: 0 };
  assert.equal(accessPathTo('flow_run', query), 'condition');
});

test('SQLite takes a thousand alternatives', () => {
  const connection = openConnection(':memory:', {});
  try {
    migrate(connection);
    const where = anyOf(
      Array.from({ length: 1500 }, (_, index): Condition => ({ op: 'eq', field: 'name', value: `${index}` })),
    );
    const sql = sqlOf(sqliteQueryDialect, 'flow', where);
    const names = Array.from({ length: 1500 }, (_, index) => `${index}`);
    assert.deepEqual(connection.db.prepare(`SELECT 1 FROM flow WHERE ${sql}`).all(...names), []);
  } finally {
    connection.close();
  }
});
