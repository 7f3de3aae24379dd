import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Runner } from './flow-run.ts';
import type { TaskRunId } from './ids.ts';
import {
  FLOW_FACTS,
  sampleFlowRun,
  sampleState,
  sampleTaskRun,
  seconds,
  T0,
  TASK_FACTS,
} from './rules/fixtures/sample.ts';
import type { ProposedState } from './state.ts';
import type { TaskRun } from './task-run.ts';
import { explainRun, type FlowRunOnRecord, type TaskRunOnRecord } from './why.ts';
import { showSeconds } from './why-phrases.ts';

function flowRecord(
  state: ProposedState,
  fields: Partial<Omit<FlowRunOnRecord, 'run'>> = {},
  run: Parameters<typeof sampleFlowRun>[1] = {},
): FlowRunOnRecord {
  const now = sampleState(state);
  return {
    kind: 'flow-run',
    run: sampleFlowRun(now, run),
    states: [now],
    taskCounts: {},
    failedTasks: [],
    activeTasks: [],
    holder: null,
    now: seconds(90),
    ...fields,
  };
}

function taskRecord(run: TaskRun, fields: Partial<Omit<TaskRunOnRecord, 'run'>> = {}): TaskRunOnRecord {
  return {
    kind: 'task-run',
    run,
    states: [run.state],
    upstream: [],
    flowRun: sampleFlowRun(sampleState({ type: 'RUNNING' })),
    now: seconds(90),
    ...fields,
  };
}

const broken: ProposedState = { type: 'FAILED', failure: { name: 'TypeError', message: 'x is undefined\nat line 3' } };
const notRun: ProposedState = {
  type: 'FAILED',
  failure: { name: 'OstinatoError', message: 'load failed', code: 'upstream-failed' },
};
const after = (id: string): Partial<TaskRun> => ({ inputs: { rows: [{ kind: 'task_run', id: id as TaskRunId }] } });

test('a failed flow run names the first task that failed by itself, not the ones it took along', () => {
  const root = sampleTaskRun('load', sampleState(broken, seconds(2)), { runCount: 3 });
  const child = sampleTaskRun('clean', sampleState(notRun, seconds(1)), after(root.id));
  const later = sampleTaskRun('other', sampleState(broken, seconds(5)));
  const said = explainRun(
    flowRecord(broken, { failedTasks: [child, later, root], taskCounts: { FAILED: 3, COMPLETED: 2 } }),
  );
  assert.equal(said.headline, 'Failed because task "load" failed: TypeError: x is undefined.');
  assert.deepEqual(
    said.because.map(({ fact }) => fact),
    [
      'Task "load" failed after 3 attempts: TypeError: x is undefined.',
      '1 task run could not start because of a failed upstream task.',
      'The run ended with TypeError: x is undefined.',
      'Task runs: 3 failed, 2 completed.',
    ],
  );
  assert.match(said.next, /ostinato flow-run retry 01975300/);
  const culprit = { kind: 'task_run', id: root.id, name: 'load' };
  assert.deepEqual(
    [said.about, said.because[0]?.about, said.because[1]?.about, said.moving],
    [culprit, culprit, undefined, undefined],
  );
});

test('a flow run that waits for a retry says how long, which attempt and after what', () => {
  const wait: ProposedState = {
    type: 'SCHEDULED',
    name: 'AwaitingRetry',
    scheduledTime: seconds(100),
    message: 'Error: no network',
  };
  const said = explainRun(flowRecord(wait, {}, { runCount: 1, policy: { ...FLOW_FACTS.policy, retries: 2 } }));
  assert.equal(said.headline, 'Waits 10 s for attempt 2 of 3 after Error: no network.');
  assert.equal(said.moving, seconds(100), 'until then it goes down');
  assert.deepEqual(said.because, [
    { fact: 'Attempt 1 failed: Error: no network; the next one was set 1 min 40 s later.', when: T0 },
  ]);
});

test('an attempt that somebody opened anew tells what the one before ended with', () => {
  const opened: ProposedState = {
    type: 'SCHEDULED',
    name: 'AwaitingRetry',
    scheduledTime: seconds(100),
    message: 'A new attempt was opened.',
  };
  const ended = sampleState({
    type: 'CRASHED',
    message: 'process.exit(0) was called.',
    evidence: 'process.exit(0) was called.',
  });
  const states = [ended, sampleState(opened)];
  const [said] = explainRun(flowRecord(opened, { states }, { runCount: 1 })).because;
  assert.deepEqual(said, {
    fact: 'Attempt 1 ended Crashed: process.exit(0) was called; a new one was opened 0 s later.',
    when: T0,
  });
  assert.match(
    explainRun(flowRecord(opened, { states }, { runCount: 1 })).headline,
    /attempt 2 of 2 after process\.exit\(0\) was called\.$/,
  );
});

test('a crashed flow run shows the evidence and who continues it', () => {
  const crashed: ProposedState = { type: 'CRASHED', evidence: 'Process 42 on barn is gone: no such pid.' };
  const said = explainRun(
    flowRecord(
      crashed,
      {},
      { totalRunTimeUs: 12_000_000, runCount: 1, policy: { ...FLOW_FACTS.policy, resume: 'automatic' } },
    ),
  );
  assert.equal(said.headline, 'Crashed: Process 42 on barn is gone: no such pid.');
  assert.equal(said.because[0]?.fact, 'It had been running for 12 s in 1 attempt.');
  assert.match(said.next, /next process that starts this flow continues it/);
});

test('a crashed run that goes on by itself says when, and which attempt it is; one that is over says what was begun', () => {
  const crashed: ProposedState = { type: 'CRASHED', evidence: 'gone' };
  const goesOn = { how: 'resume', attempt: 2, attemptsMax: 5, by: seconds(8) } as const;
  const next = (fields: Partial<FlowRunOnRecord>): string => explainRun(flowRecord(crashed, fields)).next;
  assert.equal(
    next({ goesOn, now: seconds(1) }),
    'It goes on by itself, as its deployment says (`on_crash: resume`): attempt 2 of 5 is due by 2025-06-15T15:06:48Z.',
  );
  assert.match(next({ goesOn, now: seconds(90) }), /was due by 2025-06-15T15:06:48Z, and begins when its server runs/);
  assert.match(next({ goesOn: { ...goesOn, how: 'retry' } }), /^Another run is begun for it, .* attempt 2 of 5/);
  assert.match(next({ begunAnew: sampleFlowRun() }), /^Flow run "brave-otter" was begun for it/);
  assert.match(next({ goesOn: null }), /flow-run retry/);
});

test('a running flow run tells what runs; one whose process is gone tells that first', () => {
  const busy = sampleTaskRun('train', sampleState({ type: 'RUNNING' }, seconds(30)), { runCount: 2 });
  const said = explainRun(flowRecord({ type: 'RUNNING' }, { activeTasks: [busy], taskCounts: { RUNNING: 1 } }));
  assert.equal(said.headline, 'Has been running for 1 min 30 s: task "train" is running.');
  assert.equal(said.because[0]?.fact, 'Task "train" has been running for 1 min (attempt 2).');
  const lost = explainRun(
    flowRecord({ type: 'RUNNING' }, { holder: { record: null, alive: false, evidence: 'Its process has ended.' } }),
  );
  assert.equal(lost.headline, 'Is recorded as running, but the process that ran it is gone.');
  assert.equal(lost.because[0]?.fact, 'Its process has ended.');
});

test('every state of a flow run has a headline of its own', () => {
  const headline = (state: ProposedState, run = {}): string => explainRun(flowRecord(state, {}, run)).headline;
  assert.equal(headline({ type: 'PENDING' }), 'Was created 1 min 30 s ago and has not started.');
  assert.equal(
    headline({ type: 'SCHEDULED', scheduledTime: seconds(3690) }),
    'Waits for its scheduled time, 2025-06-15T16:08:10Z (in 1 h).',
  );
  assert.equal(
    headline({ type: 'SCHEDULED', scheduledTime: T0 }),
    'Was due 1 min 30 s ago and nothing has started it.',
  );
  assert.equal(headline({ type: 'PAUSED' }), 'Has been paused for 1 min 30 s, waiting for somebody to resume it.');
  assert.equal(
    headline({ type: 'CANCELLING' }),
    'Was asked to stop 1 min 30 s ago; its process has not confirmed it yet.',
  );
  assert.equal(headline({ type: 'CANCELLED' }), 'Was cancelled.');
  assert.equal(
    headline({ type: 'COMPLETED', data: null }, { totalRunTimeUs: 250_000, runCount: 2 }),
    'Completed in 0.25 s, at attempt 2.',
  );
  assert.equal(headline({ type: 'FAILED', failure: null, message: 'no rows' }), 'Failed: no rows.');
  const policy = { ...FLOW_FACTS.policy, timeoutSeconds: 5 };
  assert.equal(
    headline({ type: 'FAILED', name: 'TimedOut', failure: null }, { policy }),
    'Failed because it took longer than its timeout of 5 s.',
  );
});

test('a task run tells why it ran or came from the cache', () => {
  const done = sampleState({ type: 'COMPLETED', data: null });
  const hit = sampleTaskRun('a', done, {
    cache: { outcome: 'hit', key: 'k', reason: 'same inputs and source', from: 'earlier' as TaskRunId },
  });
  assert.equal(
    explainRun(taskRecord(hit)).headline,
    'Did not run: the cache had its result computed by task run earlier.',
  );
  const miss = sampleTaskRun('a', done, {
    cache: { outcome: 'miss', key: 'k', reason: 'input "x" changed' },
    totalRunTimeUs: 5e6,
    runCount: 1,
  });
  const said = explainRun(taskRecord(miss));
  assert.equal(said.headline, 'Completed in 5 s.');
  assert.equal(said.because[0]?.fact, 'The cache did not have its result: input "x" changed.');
});

test('a failed task run tells why it was not tried (again)', () => {
  const last = (run: Partial<TaskRun>): string | undefined =>
    explainRun(taskRecord(sampleTaskRun('a', sampleState(broken), run))).because.at(-1)?.fact;
  assert.equal(last({ runCount: 1 }), 'No retries are set for this task.');
  assert.equal(last({ runCount: 3, policy: { ...TASK_FACTS.policy, retries: 2 } }), 'All of its 2 retries were used.');
  assert.match(
    last({ runCount: 1, policy: { ...TASK_FACTS.policy, retries: 2 } }) ?? '',
    /marked as one that trying again cannot help/,
  );
  const root = sampleTaskRun('load', sampleState(broken));
  const blocked = sampleTaskRun('clean', sampleState(notRun), after(root.id));
  assert.equal(
    explainRun(taskRecord(blocked, { upstream: [root] })).headline,
    'Did not run because task "load" failed.',
  );
});

test('a waiting task run tells what it waits for', () => {
  const load = sampleTaskRun('load', sampleState({ type: 'RUNNING' }));
  const clean = sampleTaskRun('clean', sampleState({ type: 'PENDING' }), after(load.id));
  assert.equal(
    explainRun(taskRecord(clean, { upstream: [load] })).headline,
    'Waits for task "load", whose result it needs.',
  );
  assert.equal(explainRun(taskRecord(clean)).headline, 'Has been Pending for 1 min 30 s, waiting for its turn.');
  const over = sampleFlowRun(sampleState({ type: 'CRASHED' }));
  assert.equal(
    explainRun(taskRecord(clean, { flowRun: over })).headline,
    'Never ended: its flow run is already Crashed.',
  );
  const retry: ProposedState = {
    type: 'SCHEDULED',
    name: 'AwaitingRetry',
    scheduledTime: seconds(91),
    message: 'Error: 503',
  };
  const waiting = sampleTaskRun('get', sampleState(retry), {
    runCount: 2,
    policy: { ...TASK_FACTS.policy, retries: 3 },
  });
  assert.equal(explainRun(taskRecord(waiting)).headline, 'Waits 1 s for attempt 3 of 4 after Error: 503.');
});

test('the other ends of a task run', () => {
  const headline = (state: ProposedState, run: Partial<TaskRun> = {}): string =>
    explainRun(taskRecord(sampleTaskRun('a', sampleState(state), run))).headline;
  assert.equal(headline({ type: 'RUNNING' }), 'Has been running for 1 min 30 s.');
  assert.equal(headline({ type: 'CANCELLED', message: 'Ctrl-C.' }), 'Was cancelled: Ctrl-C.');
  assert.equal(
    headline({ type: 'CRASHED', evidence: 'The worker thread ended.' }),
    'Crashed: The worker thread ended.',
  );
  assert.equal(
    headline({ type: 'COMPLETED', name: 'RolledBack', data: null }),
    'Was done, and rolled back because its transaction failed.',
  );
});

test('times for people', () => {
  assert.deepEqual([0.0004, 0.25, 9.96, 12.4, 200, 7500, 100_000].map(showSeconds), [
    '0 s',
    '0.25 s',
    '10 s',
    '12 s',
    '3 min 20 s',
    '2 h 5 min',
    '1 d 3 h',
  ]);
});

test('a run of another client is not told to be continued by our command', () => {
  const record = flowRecord(broken, {});
  const next = (runner: Runner) => explainRun({ ...record, run: { ...record.run, runner } }).next;
  assert.match(next('prefect-client'), /^Running its flow again/);
  assert.match(next('worker'), /^Setting it to Scheduled/);
});
