import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { InsideGroup, InsideRun } from '../api/inside.ts';
import { firstPlace } from '../features/states/group-format.ts';
import { lookOf } from '../features/states/state-look.ts';
import { segmentLook } from './draw-bars.ts';
import { foldedRows } from './folded.ts';
import { extentOf, nodesOf, type TimelineNode } from './nodes.ts';
import { concurrencyProfile } from './profile.ts';
import { edgesBetween, layoutRows } from './rows.ts';
import { fitView, formatOffset, panView, ticksOf, timeAt, xOf, zoomView } from './scale.ts';
import { besideBar, wordsOf } from './messages.ts';

const START = Date.parse('2026-11-22T18:00:00Z');

function node(id: string, at: number, more: Partial<TimelineNode> = {}): TimelineNode {
  const type = more.type ?? 'COMPLETED';
  return {
    id,
    kind: 'task-run',
    label: id,
    name: id,
    group: `task ${id}`,
    type,
    stateName: lookOf(type).label,
    look: type,
    message: null,
    start: START + at,
    begun: START + at,
    end: START + at + 100,
    parents: [],
    caller: null,
    segments: [],
    ...more,
  };
}

function inside(id: string, more: Partial<InsideRun>): InsideRun {
  return {
    kind: 'task-run',
    id,
    label: id,
    name: id,
    group: `task ${id}`,
    map_index: null,
    state_type: 'COMPLETED',
    state_name: 'Completed',
    message: null,
    run_count: 1,
    start_time: '2026-11-22T18:00:00Z',
    end_time: null,
    total_run_time: 0,
    running_since: null,
    parents: [],
    caller: null,
    segments: [],
    ...more,
  };
}

/** As many calls of one task. */
function calls(count: number, more: (at: number) => Partial<TimelineNode> = () => ({})): TimelineNode[] {
  return Array.from({ length: count }, (_, at) =>
    node(`c${at}`, at, { label: `score-${at}`, name: 'score', group: 'map score-1', ...more(at) }),
  );
}

test('nodes come in order of start; what is over without an end takes no time; what runs is open', () => {
  const run = {
    start_time: '2026-11-22T18:00:00Z',
    end_time: null,
    runs: [
      inside('b', {
        start_time: '2026-11-22T18:00:05Z',
        state_type: 'RUNNING',
        state_name: 'Running',
        parents: ['a', 'a'],
      }),
      inside('a', { state_type: 'FAILED', state_name: 'Failed', caller: 'inner' }),
    ],
  };
  const nodes = nodesOf(run);
  assert.deepEqual(
    nodes.map(({ id, end, parents, caller }) => [id, end, parents, caller]),
    [
      ['a', START, [], 'inner'],
      ['b', null, ['a'], null],
    ],
  );
  assert.deepEqual(extentOf(nodes, run, START + 60_000), { start: START, end: START + 60_000 });
});

test('a wait before the first attempt is a part of the bar; lines lead to where the work began', () => {
  const time = (second: number) => `2026-11-22T18:00:0${second}Z`;
  const [waited] = nodesOf({
    runs: [
      inside('a', {
        start_time: time(4),
        end_time: time(6),
        parents: ['load'],
        segments: [
          {
            state_type: 'SCHEDULED',
            state_name: 'AwaitingConcurrencySlot',
            attempt: 0,
            start_time: time(1),
            end_time: time(4),
          },
          { state_type: 'RUNNING', state_name: 'Running', attempt: 1, start_time: time(4), end_time: time(6) },
        ],
      }),
    ],
  });
  assert.ok(waited !== undefined);
  assert.deepEqual(
    [waited.start - START, waited.begun - START, waited.segments.map(({ look }) => look)],
    [1000, 4000, ['SCHEDULED/AwaitingConcurrencySlot', 'RUNNING']],
  );
  assert.deepEqual(
    edgesBetween(layoutRows([node('load', 0, { end: START + 3000 }), waited], new Set())).map(
      ({ fromTime, toTime }) => [fromTime - START, toTime - START],
    ),
    [[3000, 4000]],
  );
  assert.equal(
    wordsOf({ kind: 'run', id: 'a', node: waited, depth: 0 }, START),
    'a, Completed, 5 s: awaiting a slot 3 s, attempt 1 2 s',
  );
});

test('an attempt that another followed is drawn as failed, the last one as the run went', () => {
  const stretch = (type: 'RUNNING' | 'SCHEDULED', look: string, attempt: number) => ({
    type,
    look,
    attempt,
    start: 0,
    end: 1,
  });
  const [first, wait, second] = [
    stretch('RUNNING', 'RUNNING', 1),
    stretch('SCHEDULED', 'SCHEDULED/AwaitingRetry', 1),
    stretch('RUNNING', 'RUNNING/Retrying', 2),
  ];
  const over = { look: 'COMPLETED/RolledBack', end: 9 };
  assert.deepEqual(
    [segmentLook(over, first, wait), segmentLook(over, wait, second), segmentLook(over, second, undefined)],
    ['FAILED', 'SCHEDULED/AwaitingRetry', 'COMPLETED/RolledBack'],
  );
  assert.equal(segmentLook({ look: 'RUNNING/Retrying', end: null }, second, undefined), 'RUNNING/Retrying');
});

test('a row says why its run failed, and that it was taken back or came from a cache', () => {
  const says = (more: Partial<TimelineNode>) =>
    besideBar({ kind: 'run', id: 'a', node: node('a', 0, more), depth: 0 }, START);
  assert.equal(
    says({ type: 'FAILED', message: 'ValueError: no such column\n  at load' }),
    '100 ms · failed: ValueError: no such column',
  );
  assert.equal(says({ look: 'COMPLETED/RolledBack', stateName: 'RolledBack' }), '100 ms · rolled back');
  assert.equal(says({ look: 'COMPLETED/Cached', stateName: 'Cached' }), '100 ms · cached');
  assert.equal(says({}), '100 ms');
});

test('what the server has folded is rows that open in pages, the failed ones first', () => {
  const group: InsideGroup = {
    key: '4-4',
    name: 'score',
    last_name: null,
    is_map: true,
    count: 100_000,
    start_time: '2026-11-22T18:00:00Z',
    end_time: null,
    states: [
      { state_type: 'COMPLETED', state_name: 'Completed', count: 99_998 },
      { state_type: 'FAILED', state_name: 'TimedOut', count: 2 },
    ],
  };
  const others = { ...group, key: '5-90', name: 'load', last_name: 'save', count: 70 };
  const told = (rows: ReturnType<typeof foldedRows>) =>
    rows.map((row) =>
      row.kind === 'group'
        ? `${row.name} ${row.count} ${JSON.stringify(row.counts)}`
        : row.kind === 'run'
          ? row.node.label
          : row.label,
    );
  assert.deepEqual(told(foldedRows([group, others], new Map())), [
    'score 100000 {"COMPLETED":99998,"FAILED/TimedOut":2}',
    'load … save 70 {"COMPLETED":99998,"FAILED/TimedOut":2}',
  ]);
  assert.deepEqual(
    [firstPlace(group), firstPlace({ states: group.states.slice(0, 1) })],
    [null, { is_bad: false, after: null }],
  );
  const page = {
    runs: [inside('bad', { state_type: 'FAILED' }), inside('good', {})],
    next: { is_bad: false, after: 'good' },
  };
  assert.deepEqual(told(foldedRows([group], new Map([['4-4', [undefined]]]))).slice(1), ['Loading …']);
  assert.deepEqual(told(foldedRows([group], new Map([['4-4', [page]]]))).slice(1), [
    'bad',
    'good',
    'Show more of 99,998',
  ]);
  assert.deepEqual(told(foldedRows([group], new Map([['4-4', [page, { ...page, next: null }]]]))).slice(1), [
    'bad',
    'good',
    'bad',
    'good',
  ]);
});

test('a run without anything inside has an extent', () => {
  const { start, end } = extentOf([], { start_time: null, end_time: null }, START);
  assert.ok(end > start);
});

test('a task run lies below the task that called it', () => {
  const rows = layoutRows(
    [node('a', 0), node('b', 10), node('a1', 20, { caller: 'a' }), node('lost', 30, { caller: 'elsewhere' })],
    new Set(),
  );
  assert.deepEqual(
    rows.map(({ id, depth }) => `${' '.repeat(depth)}${id}`),
    ['a', ' a1', 'b', 'lost'],
  );
});

test('a thousand calls of one task are one row, which says how they went, until it is opened', () => {
  const scores = calls(1000, (at) => ({ ...(at === 7 ? { type: 'FAILED', look: 'FAILED' } : {}), parents: ['load'] }));
  const nodes = [node('load', -200), ...scores, node('collect', 2000, { parents: scores.map(({ id }) => id) })];
  const folded = layoutRows(nodes, new Set());
  assert.deepEqual(
    folded.map(({ kind, id }) => [kind, id]),
    [
      ['run', 'load'],
      ['group', '/map score-1'],
      ['run', 'collect'],
    ],
  );
  const group = folded[1];
  assert.ok(group?.kind === 'group');
  assert.deepEqual(
    [group.name, group.count, group.counts, group.start, group.end],
    ['score', 1000, { FAILED: 1, COMPLETED: 999 }, START, START + 1099],
  );
  assert.deepEqual(
    edgesBetween(folded).map(({ fromRow, toRow }) => [fromRow, toRow]),
    [
      [0, 1],
      [1, 2],
    ],
  );

  const open = layoutRows(nodes, new Set(['/map score-1']));
  assert.equal(open.length, 1003);
  assert.deepEqual(
    open.slice(2, 5).map(({ id }) => id),
    ['c7', 'c0', 'c1'],
    'the failed one first',
  );
  const edges = edgesBetween(open);
  assert.equal(edges.length, 2000);
  assert.deepEqual(edges[0], { fromRow: 0, toRow: 2, fromTime: START - 100, toTime: START + 7 });
});

test('a group in which one still runs has no end', () => {
  const nodes = calls(30, (at) => (at === 3 ? { end: null, type: 'RUNNING' } : {}));
  const [row] = layoutRows(nodes, new Set());
  assert.equal(row?.kind === 'group' && row.end, null);
});

test('callers in a circle do not hang the page', () => {
  assert.deepEqual(layoutRows([node('a', 0, { caller: 'b' }), node('b', 1, { caller: 'a' })], new Set()), []);
});

test("pixels and times are each other's inverse", () => {
  const view = { start: START, end: START + 5000 };
  assert.equal(xOf(START + 2500, view, 100, 800), 500);
  assert.equal(timeAt(500, view, 100, 800), START + 2500);
});

test('a closer look keeps the time under the pointer, and cannot leave the run', () => {
  const extent = { start: START, end: START + 10_000 };
  const whole = fitView(extent);
  const around = START + 4000;
  const close = zoomView(whole, 0.25, around, extent);
  assert.ok(Math.abs(xOf(around, whole, 0, 1000) - xOf(around, close, 0, 1000)) < 1e-6);
  assert.deepEqual(zoomView(close, 1000, around, extent), whole);
  const closest = zoomView(close, 1e-9, around, extent);
  assert.ok(Math.abs(closest.end - closest.start - 2) < 0.01);
  const left = panView(close, -100, extent);
  assert.equal(left.start, whole.start);
  assert.ok(Math.abs(left.end - left.start - (close.end - close.start)) < 1e-6);
});

test('ticks are round times since the start, not too close', () => {
  const { step, offsets } = ticksOf({ start: START - 40, end: START + 10_000 }, START, 800, 90);
  assert.equal(step, 2000);
  assert.deepEqual(offsets, [0, 2000, 4000, 6000, 8000, 10_000]);
  assert.deepEqual(
    [
      formatOffset(0, 1000),
      formatOffset(1500, 500),
      formatOffset(40, 20),
      formatOffset(125_000, 5000),
      formatOffset(7_500_000, 900_000),
    ],
    ['0', '1.5 s', '40 ms', '2:05', '2:05 h'],
  );
});

test('a profile says how many ran at a time', () => {
  const run = (start: number, end: number | null) => ({ start, end });
  assert.deepEqual(concurrencyProfile([run(0, 40), run(10, 20), run(15, null)], 35, 4), [1, 2.5, 2, 1.5]);
  assert.deepEqual(concurrencyProfile([run(5, 5)], 9, 2), [0, 0]);
});

test('no line leads from what has not ended, nor to what has not begun', () => {
  const rows = layoutRows(
    [
      node('a', 0, { end: null, type: 'RUNNING' }),
      node('b', 10),
      node('c', 20, { parents: ['a', 'b'] }),
      node('d', 30, { parents: ['b'], type: 'PENDING', end: null }),
    ],
    new Set(),
  );
  assert.deepEqual(edgesBetween(rows), [{ fromRow: 1, toRow: 2, fromTime: START + 110, toTime: START + 20 }]);
});

test('what a run left open ends with it', () => {
  const graph = { start_time: '2026-11-22T18:00:00Z', end_time: '2026-11-22T18:00:04Z' };
  assert.deepEqual(extentOf([node('a', 0, { end: null, type: 'PENDING' })], graph, START + 60_000), {
    start: START,
    end: START + 4000,
  });
});
