import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sql, statementOf } from './sql.ts';

test('values are bound, pieces are put in place', () => {
  const condition = sql`name = ${"it's"} and age > ${30}`;
  assert.deepEqual(
    statementOf(sql`select ${sql.raw('id, name')} from person
      where ${condition} limit ${5}`),
    { sql: 'select id, name from person where name = ? and age > ? limit ?', parameters: ["it's", 30, 5] },
  );
});

test('nothing that is bound becomes text, whatever it looks like', () => {
  const sent = { texts: ['1; drop table person'], values: [] };
  assert.deepEqual(statementOf(sql`select ${sent}`), { sql: 'select ?', parameters: [sent] });
});

test('parts are joined, with what they bind', () => {
  assert.deepEqual(statementOf(sql`id in (${sql.join([1, 2, 3])})`), { sql: 'id in (?, ?, ?)', parameters: [1, 2, 3] });
  assert.deepEqual(statementOf(sql.join([sql`a = ${1}`, sql`b`, sql`c = ${2}`], ' or ')), {
    sql: 'a = ? or b or c = ?',
    parameters: [1, 2],
  });
  assert.deepEqual(statementOf(sql.join([sql`a = ${1}`])), { sql: 'a = ?', parameters: [1] });
  assert.deepEqual(statementOf(sql`(${sql.join([])})`), { sql: '()', parameters: [] });
});

test('a dialect says how values are named', () => {
  assert.deepEqual(statementOf(sql`${1} ${sql`${2}`} ${3}`, (position) => `$${position}`).sql, '$1 $2 $3');
});
