import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { SetFlowRunState } from '../core/flow-run-request.ts';
import type { FlowRunId, IdSource, ProcessId } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import { createClock } from '../platform/clock.ts';
import type { JobEnd } from './infrastructure.ts';
import type { RunNews } from './run-news.ts';
import { RunSupervisor, type ProcessEnd } from './run-supervisor.ts';

const LEASE = { processId: 'worker' as ProcessId, token: 7 };
const EXITED: JobEnd = { exitCode: 0, signal: null, problem: null };
const KILLED: JobEnd = { exitCode: null, signal: 'SIGKILL', problem: null };

interface More {
  readonly recover?: (run: FlowRun | null) => void;
  /** What becomes of the run between the look at it and what is proposed for it. */
  readonly overtakenBy?: string;
  /** So often the server does not answer. */
  readonly away?: number;
  /** Why nothing can be started. */
  readonly failure?: Error;
}

/** @param run what the server says of the run when its process has ended */
async function ended(
  run: { readonly type: string; readonly token: number } | null,
  end: JobEnd,
  left = 0,
  { recover, overtakenBy, away = 0, failure }: More = {},
) {
  const proposed: SetFlowRunState[] = [];
  const logged: LogRecord[] = [];
  const signals: string[] = [];
  const told: RunNews[] = [];
  const ends: ProcessEnd[] = [];
  const beats: ProcessId[] = [];
  let starts = 0;
  const found =
    run === null
      ? null
      : ({ state: { type: run.type, name: run.type }, lease: { ...LEASE, token: run.token } } as unknown as FlowRun);
  const supervisor = new RunSupervisor(
    { id: 'run' as FlowRunId, name: 'brave-otter', deploymentId: 'd', lease: LEASE },
    {
      client: {
        readFlowRun: () => found,
        updateFlowRun: () => (away > 0 ? unanswered() : undefined),
        beat: (id) => (beats.push(id), { isRegistered: true, cancelling: [] }),
        recordTaskRuns: (_records, logs) => void logged.push(...logs),
        setFlowRunState(request) {
          proposed.push(request);
          if (overtakenBy !== undefined && found !== null) {
            const { token } = LEASE;
            Object.assign(found, {
              state: { type: overtakenBy, name: overtakenBy },
              lease: { ...LEASE, token: token + 2 },
            });
            throw new OstinatoError('lease-lost', 'It was found lost.');
          }
          return {} as Transition<FlowRun>;
        },
      },
      start: async (_run, { onLine }) => {
        starts += 1;
        if (starts <= away) await unanswered();
        if (failure !== undefined) throw failure;
        onLine('out of memory', 'stderr');
        return Promise.resolve({
          place: 'barn:1',
          name: 'process 1',
          // A while later, so that what nobody waits for has its turn.
          ended: new Promise((resolve) => setImmediate(() => resolve(end))),
          read: Promise.resolve(),
          signal: (name) => void signals.push(name),
          clear() {
            signals.push('left');
            return Promise.resolve(left > 0 ? ['process 4711'].slice(0, left--) : []);
          },
          use: () => ({ peakBytes: 120_000_000, cpuSeconds: 1.5 }),
        });
      },
      noun: 'process',
      clearUnstarted: () => [],
      recover: () => (recover?.(found), Promise.resolve()),
      tellEnd: (end) => (ends.push(end), Promise.resolve()),
      tell: (news) => (told.push(news), Promise.resolve()),
      clock: createClock(),
      ids: { next: () => 'id' } as unknown as IdSource,
      ownProcess: LEASE.processId,
      host: 'barn',
      say: () => {},
      print: () => {},
    },
  );
  await supervisor.ended;
  return { proposed, logged, signals, told, ends, starts };
}

const unanswered = (): Promise<never> =>
  Promise.reject(new OstinatoError('server-unavailable', 'The server does not answer.'));

test('a process that the server finds dead just before its worker tells of it: how it ended is told, once', async () => {
  const { proposed, ends, logged } = await ended({ type: 'RUNNING', token: 8 }, KILLED, 0, { overtakenBy: 'CRASHED' });
  assert.equal(proposed.length, 1);
  assert.deepEqual(
    ends.map(({ leaseToken, evidence }) => [leaseToken, /SIGKILL/.test(evidence)]),
    [[7, true]],
  );
  assert.equal(logged.filter(({ message }) => message.includes('SIGKILL')).length, 1);
});

test('a server that goes while a run is started: it is started when the server is back, and the worker goes on', async () => {
  const { starts, proposed } = await ended({ type: 'COMPLETED', token: 8 }, EXITED, 0, { away: 1 });
  assert.deepEqual([starts, proposed], [2, []]);
});

test('a run that cannot be started, for whatever reason, ends alone: its worker goes on', async () => {
  const failure = new TypeError('The argument must be a string without null bytes.');
  const { proposed } = await ended({ type: 'PENDING', token: 7 }, EXITED, 0, { failure });
  const [{ state } = { state: null }] = proposed;
  assert.equal(state?.type, 'CRASHED');
  assert.match(state?.message ?? '', /could not be started: TypeError: The argument must be a string/);
});

test('a process that dies without an end of its run: Crashed, with the signal and what it wrote last', async () => {
  const { proposed, logged, signals, told } = await ended({ type: 'RUNNING', token: 8 }, KILLED);
  assert.equal(proposed.length, 1);
  assert.equal(proposed[0]?.state.type, 'CRASHED');
  assert.equal(proposed[0]?.leaseToken, 8);
  assert.match(proposed[0]?.state.message ?? '', /SIGKILL/);
  assert.deepEqual([logged[0]?.message, logged[0]?.name], ['out of memory', 'ostinato.process.stderr']);
  assert.match(logged[1]?.message ?? '', /SIGKILL[^]*out of memory/);
  assert.deepEqual(signals, ['left'], 'nothing of its group is left');
  assert.match(proposed[0]?.state.message ?? '', /out of memory/);
  assert.match(proposed[0]?.state.message ?? '', /120 MB of memory and 1\.5 s of CPU/);
  assert.deepEqual(
    told.map(({ what, payload }) => [what, payload['signal'], payload['peak_memory_bytes']]),
    [['process-ended', 'SIGKILL', 120_000_000]],
  );
});

test('one that has not even taken its run over, too; a request to cancel counts more', async () => {
  const never = await ended({ type: 'PENDING', token: 7 }, { exitCode: 2, signal: null, problem: null });
  assert.match(never.proposed[0]?.state.message ?? '', /exit code 2/);
  const cancelled = await ended({ type: 'CANCELLING', token: 8 }, KILLED);
  assert.equal(cancelled.proposed[0]?.state.type, 'CANCELLED');
});

test('of a run that has its end, that is gone, or that another process has, nothing is said', async () => {
  for (const run of [{ type: 'COMPLETED', token: 8 }, { type: 'RUNNING', token: 9 }, null])
    assert.deepEqual((await ended(run, KILLED)).proposed, []);
});

test('of a run that its server has found dead first, the state is told how its process ended', async () => {
  const { proposed, ends, logged } = await ended({ type: 'CRASHED', token: 9 }, KILLED);
  assert.deepEqual(proposed, []);
  assert.deepEqual(
    ends.map(({ id, leaseToken }) => [id, leaseToken]),
    [['run', 7]],
  );
  assert.match(ends[0]?.evidence ?? '', /SIGKILL/);
  assert.match(ends[0]?.message ?? '', /SIGKILL[^]*out of memory/);
  assert.match(logged[1]?.message ?? '', /out of memory/);
});

test('an end that its process could not tell is told first: the server was away', async () => {
  const run = { type: 'RUNNING', token: 8 };
  const recover = (found: FlowRun | null): void => {
    if (found !== null) Object.assign(found.state, { type: 'COMPLETED', name: 'Completed' });
  };
  const { proposed } = await ended(run, EXITED, 0, { recover });
  assert.deepEqual(proposed, []);
});

test('what it has left behind is ended again and again until nothing is there', async () => {
  const { signals } = await ended({ type: 'RUNNING', token: 8 }, KILLED, 3);
  assert.deepEqual(signals, ['left', 'left', 'left', 'left']);
});

test('while its process is there, its worker keeps the leases of it, whatever the body does', async () => {
  const beats: ProcessId[] = [];
  const clock = createClock();
  let now = 0;
  const ends: ((end: JobEnd) => void)[] = [];
  let run = { state: { type: 'PENDING' }, lease: LEASE } as unknown as FlowRun;
  const supervisor = new RunSupervisor(
    { id: 'run' as FlowRunId, name: 'brave-otter', deploymentId: 'd', lease: LEASE },
    {
      client: {
        readFlowRun: () => run,
        updateFlowRun: () => {},
        recordTaskRuns: () => {},
        setFlowRunState: () => ({}) as Transition<FlowRun>,
        beat: (id) => (beats.push(id), { isRegistered: true, cancelling: [] }),
      },
      start: () =>
        Promise.resolve({
          place: 'barn:1',
          name: 'process 1',
          ended: new Promise<JobEnd>((resolve) => ends.push(resolve)),
          signal: () => {},
        }),
      noun: 'process',
      clearUnstarted: () => [],
      recover: () => Promise.resolve(),
      tellEnd: () => Promise.resolve(),
      tell: () => Promise.resolve(),
      clock: { ...clock, now: () => (now * 1e6) as Instant, setTimer: clock.setTimer.bind(clock) },
      ids: { next: () => 'id' } as unknown as IdSource,
      ownProcess: LEASE.processId,
      host: 'barn',
      say: () => {},
      print: () => {},
    },
  );
  now = 100;
  await supervisor.look();
  assert.deepEqual(beats, [], 'its process has not taken it over');
  run = { state: { type: 'RUNNING' }, lease: { processId: 'own' as ProcessId, token: 8 } } as unknown as FlowRun;
  for (const seconds of [101, 102, 107, 108]) {
    now = seconds;
    await supervisor.look();
  }
  assert.deepEqual(beats, ['own', 'own'], 'every 5 s');
  run = { ...run, state: { type: 'COMPLETED' } } as unknown as FlowRun;
  ends[0]?.({ exitCode: 0, signal: null, problem: null });
  await supervisor.ended;
  now = 200;
  await supervisor.look();
  assert.equal(beats.length, 2, 'one that is gone is not kept');
});
