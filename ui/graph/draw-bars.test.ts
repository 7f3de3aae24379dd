/** What is drawn, as a canvas is told it: states differ by more than their colour. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LOOKS } from '../features/states/state-look.ts';
import { drawBar } from './draw-bars.ts';
import type { NodeSegment, TimelineNode } from './nodes.ts';
import type { TimelineRow } from './rows.ts';
import type { Scene } from './scene.ts';

Object.assign(globalThis, { Path2D: class {} });

interface Call {
  readonly method: string;
  readonly given: readonly unknown[];
}

/** A canvas of which every method is noted, without the one that measures texts. */
function canvas(): { readonly context: CanvasRenderingContext2D; readonly calls: Call[] } {
  const calls: Call[] = [];
  const own: Record<string, unknown> = { measureText: (text: string) => ({ width: text.length * 6 }) };
  const context = new Proxy(own, {
    get: (target, method) =>
      target[String(method)] ?? ((...given: unknown[]) => void calls.push({ method: String(method), given })),
  });
  return { context: context as unknown as CanvasRenderingContext2D, calls };
}

function drawn(row: TimelineRow): Call[] {
  const { context, calls } = canvas();
  const palette = {
    text: 'text',
    muted: 'muted',
    line: 'line',
    surface: 'surface',
    hover: '',
    accent: '',
    accentSoft: '',
    edge: '',
    sans: '',
    states: Object.fromEntries(LOOKS.map(({ id }) => [id, id])),
  };
  const scene: Scene = {
    rows: [row],
    edges: [],
    view: { start: 0, end: 1000 },
    origin: 0,
    now: 900,
    isGrowing: true,
    width: 1100,
    height: 100,
    scrollTop: 0,
    left: 100,
    selectedRow: null,
    hoveredRow: null,
    palette,
  };
  drawBar(context, scene, 0);
  return calls;
}

function run(look: string, more: Partial<TimelineNode> = {}): TimelineRow {
  const node: TimelineNode = {
    id: 'a',
    kind: 'task-run',
    label: 'a',
    name: 'a',
    group: 'a',
    type: 'COMPLETED',
    stateName: '',
    look,
    message: null,
    start: 100,
    begun: 100,
    end: 800,
    parents: [],
    caller: null,
    segments: [],
    ...more,
  };
  return { kind: 'run', id: 'a', node, depth: 0 };
}

/** Which way the stripes of a bar lean, whether it has dots, whether it is an outline. */
function patternOf(calls: readonly Call[]): string {
  const at = calls.findIndex(({ method }) => method === 'clip');
  if (calls.some(({ method, given }) => method === 'setLineDash' && (given[0] as number[]).length > 0))
    return 'outline';
  if (at === -1) return 'plain';
  const [first, second] = calls.slice(at).filter(({ method }) => method === 'moveTo' || method === 'lineTo');
  if (first === undefined || second === undefined) return 'dots';
  return Number(second.given[1]) < Number(first.given[1]) ? 'up' : 'down';
}

test('states that went otherwise than their type says, and what went wrong, have patterns that need no colour', () => {
  const patterns = Object.fromEntries(
    [
      'COMPLETED',
      'COMPLETED/Cached',
      'COMPLETED/RolledBack',
      'FAILED',
      'FAILED/TimedOut',
      'CRASHED',
      'RUNNING',
      'SCHEDULED/Late',
      'PENDING',
    ].map((look) => [look, patternOf(drawn(run(look)))]),
  );
  assert.deepEqual(patterns, {
    COMPLETED: 'plain',
    'COMPLETED/Cached': 'dots',
    'COMPLETED/RolledBack': 'down',
    FAILED: 'up',
    'FAILED/TimedOut': 'up',
    CRASHED: 'up',
    RUNNING: 'plain',
    'SCHEDULED/Late': 'outline',
    PENDING: 'outline',
  });
});

test('attempts are numbered, waits are outlines between them, and what runs grows until now', () => {
  const stretch = (
    type: 'RUNNING' | 'SCHEDULED',
    look: string,
    attempt: number,
    start: number,
    end: number | null,
  ): NodeSegment => ({ type, look, attempt, start, end });
  const calls = drawn(
    run('RUNNING/Retrying', {
      type: 'RUNNING',
      end: null,
      segments: [
        stretch('RUNNING', 'RUNNING', 1, 100, 300),
        stretch('SCHEDULED', 'SCHEDULED/AwaitingRetry', 1, 300, 600),
        stretch('RUNNING', 'RUNNING/Retrying', 2, 600, null),
      ],
    }),
  );
  const texts = calls.filter(({ method }) => method === 'fillText').map(({ given }) => given[0]);
  assert.deepEqual(texts.slice(0, 2), ['1', '2']);
  const bars = calls
    .filter(({ method }) => method === 'roundRect')
    .map(({ given }) => [Number(given[0]), Number(given[0]) + Number(given[2])].map(Math.round));
  assert.deepEqual(bars, [
    [200, 399],
    [401, 699],
    [700, 999],
  ]);
  assert.equal(
    calls.filter(({ method, given }) => method === 'setLineDash' && (given[0] as number[]).length > 0).length,
    1,
  );
});

test('a text beside a bar is drawn where it is whole: behind it, before it, else upon it', () => {
  const xOfText = (start: number, end: number) =>
    Number(
      drawn(run('FAILED', { type: 'FAILED', message: 'a reason of some length', start, begun: start, end })).find(
        ({ method }) => method === 'fillText',
      )?.given[1],
    );
  assert.equal(xOfText(100, 200), 306);
  assert.ok(xOfText(900, 950) < 1000);
  assert.equal(xOfText(10, 990), 116);
});
