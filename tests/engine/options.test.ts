/**
 * Options are checked where they are written: a wrong one is an error at the definition, with its name, value and rule.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponential, flow, INPUTS, OstinatoError, task, type FlowOptions, type TaskOptions } from '../../src/index.ts';

const refused = (define: () => unknown, ...words: readonly string[]): void => {
  assert.throws(define, (error) => {
    assert.ok(OstinatoError.is(error), String(error));
    assert.equal(error.code, 'bad-input');
    for (const word of words)
      assert.ok(`${error.message} ${error.remedy}`.includes(word), `${word} in: ${error.message} ${error.remedy}`);
    return true;
  });
};

const fn = (): number => 1;

test('TK1 an unknown option: did you mean', () => {
  refused(
    () => task(fn, { name: 'load', retrie: 3 } as never),
    'The option retrie of task "load" is not known.',
    'Did you mean retries?',
  );
  refused(() => task(fn, { timeoutSecond: 3 } as never), 'Did you mean timeoutSeconds?');
  refused(() => task(fn, { xyz: 3 } as never), 'Known options: name, description');
  refused(() => flow(fn, { retrys: 3 } as never), 'Did you mean retries?');
  refused(() => flow(fn, { cache: INPUTS } as never), 'The option cache of flow "fn" is not known.');
});

test('TK1 values that cannot be, of tasks', () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ retries: -1 }, 'a whole number, 0 or more'],
    [{ retries: 1.5 }, '1.5'],
    [{ retries: '3' }, '"3"'],
    [{ retries: Number.NaN }, 'NaN'],
    [{ timeoutSeconds: 0 }, 'above 0'],
    [{ timeoutSeconds: Number.POSITIVE_INFINITY }, 'Infinity'],
    [{ timeoutSeconds: '10' }, 'timeoutSeconds'],
    [{ retries: 1, retryDelaySeconds: -5 }, 'seconds'],
    [{ retries: 1, retryDelaySeconds: [1, Number.NaN] }, 'seconds'],
    [{ retries: 1, retryDelaySeconds: () => -1 }, 'seconds'],
    [{ retryDelaySeconds: '5' }, 'retryDelaySeconds'],
    [{ retryJitterFactor: -0.1 }, 'retryJitterFactor'],
    [{ cache: 'INPUTS' }, 'a cache policy, for instance INPUTS'],
    [{ cacheExpirationSeconds: -1 }, 'cacheExpirationSeconds'],
    [{ isolation: 'fiber' }, "'signal', 'thread' or 'process'"],
    [{ durability: 'always' }, "'process', 'sync', 'none'"],
    [{ tags: 'nightly' }, 'a list of texts'],
    [{ tags: [1] }, 'a list of texts'],
    [{ name: ' ' }, 'a text that is not empty'],
    [{ name: 5 }, 'name'],
    [{ onFailure: 'log' }, 'a function, or a list of them'],
    [{ onRunning: [1] }, 'onRunning'],
    [{ retryIf: true }, 'retryIf'],
    [{ persistResult: 'no' }, 'true or false'],
    [{ waitFor: 1 }, 'a list of futures'],
    [{ runName: 5 }, 'runName'],
  ];
  for (const [options, word] of wrong) refused(() => task(fn, options as TaskOptions), word);
});

test('FL1 values that cannot be, of flows', () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ resume: 'always' }, "'manual' or 'automatic'"],
    [{ labels: ['a'] }, 'labels'],
    [{ taskRunner: 'threads' }, 'a task runner'],
    [{ parameters: { day: 'string' } }, 'a Standard Schema'],
    [{ retries: -1 }, 'retries'],
    [{ onCrashed: {} }, 'onCrashed'],
    [{ idempotencyKey: 5 }, 'idempotencyKey'],
  ];
  for (const [options, word] of wrong) refused(() => flow(fn, options as FlowOptions), word);
});

test('TK1 FL1 something that is no function', () => {
  refused(() => task(5 as never), 'task(…) was given number where its function belongs');
  refused(() => flow(undefined as never), 'flow(…) was given undefined');
  refused(() => task({ name: 'load' } as never), 'task(…) was given object');
});

test('FL6 with() checks as the definition does', () => {
  refused(() => task(fn).with({ retrys: 1 } as never), 'Did you mean retries?');
  refused(() => flow(fn).with({ retries: -1 }), 'a whole number');
});

test('RT1 delays are checked once, not at the first failure', () => {
  refused(() => exponential(-1), 'seconds');
  refused(() => exponential(1, { factor: 0.5 }), 'at least 1');
});
