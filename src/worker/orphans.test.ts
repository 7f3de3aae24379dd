import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRun } from '../core/flow-run.ts';
import type { SetFlowRunState } from '../core/flow-run-request.ts';
import type { FlowRunId, ProcessId } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import type { Transition } from '../core/transition.ts';
import { Orphans } from './orphans.ts';

const ID = '01a22b00-2869-7000-8414-721e4172c6ee' as FlowRunId;

interface Given {
  readonly type: string;
  /** Seconds since it is so. */
  readonly forSeconds: number;
  readonly pids: readonly number[];
  readonly host?: string;
  readonly isSupervised?: boolean;
  /** What ends it; `null`: nothing does. */
  readonly endedBy?: 'SIGTERM' | 'SIGKILL' | null;
  readonly isOwn?: boolean;
}

async function looked({ type, forSeconds, pids, host = 'barn', isSupervised = false, endedBy, isOwn = false }: Given) {
  let now = 1000;
  let left = [...pids];
  const signals: string[] = [];
  const told: string[] = [];
  const set: SetFlowRunState[] = [];
  const run = {
    id: ID,
    name: 'brave-otter',
    state: { type, name: type, timestamp: ((now - forSeconds) * 1e6) as Instant },
    lease: { processId: 'own' as ProcessId, token: 8 },
    submission: { infrastructurePid: `${host}:42` },
  } as unknown as FlowRun;
  const orphans = new Orphans({
    client: {
      readFlowRun: () => run,
      list: () => (type === 'CANCELLING' ? [run] : []) as never,
      setFlowRunState: (request) => (set.push(request), {} as Transition<FlowRun>),
    },
    marked: () => (pids.length > 0 ? [ID, 'no id'] : []),
    find: (_id, leader) => (leader === null ? left.filter((pid) => pid !== 42) : left),
    isSupervised: () => isSupervised,
    signal(some, name) {
      signals.push(`${name} ${some.join(' ')}`);
      if (name === endedBy) left = left.filter((pid) => !some.includes(pid));
    },
    tell: ({ what }) => (told.push(what), Promise.resolve()),
    clock: {
      now: () => (now * 1e6) as Instant,
      // Time passes as soon as somebody waits for it.
      setTimer: (ms, call) => {
        setImmediate(() => {
          now += Math.max(1, ms / 1000);
          call();
        });
        return { cancel: () => {} };
      },
    } as ConstructorParameters<typeof Orphans>[0]['clock'],
    host: 'barn',
    say: () => {},
  });
  await orphans.look(() => isOwn);
  await orphans.settled();
  return { signals: [...new Set(signals)], told, set };
}

test('a run that is to stop and has no worker: asked, by force when its grace is over, confirmed, Cancelled', async () => {
  const asked = await looked({ type: 'CANCELLING', forSeconds: 20, pids: [42, 43], endedBy: 'SIGTERM' });
  assert.deepEqual(asked.signals, ['SIGTERM 42 43']);
  assert.deepEqual(asked.told, ['cancel-seen', 'signalled', 'confirmed']);
  assert.deepEqual([asked.set[0]?.state.type, asked.set[0]?.leaseToken], ['CANCELLED', 8]);
  const forced = await looked({ type: 'CANCELLING', forSeconds: 20, pids: [42, 43], endedBy: 'SIGKILL' });
  assert.deepEqual(forced.signals, ['SIGTERM 42 43', 'SIGKILL 42 43']);
  assert.deepEqual(forced.told, ['cancel-seen', 'signalled', 'killed', 'confirmed']);
});

test('what nothing ends is said, and the run is not called Cancelled', async () => {
  const { told, set } = await looked({ type: 'CANCELLING', forSeconds: 20, pids: [42], endedBy: null });
  assert.deepEqual([told.at(-1), set], ['unconfirmed', []]);
});

test('what is left of a run that is over is ended, later', async () => {
  const left = await looked({ type: 'CANCELLED', forSeconds: 100, pids: [43], endedBy: 'SIGKILL' });
  assert.deepEqual([left.signals, left.told, left.set], [['SIGKILL 43'], ['killed', 'confirmed'], []]);
  assert.deepEqual((await looked({ type: 'COMPLETED', forSeconds: 5, pids: [43] })).signals, []);
});

test('what goes on, what a worker looks after, and what is elsewhere is left alone', async () => {
  for (const given of [
    { type: 'RUNNING', forSeconds: 1000, pids: [42] },
    { type: 'CANCELLING', forSeconds: 5, pids: [42] },
    { type: 'CANCELLING', forSeconds: 50, pids: [42], isSupervised: true },
    { type: 'CANCELLING', forSeconds: 50, pids: [42], isOwn: true },
    { type: 'CANCELLING', forSeconds: 50, pids: [42], host: 'elsewhere' },
    { type: 'CANCELLING', forSeconds: 50, pids: [] },
  ])
    assert.deepEqual((await looked(given)).signals, [], JSON.stringify(given));
});
