import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Log } from '../../api/logs.ts';
import { levelWord } from './log-level.ts';
import { EMPTY_LOGS, LINES_MAX, reduceLogs, type LogStore } from './log-store.ts';
import { splitMessage } from './log-text.ts';

function line(at: number): Log {
  const timestamp = new Date(Date.UTC(2026, 10, 22) + at * 1000).toISOString();
  return {
    id: String(at),
    name: 'l',
    level: 20,
    message: `line ${at}`,
    timestamp,
    flow_run_id: null,
    task_run_id: null,
  };
}

const idsOf = ({ lines }: LogStore): string => lines.map(({ id }) => id).join(' ');

test('from the newest: older pages go before, live lines behind, none twice', () => {
  let store = reduceLogs(EMPTY_LOGS, { type: 'loaded', from: 'newest', page: [line(9), line(8)], isLast: false });
  store = reduceLogs(store, { type: 'live', lines: [line(10)] });
  // The server counts from its newest line, which has moved on: line 8 comes again.
  store = reduceLogs(store, { type: 'older', page: [line(8), line(7)], isLast: true });
  store = reduceLogs(store, { type: 'live', lines: [line(10), line(11)] });
  assert.equal(idsOf(store), '7 8 9 10 11');
  assert.deepEqual([store.hasOlder, store.hasNewer], [false, false]);
});

test('from the first: a live line waits until everything before it is there', () => {
  let store = reduceLogs(EMPTY_LOGS, { type: 'loaded', from: 'first', page: [line(1), line(2)], isLast: false });
  assert.equal(reduceLogs(store, { type: 'live', lines: [line(9)] }), store);
  store = reduceLogs(store, { type: 'newer', page: [line(3)], isLast: true });
  store = reduceLogs(store, { type: 'live', lines: [line(4)] });
  assert.equal(idsOf(store), '1 2 3 4');
});

test('lines that arrive late stand where they belong', () => {
  let store = reduceLogs(EMPTY_LOGS, { type: 'live', lines: [line(1), line(5)] });
  store = reduceLogs(store, { type: 'live', lines: [line(3)] });
  assert.equal(idsOf(store), '1 3 5');
});

test('what is held has a bound, and what went can be loaded again', () => {
  const store = reduceLogs(EMPTY_LOGS, {
    type: 'live',
    lines: Array.from({ length: LINES_MAX + 5 }, (_, at) => line(at)),
  });
  assert.deepEqual([store.lines.length, store.lines[0]?.id, store.hasOlder], [LINES_MAX, '5', true]);
});

test('matches and addresses are parts of their own; colours of terminals go', () => {
  assert.deepEqual(splitMessage('\u001B[31mError\u001B[0m: see https://a.example/x?y=1, error 7', 'error'), [
    { kind: 'match', text: 'Error' },
    { kind: 'plain', text: ': see ' },
    { kind: 'link', text: 'https://a.example/x?y=1' },
    { kind: 'plain', text: ', ' },
    { kind: 'match', text: 'error' },
    { kind: 'plain', text: ' 7' },
  ]);
  assert.deepEqual(splitMessage('', 'x'), []);
});

test('a level is a word', () => {
  assert.deepEqual(
    [5, 10, 20, 25, 30, 40, 50].map((level) => levelWord(level).word),
    ['DEBUG', 'DEBUG', 'INFO', 'INFO', 'WARN', 'ERROR', 'CRITICAL'],
  );
});
