/** How an isolate finds a task in the module that defines it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { ALONE } from '../../src/engine/alike.ts';
import type { TaskDefinition } from '../../src/engine/definitions.ts';
import { inputNames } from '../../src/engine/input-names.ts';
import { isolatedSession } from '../../src/engine/isolation/isolated-session.ts';
import { isolatePorts, start } from './world.ts';

const session = isolatedSession(isolatePorts(), 'thread', { workers: 1 });
after(() => session.close());

function run(module: string, name: string): Promise<unknown> {
  const definition: TaskDefinition = {
    fn: () => null,
    name,
    file: join(import.meta.dirname, 'modules', `${module}.ts`),
    taskKey: name,
    sourceHash: 's',
    inputs: inputNames(() => ({ names: [], hasRest: false })),
    streams: false,
    alike: ALONE,
    options: {},
    retryDelays: [],
  };
  return start(session, definition).result;
}

test('a script that calls its flow is loaded up to that call, and no further', async () => {
  assert.equal(await run('script', 'early'), 'loaded', 'what the body uses is initialised');
});

test('a task that is defined only inside a function is refused', async () => {
  await assert.rejects(run('script', 'inFunction'), {
    code: 'cannot-isolate',
    message: /did not get as far as the definition of task "inFunction": its top level awaits/,
    remedy: /top level of a module, above that line/,
  });
});

test('a module that throws is reported with its error', async () => {
  const error = (await run('broken', 'unreachable').catch((thrown: unknown) => thrown)) as Error;
  assert.match(error.message, /could not be loaded .*: the module itself is broken/);
  assert.ok(error.cause instanceof TypeError);
});
