import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSubmission } from '../../tests/conformance/samples.ts';
import type { FlowRun } from './flow-run.ts';
import { sampleFlowRun, sampleState, seconds, T0 } from './rules/fixtures/sample.ts';
import type { ProposedState } from './state.ts';
import { waitReasons, type HeldLimit, type WaitingFacts } from './waiting.ts';
import { explainRun } from './why.ts';

const NOW = seconds(90);
const due: ProposedState = { type: 'SCHEDULED', scheduledTime: T0 };
const run = (state: ProposedState = due, fields: Partial<FlowRun> = {}): FlowRun =>
  sampleFlowRun(sampleState(state), { runner: 'worker', lease: null, submission: makeSubmission(), ...fields });

const PLACE: NonNullable<WaitingFacts['place']> = {
  pool: { name: 'p', type: 'process', isPaused: false, status: 'READY' },
  queue: { name: 'default', isPaused: false, lastPolled: seconds(85) },
  poolPausedAt: null,
  queuePausedAt: null,
  workers: [{ name: 'w', isOnline: true, lastHeartbeat: seconds(80) }],
  askedQueues: [],
  aheadByPriority: 0,
  aheadByTime: 0,
};
const FACTS: WaitingFacts = { now: NOW, run: run(), place: PLACE, near: [], deployment: null, limits: [] };

const told = (facts: Partial<WaitingFacts>): readonly (readonly [string, string])[] =>
  waitReasons({ ...FACTS, ...facts }).map(({ kind, message }) => [kind, message]);
const at = (place: Partial<typeof PLACE>): Partial<WaitingFacts> => ({ place: { ...PLACE, ...place } });

test('a run that is taken in a moment, or waits for nothing, has no reason', () => {
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ run: run({ type: 'PENDING' }) }), []);
  assert.deepEqual(told({ run: run(due, { runner: 'prefect-client', submission: null }), place: null }), []);
});

test('a run waits for its time', () => {
  const reasons = waitReasons({ ...FACTS, run: run({ type: 'SCHEDULED', scheduledTime: seconds(120) }) });
  assert.deepEqual(
    reasons.map(({ kind, message, until }) => [kind, message, until]),
    [['schedule', 'It is due at 2025-06-15T15:08:40Z.', seconds(120)]],
  );
});

test('pools and queues that are paused say since when', () => {
  const pool = { ...PLACE.pool, isPaused: true };
  const queue = { ...PLACE.queue, isPaused: true };
  assert.deepEqual(told(at({ pool, queue, poolPausedAt: T0 })), [
    ['pool-paused', 'The work pool "p" is paused since 2025-06-15T15:06:40Z.'],
    ['queue-paused', 'The work queue "default" is paused.'],
  ]);
});

test('a limit names who holds its slots, and for how long', () => {
  const holder = (name: string | null, since: number) =>
    ({ kind: 'flow_run', id: `id-${since}`, name, since: seconds(since) }) as const;
  const limit = (fields: Partial<HeldLimit>): HeldLimit => ({
    what: 'work pool',
    name: 'p',
    slots: 1,
    taken: 1,
    holders: [holder('brave-otter', 30)],
    ...fields,
  });
  assert.deepEqual(told({ limits: [limit({ slots: 2 })] }), [], 'one is free');
  const [one] = waitReasons({ ...FACTS, limits: [limit({})] });
  assert.deepEqual(
    [one?.message, one?.since, one?.slots, one?.holders.map(({ id }) => id)],
    ['The slot of the work pool "p" is taken: by "brave-otter" for 1 min.', seconds(30), 1, ['id-30']],
  );
  const many = [holder('a', 10), holder(null, 20), holder('c', 30), holder('d', 40)];
  const [five] = told({ limits: [limit({ what: 'deployment', name: 'f/d', slots: 5, taken: 5, holders: many })] });
  assert.equal(
    five?.[1],
    'All 5 slots of the deployment "f/d" are taken: by "a" for 1 min 20 s, "id-20" for 1 min 10 s, "c" for 1 min, 2 more.',
  );
  const [none] = waitReasons({ ...FACTS, limits: [limit({ slots: 0, taken: 0, holders: [] })] });
  assert.deepEqual(
    [none?.message, none?.remedy],
    ['The limit of the work pool "p" is 0: none of its runs may begin.', 'It goes on when the limit is raised.'],
  );
});

test('without a worker it says when the last one was heard, and which pools have some', () => {
  const nobody = at({ queue: { ...PLACE.queue, lastPolled: null }, workers: [] });
  const near = [{ name: 'other', type: 'process', workersOnline: 2 }];
  const [reason] = waitReasons({ ...FACTS, ...nobody, near });
  assert.deepEqual(
    [reason?.kind, reason?.message, reason?.remedy, reason?.near],
    [
      'no-worker',
      'No worker is on the work pool "p" (process). None was ever there. Workers are on: "other" (2 workers).',
      'Start a worker: `ostinato worker start --pool=p`.',
      near,
    ],
  );
  const gone = [{ name: 'w', isOnline: false, lastHeartbeat: seconds(10) }];
  const [left] = waitReasons({ ...FACTS, ...at({ queue: { ...PLACE.queue, lastPolled: T0 }, workers: gone }) });
  assert.deepEqual(
    [left?.message, left?.since],
    ['No worker is on the work pool "p" (process). The last one, "w", was heard 1 min 20 s ago.', seconds(10)],
  );
  assert.deepEqual(told(at({ workers: [] })), [], 'an agent asks the queue');
});

test('workers that ask other queues are told with those queues', () => {
  const [reason] = waitReasons({
    ...FACTS,
    ...at({ queue: { name: 'a b', isPaused: false, lastPolled: null }, askedQueues: ['default', 'urgent'] }),
  });
  assert.deepEqual(
    [reason?.kind, reason?.message, reason?.remedy],
    [
      'queue-not-asked',
      '1 worker is on the work pool "p", but none asks the queue "a b". Asked are: "default", "urgent".',
      "Start a worker that asks it: `ostinato worker start --pool=p --work-queue='a b'`.",
    ],
  );
});

test('a run outside of queues waits for who serves its deployment', () => {
  const deployment = { name: 'f/d', isReady: false, lastPolledAt: seconds(30) };
  const outside = { place: null, run: run(due, { submission: makeSubmission({ workQueueName: null }) }) };
  assert.deepEqual(told({ ...outside, deployment }), [
    ['not-served', 'Nobody serves the deployment "f/d"; it was asked for 1 min ago the last time.'],
  ]);
  assert.deepEqual(told({ ...outside, deployment: { ...deployment, isReady: true } }), []);
  assert.equal(told(outside)[0]?.[0], 'no-queue');
  const deleted = run(due, { submission: makeSubmission({ workQueueName: 'old' }) });
  assert.deepEqual(told({ place: null, run: deleted }), [['no-queue', 'The work queue "old" that it was in is gone.']]);
});

test('a run that only waits for its turn says how many come before it', () => {
  assert.deepEqual(told(at({ aheadByTime: 2 })), [['turn', '2 runs of its queue are due before it.']]);
  const ranked = run(due, { submission: { ...makeSubmission(), priority: 5 } });
  assert.deepEqual(told({ ...at({ aheadByPriority: 1, aheadByTime: 1 }), run: ranked }), [
    ['turn', '1 run of its queue goes first: of a priority below its own, 5. 1 run of its queue is due before it.'],
  ]);
});

test('a run that waits for a slot says who gets it before by priority, and not who only came before', () => {
  const limits: HeldLimit[] = [{ what: 'work pool', name: 'p', slots: 1, taken: 1, holders: [] }];
  const kinds = (place: Partial<typeof PLACE>) => told({ ...at(place), limits }).map(([kind]) => kind);
  assert.deepEqual(kinds({ aheadByPriority: 2 }), ['limit', 'turn']);
  assert.deepEqual(kinds({ aheadByTime: 2 }), ['limit']);
  assert.deepEqual(kinds({ aheadByPriority: 2, queue: { ...PLACE.queue, isPaused: true } }), ['queue-paused', 'limit']);
});

test('the explanation of a run tells the reasons, and what helps', () => {
  const waitsFor = waitReasons({ ...FACTS, ...at({ queue: { ...PLACE.queue, lastPolled: null }, workers: [] }) });
  const explained = explainRun({
    kind: 'flow-run',
    run: run(),
    states: [],
    taskCounts: {},
    failedTasks: [],
    activeTasks: [],
    holder: null,
    waitsFor,
    now: NOW,
  });
  assert.equal(
    explained.headline,
    'Was due 1 min 30 s ago: no worker is on the work pool "p" (process). None was ever there.',
  );
  assert.equal(explained.because[1]?.fact, waitsFor[0]?.message);
  assert.equal(explained.next, 'Start a worker: `ostinato worker start --pool=p`.');
  assert.equal(explained.waitsFor, waitsFor);
});
