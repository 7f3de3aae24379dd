import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drawing, fillWorld } from '../../../tests/conformance/query-rows.ts';
import { makeFlow, makeFlowRun, makeState } from '../../../tests/conformance/samples.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { ProcessId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { openSqliteStorage } from '../../store/dialect/sqlite/index.ts';
import { wireText } from '../wire-json.ts';
import { flowRunsBytes } from './flow-run-text.ts';
import { encodeFlowRun } from './flow-run.ts';

const NOW = 1_790_000_100_000_001 as Instant;

const flowRunsText = (runs: readonly FlowRun[], now: Instant): string =>
  new TextDecoder().decode(flowRunsBytes(runs, now));

function compare(runs: readonly FlowRun[]): void {
  for (const run of runs) assert.equal(flowRunsText([run], NOW), `[${wireText(encodeFlowRun(run, NOW))}]`);
  assert.equal(flowRunsText(runs, NOW), wireText(runs.map((run) => encodeFlowRun(run, NOW))));
}

test('flow runs as text are what the encoder says, for runs as they are stored', async (t) => {
  const storage = openSqliteStorage({ path: ':memory:' });
  t.after(() => storage.close());
  await fillWorld(storage, drawing(3));
  const query = { where: { op: 'and', of: [] }, sort: [], limit: 200, offset: 0 } as const;
  const runs = await storage.find('flow_run', query);
  assert.equal(runs.length, 40);
  compare(runs);
  // A second time, when the parts that runs share are known.
  compare(await storage.find('flow_run', query));
});

test('flow runs as text are what the encoder says, whatever a run has', () => {
  const flow = makeFlow('a "flow"');
  const failure = { name: 'Error', message: 'no "way"' };
  const states = [
    makeState({ type: 'SCHEDULED', scheduledTime: NOW }),
    makeState({ type: 'PENDING', message: 'a\nb' }),
    makeState({ type: 'RUNNING', details: { transitionId: 'x' } }),
    makeState({ type: 'FAILED', failure }),
    makeState({ type: 'CRASHED', evidence: 'gone' }),
    makeState({ type: 'COMPLETED', data: { kind: 'unpersisted' } }),
    makeState({ type: 'COMPLETED', data: { kind: 'inline', text: '1.0', hash: 'h' } }),
    makeState({ type: 'PAUSED', details: { pauseKey: '1', pauseTimeout: NOW } }),
  ];
  compare(
    states.map((state) =>
      makeFlowRun(flow, {
        state,
        name: 'tab\t',
        labels: { a: 1, b: true },
        tags: ['x"'],
        idempotencyKey: '"',
        entrypoint: { file: 'C:\\x', exportName: null },
        lease: { processId: flow.id as string as ProcessId, token: 1 },
        startTime: NOW,
        expectedStartTime: (NOW - 5) as Instant,
        totalRunTimeUs: 12,
        parameters: { kind: 'foreign', text: '{"x": 1.0}' },
      }),
    ),
  );
  compare([
    makeFlowRun(flow, { parameters: { kind: 'stored', key: 'k', hash: 'h', bytes: 3 } }),
    makeFlowRun(flow, { parameters: { kind: 'inline', text: '[1]', hash: 'h' } }),
    makeFlowRun(flow, {
      expectedStartTime: 0 as Instant,
      parentTaskRunId: flow.id as never,
      parentFlowRunId: flow.id as never,
    }),
  ]);
  assert.equal(flowRunsText([], NOW), '[]');
});

test('a frozen run is encoded once, but for its estimates', () => {
  const running = Object.freeze(
    makeFlowRun(makeFlow('ä 😀'), {
      state: { ...makeState({ type: 'RUNNING' }), timestamp: NOW },
      startTime: null,
      expectedStartTime: NOW,
    }),
  );
  compare([running, running]);
  const later = (NOW + 2_500_000) as Instant;
  assert.equal(flowRunsText([running], later), `[${wireText(encodeFlowRun(running, later))}]`);
  assert.match(flowRunsText([running], later), /"estimated_run_time":2\.5,"estimated_start_time_delta":2\.5\}\]$/);
});
