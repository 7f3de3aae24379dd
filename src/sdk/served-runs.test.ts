import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DueDeploymentRun } from '../client/control/deployments.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { ServedRuns, type ServedRunsEars, type ServedRunsOptions } from './served-runs.ts';

const START = 1_900_000_000_000_000 as Instant;

/** A server with runs at their seconds, and bodies that take their seconds. */
function world(dueAt: Readonly<Record<string, number>>, options: Partial<ServedRunsOptions> = {}, bodySeconds = 1) {
  const clock = new VirtualClock(START);
  const second = (): number => Math.round((clock.now() - START) / 1_000_000);
  const waiting = new Map<string, number>(Object.entries(dueAt));
  const log: string[] = [];
  const said: string[] = [];
  const state = { isAway: false, active: 0, most: 0, asked: 0, closedAt: 0 };
  const bodies = new Set<() => void>();
  const ears: ServedRunsEars[] = [];
  const make = (name = '') =>
    new ServedRuns(
      { limit: 10, pollSeconds: 10, drainSeconds: 30, ...options },
      {
        deployments: {
          takeDue: async (_ids, before, limit): Promise<readonly DueDeploymentRun[]> => {
            state.asked += 1;
            if (state.isAway) throw new OstinatoError('server-unavailable', 'It is away.', { remedy: 'Wait.' });
            return [...waiting]
              .map(([id, at]) => ({ id: id as FlowRunId, name: id, deploymentId: 'd', dueAt: addSeconds(START, at) }))
              .filter((run) => run.dueAt <= before)
              .toSorted((a, b) => a.dueAt - b.dueAt)
              .slice(0, limit);
          },
        },
        deploymentIds: ['d'],
        claim: async ({ id }) =>
          waiting.delete(id) ? { run: { id } as FlowRun, hasPast: false } : { refused: 'somebody else has it' },
        run: async ({ id }) => {
          log.push(`${name}${id} at ${second()}`);
          state.active += 1;
          state.most = Math.max(state.most, state.active);
          const { promise, resolve } = Promise.withResolvers<void>();
          bodies.add(resolve);
          const timer = clock.setTimer(bodySeconds * 1000, resolve);
          await promise;
          timer.cancel();
          state.active -= 1;
        },
        listen: (hears) => {
          ears.push(hears);
          return { close: () => void (state.closedAt = second()) };
        },
        stopRuns: () => {
          log.push(`stopped at ${second()}`);
          for (const end of bodies) end();
        },
        clock,
        say: (_level, message) => void said.push(message),
      },
    );
  return { clock, log, said, state, waiting, ears, make };
}

test('a run that is known ahead begins at its time; a far one is asked for later', async () => {
  const { clock, log, make } = world({ soon: 3, later: 17, far: 44 });
  const runs = make();
  clock.setTimer(60_000, () => runs.stop());
  await runs.serve();
  assert.deepEqual(log, ['soon at 3', 'later at 17', 'far at 44']);
});

test('never more than the limit; what waits begins when there is room, without waiting for the next question', async () => {
  const { clock, log, state, make } = world({ a: 0, b: 0, c: 0, d: 0, e: 0 }, { limit: 2 });
  const runs = make();
  clock.setTimer(60_000, () => runs.stop());
  await runs.serve();
  assert.equal(state.most, 2);
  assert.deepEqual(log, ['a at 0', 'b at 0', 'c at 1', 'd at 1', 'e at 2']);
});

test('of two programs one gets each run', async () => {
  const { clock, log, make } = world({ a: 1, b: 2, c: 3 });
  const both = [make('x '), make('y ')];
  clock.setTimer(30_000, () => both.forEach((each) => each.stop()));
  await Promise.all(both.map((each) => each.serve()));
  assert.deepEqual(log.map((line) => line.slice(2)).sort(), ['a at 1', 'b at 2', 'c at 3']);
});

test('a server that is away is asked again, and told of once', async () => {
  const { clock, log, said, state, make } = world({ a: 0 });
  const runs = make();
  state.isAway = true;
  clock.setTimer(25_000, () => (state.isAway = false));
  clock.setTimer(45_000, () => runs.stop());
  await runs.serve();
  assert.deepEqual(log, ['a at 30']);
  assert.deepEqual(said, ['It is away. Asking again.', 'The server gives runs again.']);
});

test('at the end what runs may finish, for its time', async () => {
  for (const [bodySeconds, ended] of [
    [20, []],
    [50, ['stopped at 35']],
  ] as const) {
    const { clock, log, make } = world({ a: 0, b: 7 }, {}, bodySeconds);
    const runs = make();
    clock.setTimer(5_000, () => runs.stop());
    await runs.serve();
    await runs.drain();
    assert.deepEqual(log, ['a at 0', ...ended], 'nothing begins after the end');
  }
});

test('what the server tells begins at once; while it tells it is asked less, and again when it does not', async () => {
  const { clock, log, said, state, waiting, ears, make } = world({}, { limit: 1 });
  const runs = make();
  const tell = (id: string): void => {
    waiting.set(id, 0);
    ears[0]?.onDue([{ id: id as FlowRunId, name: id, deploymentId: 'd' }]);
  };
  clock.setTimer(1000, () => ears[0]?.onListening(true));
  clock.setTimer(3000, () => tell('told'));
  // No room: it waits here, and nobody is asked for it.
  clock.setTimer(3500, () => tell('waits'));
  clock.setTimer(25_000, () => assert.equal(state.asked, 2));
  clock.setTimer(26_000, () => ears[0]?.onListening(false));
  clock.setTimer(50_000, () => runs.stop());
  await runs.serve();
  assert.deepEqual(log, ['told at 3', 'waits at 4']);
  assert.deepEqual([state.asked, state.closedAt], [5, 50]);
  assert.match(said.join(' '), /tells what is due.*any more: it is asked every 10 s/);
});
