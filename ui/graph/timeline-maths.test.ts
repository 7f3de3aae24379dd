import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Graph, GraphNode } from '../api/flow-run-graph.ts';
import { extentOf, nodesOf, type TimelineNode } from './nodes.ts';
import { concurrencyProfile } from './profile.ts';
import { baseName, edgesBetween, layoutRows } from './rows.ts';
import { fitView, formatOffset, panView, ticksOf, timeAt, xOf, zoomView } from './scale.ts';

const START = Date.parse('2026-11-22T18:00:00Z');

function node(id: string, at: number, more: Partial<TimelineNode> = {}): TimelineNode {
  return { id, kind: 'task-run', label: id, type: 'COMPLETED', start: START + at, end: START + at + 100, parents: [], caller: null, ...more };
}

function graphNode(id: string, more: Partial<GraphNode>): [string, GraphNode] {
  return [id, { kind: 'task-run', id, label: id, state_type: 'COMPLETED', start_time: '2026-11-22T18:00:00Z', end_time: null, parents: [], encapsulating: [], ...more }];
}

test('nodes come in order of start; what is over without an end takes no time; what runs is open', () => {
  const graph: Graph = {
    start_time: '2026-11-22T18:00:00Z', end_time: null,
    nodes: [
      graphNode('b', { start_time: '2026-11-22T18:00:05Z', state_type: 'RUNNING', parents: [{ id: 'a' }, { id: 'a' }] }),
      graphNode('a', { state_type: 'FAILED', encapsulating: [{ id: 'outer' }, { id: 'inner' }] }),
    ],
  };
  const nodes = nodesOf(graph);
  assert.deepEqual(nodes.map(({ id, end, parents, caller }) => [id, end, parents, caller]), [['a', START, [], 'inner'], ['b', null, ['a'], null]]);
  assert.deepEqual(extentOf(nodes, graph, START + 60_000), { start: START, end: START + 60_000 });
});

test('a run without anything inside has an extent', () => {
  const { start, end } = extentOf([], { start_time: null, end_time: null }, START);
  assert.ok(end > start);
});

test('a task run lies below the task that called it', () => {
  const rows = layoutRows([node('a', 0), node('b', 10), node('a1', 20, { caller: 'a' }), node('lost', 30, { caller: 'elsewhere' })], new Set());
  assert.deepEqual(rows.map(({ id, depth }) => `${' '.repeat(depth)}${id}`), ['a', ' a1', 'b', 'lost']);
});

test('a thousand calls of one task are one row, which says how they went, until it is opened', () => {
  const calls = Array.from({ length: 1000 }, (_, at) => node(`c${at}`, at, { label: `score-${at}`, type: at === 7 ? 'FAILED' : 'COMPLETED', parents: ['load'] }));
  const nodes = [node('load', -200), ...calls, node('collect', 2000, { parents: calls.map(({ id }) => id) })];
  const folded = layoutRows(nodes, new Set());
  assert.deepEqual(folded.map(({ kind, id }) => [kind, id]), [['run', 'load'], ['group', '/score'], ['run', 'collect']]);
  const group = folded[1];
  assert.ok(group?.kind === 'group');
  assert.deepEqual([group.counts, group.start, group.end], [{ FAILED: 1, COMPLETED: 999 }, START, START + 1099]);
  assert.deepEqual(edgesBetween(folded).map(({ fromRow, toRow }) => [fromRow, toRow]), [[0, 1], [1, 2]]);

  const open = layoutRows(nodes, new Set(['/score']));
  assert.equal(open.length, 1003);
  const edges = edgesBetween(open);
  assert.equal(edges.length, 2000);
  assert.deepEqual(edges[0], { fromRow: 0, toRow: 2, fromTime: START - 100, toTime: START });
});

test('a group in which one still runs has no end', () => {
  const nodes = Array.from({ length: 30 }, (_, at) => node(`c${at}`, at, { label: `score-${at}`, ...(at === 3 ? { end: null, type: 'RUNNING' as const } : {}) }));
  const [row] = layoutRows(nodes, new Set());
  assert.equal(row?.kind === 'group' && row.end, null);
});

test('callers in a circle do not hang the page', () => {
  assert.deepEqual(layoutRows([node('a', 0, { caller: 'b' }), node('b', 1, { caller: 'a' })], new Set()), []);
});

test('the name of a task is its run\'s without number or key', () => {
  assert.deepEqual(['score-12', 'score-0af', 'load', 'top-10', 'train-model'].map(baseName), ['score', 'score', 'load', 'top', 'train-model']);
});

test('pixels and times are each other\'s inverse', () => {
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
  assert.deepEqual([formatOffset(0, 1000), formatOffset(1500, 500), formatOffset(40, 20), formatOffset(125_000, 5000), formatOffset(7_500_000, 900_000)], ['0', '1.5 s', '40 ms', '2:05', '2:05 h']);
});

test('a profile says how many ran at a time', () => {
  const run = (start: number, end: number | null) => ({ start, end });
  assert.deepEqual(concurrencyProfile([run(0, 40), run(10, 20), run(15, null)], 35, 4), [1, 2.5, 2, 1.5]);
  assert.deepEqual(concurrencyProfile([run(5, 5)], 9, 2), [0, 0]);
});

test('no line leads from what has not ended, nor to what has not begun', () => {
  const rows = layoutRows([node('a', 0, { end: null, type: 'RUNNING' }), node('b', 10), node('c', 20, { parents: ['a', 'b'] }), node('d', 30, { parents: ['b'], type: 'PENDING', end: null })], new Set());
  assert.deepEqual(edgesBetween(rows), [{ fromRow: 1, toRow: 2, fromTime: START + 110, toTime: START + 20 }]);
});

test('what a run left open ends with it', () => {
  const graph = { start_time: '2026-11-22T18:00:00Z', end_time: '2026-11-22T18:00:04Z' };
  assert.deepEqual(extentOf([node('a', 0, { end: null, type: 'PENDING' })], graph, START + 60_000), { start: START, end: START + 4000 });
});
