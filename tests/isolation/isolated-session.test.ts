import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { OstinatoError, TerminalError } from '../../src/core/errors.ts';
import { StopReason } from '../../src/engine/cancellation.ts';
import { isolatedSession } from '../../src/engine/isolation/isolated-session.ts';
import { threadRunner } from '../../src/engine/isolation/runners.ts';
import { ReturnedState } from '../../src/engine/returned-state.ts';
import { definitionOf } from './bodies.ts';
import { isAlive, isolatePorts, start, startReading, until, type Started } from './world.ts';

const ports = isolatePorts();
const timeout = (): StopReason => new StopReason('timeout', 'Task run "x" was not done within its timeout of 1 s.');

for (const kind of ['thread', 'process'] as const) {
  describe(`bodies in a ${kind} of their own`, { concurrency: false }, () => {
    const session = isolatedSession(ports, kind, { workers: 2 });
    const run = (name: Parameters<typeof definitionOf>[0], ...args: unknown[]): Started =>
      start(session, definitionOf(name), ...args);
    after(() => session.close());

    test('answer their result from elsewhere', async () => {
      assert.equal(await run('add', 2, 3).result, 5);
      const where = (await run('where').result) as { pid: number; threadId: number };
      assert.notDeepEqual([where.pid, where.threadId], [process.pid, 0]);
      assert.equal(where.pid === process.pid, kind === 'thread');
    });

    test('share few isolates, one body at a time', async () => {
      const places = (await Promise.all(Array.from({ length: 12 }, () => run('where').result))) as {
        pid: number;
        threadId: number;
      }[];
      assert.ok(new Set(places.map(({ pid, threadId }) => `${pid}/${threadId}`)).size <= 2);
    });

    test('throw their errors as they were', async () => {
      const error = (await run('fail').result.catch((thrown: unknown) => thrown)) as Error;
      assert.ok(error instanceof TerminalError);
      assert.equal(error.message, 'no use');
      assert.ok(error.cause instanceof RangeError);
      assert.match(error.stack ?? '', /bodies\.ts/);
    });

    test('have their run context, logger and console', async () => {
      assert.deepEqual(await run('context').result, { flow: null, task: 'context-0', parameters: {}, attempt: 2 });
      const speaking = run('speak');
      assert.equal(await speaking.result, 'spoken');
      assert.deepEqual(speaking.heard.logs, ['30 careful with 3 rows (printed)', '20 read {"rows":3}']);
    });

    test('send what they yield', async () => {
      const counting = run('count', 3);
      assert.deepEqual(await counting.result, [1, 2, 3]);
      assert.deepEqual(counting.heard.yields, [1, 2, 3]);
    });

    test('stop yielding when their reader goes away, and clean up', async () => {
      const counting = startReading(3, session, definitionOf('countForever'), 'cleaned up');
      const state = await counting.result;
      assert.ok(state instanceof ReturnedState);
      assert.deepEqual([state.value, state.message], [[1, 2, 3], 'Its reader stopped after 3 values.']);
      assert.deepEqual(counting.heard.logs, ['20 cleaned up (printed)']);
    });

    test('that wait for a reader are stopped all the same', async () => {
      const waiting = startReading(Infinity, session, definitionOf('countForever'), 'cleaned up');
      await until(() => waiting.heard.yields.length > 0, 'it yields');
      waiting.cancellation.abort(timeout());
      await assert.rejects(waiting.result, StopReason);
    });

    test('return states', async () => {
      const state = await run('state').result;
      assert.ok(state instanceof ReturnedState);
      assert.deepEqual(
        [state.type, state.name, state.value, state.message],
        ['COMPLETED', 'Skipped', [1, 2], 'nothing to do'],
      );
    });

    test('ask the client of the program', async () => {
      assert.deepEqual(await run('artifact').result, { name: 'region', value: 'eu' });
    });

    test('take and give large typed arrays', async () => {
      const numbers = Float64Array.from({ length: 1_000_000 }, (_, index) => index);
      const negated = (await run('negate', numbers).result) as Float64Array;
      assert.ok(negated instanceof Float64Array);
      assert.equal(negated[999_999], -999_999);
      assert.equal(numbers[5], 5, 'the argument is a copy');
    });

    test('take errors among their arguments', async () => {
      const errors = [new OstinatoError('timed-out', 'late'), new TerminalError('no')];
      assert.deepEqual(await run('nameOfError', errors).result, ['OstinatoError timed-out', 'TerminalError undefined']);
    });

    test('hear their signal and end by themselves', async () => {
      const listening = run('listenWell');
      await until(() => listening.heard.started.length === 1, 'the body begins');
      listening.cancellation.abort(timeout());
      assert.equal(await listening.result, 'heard: TimeoutError');
      const passing = run('listen');
      await until(() => passing.heard.started.length === 1, 'the body begins');
      passing.cancellation.abort(new StopReason('cancel', 'enough'));
      await assert.rejects(passing.result, { name: 'AbortError' });
    });

    test('that never give the thread back are ended by force', async () => {
      const spinning = run('spin');
      await until(() => spinning.heard.started.length === 1, 'the body begins');
      spinning.cancellation.abort(timeout());
      const error = (await spinning.result.catch((thrown: unknown) => thrown)) as StopReason;
      assert.ok(error instanceof StopReason);
      assert.equal(error.kind, 'timeout');
      assert.match(
        error.message,
        new RegExp(`did not listen .* its ${kind === 'thread' ? 'worker thread' : 'child process'} was ended by force`),
      );
      assert.equal(await run('add', 1, 1).result, 2, 'another isolate takes its place');
    });

    test('that exit fail, and the pool goes on', async () => {
      await assert.rejects(run('exit', 3).result, {
        code: 'run-crashed',
        message: `Task "exit" did not finish: its ${kind === 'thread' ? 'worker thread' : 'child process'} ended: exit code 3.`,
      });
      await assert.rejects(run('strayError').result, { code: 'run-crashed', message: /nobody caught this/ });
      assert.equal(await run('add', 1, 1).result, 2);
    });

    test('leave the queue when they are stopped', async () => {
      const busy = [run('spin'), run('spin')];
      const waiting = run('add', 1, 1);
      waiting.cancellation.abort(new StopReason('cancel', 'not needed any more'));
      await assert.rejects(waiting.result, /not needed any more/);
      const next = run('add', 1, 2);
      for (const { cancellation } of busy) cancellation.abort(new StopReason('crash', 'now'));
      for (const { result } of busy) await assert.rejects(result, /now Its .* was ended by force/);
      assert.equal(await next.result, 3);
    });

    test('must be found, and be given what can be cloned', async () => {
      const refused = async (work: { result: Promise<unknown> }, message: RegExp): Promise<void> => {
        const error = (await work.result.catch((thrown: unknown) => thrown)) as OstinatoError;
        assert.equal(error.code, 'cannot-isolate', error.stack ?? '');
        assert.match(error.message, message);
        assert.notEqual(error.remedy, '');
      };
      await refused(run('elsewhere'), /bodies\.ts does not define task "elsewhere"/);
      await refused(run('add', 1, { deep: () => 2 }), /argument `second` of task "add" cannot be sent/);
      await refused(run('add', { at: [new URL('https://example.org')] }), /argument `first`.*`at\[0\]` is a URL/);
      await refused(run('returnsFunction'), /result of task "returnsFunction"/);
      await refused(run('returnsInstance'), /result of task.*URL/);
      await refused(start(session, { ...definitionOf('add'), file: '' }), /not defined in a file/);
      await refused(start(session, { ...definitionOf('add'), sourceHash: 'edited' }), /another source/);
      await refused(
        start(session, { ...definitionOf('add'), file: `${import.meta.dirname}/absent.ts` }),
        /could not be loaded/,
      );
    });
  });
}

describe('child processes', () => {
  const session = isolatedSession(ports, 'process', { workers: 1 });
  after(() => session.close());

  test('that are killed fail their task with the signal', async () => {
    await assert.rejects(start(session, definitionOf('killSelf')).result, {
      code: 'run-crashed',
      message: 'Task "killSelf" did not finish: its child process ended: SIGKILL.',
    });
    assert.equal(await start(session, definitionOf('add'), 1, 1).result, 2);
  });

  test('are ended with the processes that they started', async () => {
    const work = start(session, definitionOf('startsChild'));
    await until(() => work.heard.logs.length === 1, 'the body tells its pid');
    const pid = Number(work.heard.logs[0]?.match(/pid (\d+)/)?.[1]);
    assert.ok(isAlive(pid));
    work.cancellation.abort(new StopReason('crash', 'stop'));
    await assert.rejects(work.result);
    await until(() => !isAlive(pid), 'the grandchild is gone');
  });
});

test('a closed runner ends its isolates and refuses work', async () => {
  const session = threadRunner({ workers: 1 }).open(ports);
  const spinning = start(session, definitionOf('spin'));
  await until(() => spinning.heard.started.length === 1, 'the body begins');
  await session.close();
  await assert.rejects(spinning.result, { code: 'run-crashed' });
  await assert.rejects(start(session, definitionOf('add'), 1, 1).result, { code: 'run-cancelled' });
});

test('everything on the same ports shares a pool', () => {
  assert.equal(isolatedSession(ports, 'thread'), isolatedSession(ports, 'thread'));
  assert.notEqual(isolatedSession(ports, 'thread'), isolatedSession(ports, 'process'));
});
