import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { DeploymentId, FlowRunId } from '../ids.ts';
import { isTerminalType, STATE_TYPES, type StateType } from '../state.ts';
import type { Instant } from '../time.ts';
import { advanced, whyLeftOut, type AdvanceFacts } from './advance.ts';
import type { Backfill, BackfillId, BackfillSlot, EarlierRun } from './backfill.ts';
import { RERUNS } from './backfill.ts';

const NOW = 1_790_000_000_000_000 as Instant;
const ID = '018f0000-0000-7000-8000-000000000001' as BackfillId;

const backfill = (fields: Partial<Backfill> = {}): Backfill => ({
  id: ID,
  name: 'mine',
  deploymentId: ID as string as DeploymentId,
  deploymentName: 'sales/daily',
  scheduleId: null,
  schedule: { kind: 'cron', cron: '0 0 * * *', timezone: 'UTC', dayOr: true },
  from: 0 as Instant,
  to: NOW,
  order: 'oldest',
  concurrency: 2,
  rerun: 'missing',
  parameters: '{}',
  state: 'running',
  reason: null,
  cancelsBegun: false,
  createdBy: null,
  createdAt: NOW,
  updatedAt: NOW,
  endedAt: null,
  isSettled: false,
  ...fields,
});

const slot = (due: number, fields: Partial<BackfillSlot> = {}): BackfillSlot => ({
  backfillId: ID,
  dueAt: due as Instant,
  endsAt: (due + 1) as Instant,
  nominal: String(due),
  fold: 0,
  state: 'waiting',
  reason: null,
  flowRunId: null,
  decidedAt: NOW,
  ...fields,
});

const runOf = (due: number, stateType: StateType, runCount = 1) => ({
  id: `run ${due}` as FlowRunId,
  name: 'quick-otter',
  stateType,
  stateName: stateType,
  startTime: null,
  runCount,
});

const earlier = (stateType: StateType | null, createdAt = 1): EarlierRun => ({
  dueAt: 1 as Instant,
  id: `earlier ${stateType ?? 'none'}` as FlowRunId,
  stateType,
  createdAt: stateType === null ? null : (createdAt as Instant),
});

const types = fc.constantFrom(...STATE_TYPES);

test('never more open than its concurrency, every slot decided once, in order', () => {
  const open = fc.array(fc.option(types), { maxLength: 6 });
  const waiting = fc.array(fc.option(fc.option(types), { nil: undefined }), { maxLength: 8 });
  fc.assert(
    fc.property(
      open,
      waiting,
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(...RERUNS),
      (opens, waits, hasMore, concurrency, rerun) => {
        const facts: AdvanceFacts = {
          backfill: backfill({ concurrency, rerun }),
          isDeploymentThere: true,
          open: opens.map((type, due) => ({
            slot: slot(due, { state: 'open' }),
            run: type === null ? null : runOf(due, type),
          })),
          waiting: waits.map((type, index) => ({
            slot: slot(100 + index),
            earlier: type === undefined ? [] : [earlier(type)],
          })),
          hasMore,
          now: NOW,
        };
        const { changed, begin, again, backfill: after } = advanced(facts);
        const stillOpen = opens.filter((type) => type !== null && !isTerminalType(type)).length;
        assert.ok(begin.length === 0 || stillOpen + begin.length <= concurrency);
        const decided = [...changed.filter(({ state }) => state === 'left-out'), ...begin].map(({ dueAt }) => dueAt);
        assert.equal(new Set(decided).size, decided.length);
        assert.deepEqual(
          decided.toSorted((a, b) => a - b),
          waits.slice(0, decided.length).map((_, index) => 100 + index),
        );
        if (after.state === 'completed') assert.deepEqual([stillOpen, begin.length, hasMore], [0, 0, false]);
        const isRoom = stillOpen + begin.length < concurrency;
        if (isRoom && !again) assert.equal(decided.length, waits.length, 'what there is room for is decided');
      },
    ),
  );
});

test('a slot that has had a run is left out, as is said; one whose run goes on always', () => {
  const isLeftOut = (runs: readonly EarlierRun[]) => RERUNS.map((rerun) => whyLeftOut(runs, rerun) !== null);
  assert.deepEqual(isLeftOut([]), [false, false, false]);
  assert.deepEqual(isLeftOut([earlier('COMPLETED')]), [true, true, false]);
  for (const type of ['FAILED', 'CRASHED', 'CANCELLED'] as const)
    assert.deepEqual(isLeftOut([earlier(type)]), [true, false, false]);
  for (const type of ['RUNNING', 'SCHEDULED', 'PENDING', 'PAUSED', 'CANCELLING'] as const)
    assert.deepEqual(isLeftOut([earlier(type), earlier('FAILED', 9)]), [true, true, true]);
  assert.deepEqual(isLeftOut([earlier(null)]), [true, true, false], 'a run that was deleted may have completed');
  assert.deepEqual(isLeftOut([earlier('FAILED', 2), earlier('COMPLETED', 1)]), [true, false, false], 'the last one');
  assert.deepEqual(isLeftOut([earlier('FAILED', 1), earlier('COMPLETED', 2)]), [true, true, false]);
});

test('paused it makes nothing, aborted it cancels, without its deployment it ends', () => {
  const facts = (fields: Partial<Backfill>, isDeploymentThere = true): AdvanceFacts => ({
    backfill: backfill(fields),
    isDeploymentThere,
    open: [
      { slot: slot(1, { state: 'open' }), run: runOf(1, 'RUNNING') },
      { slot: slot(2, { state: 'open' }), run: runOf(2, 'SCHEDULED', 0) },
      { slot: slot(3, { state: 'open' }), run: runOf(3, 'CANCELLING') },
    ],
    waiting: [{ slot: slot(9), earlier: [] }],
    hasMore: false,
    now: NOW,
  });
  const paused = advanced(facts({ state: 'paused', concurrency: 9 }));
  assert.deepEqual([paused.begin, paused.cancel, paused.backfill.isSettled], [[], [], false]);
  assert.deepEqual(advanced(facts({ state: 'aborted' })).cancel, ['run 2']);
  assert.deepEqual(advanced(facts({ state: 'aborted', cancelsBegun: true })).cancel, ['run 1', 'run 2']);
  const gone = advanced(facts({}, false));
  assert.deepEqual(
    [gone.backfill.state, gone.begin, gone.cancelsWaiting],
    ['aborted', [], 'Its deployment was deleted.'],
  );
});
