import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRunId } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import { createClock } from '../platform/clock.ts';
import { createIdSource } from '../platform/ids.ts';
import { OutputLogs } from './output-logs.ts';

function world(fails = false) {
  const logs: LogRecord[] = [];
  const output = new OutputLogs('run' as FlowRunId, {
    client: {
      recordTaskRuns: async (_records, sent) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (fails) throw new Error('away');
        logs.push(...sent);
      },
    },
    clock: createClock(),
    ids: createIdSource(),
  });
  return { logs, output };
}

test('each line is a log, in its order, whatever the stream', async () => {
  const { logs, output } = world();
  for (let index = 0; index < 450; index += 1) output.take(`line ${index}`, index % 2 === 0 ? 'stdout' : 'stderr');
  await output.end();
  assert.deepEqual(
    logs.map(({ message }) => message),
    Array.from({ length: 450 }, (_, index) => `line ${index}`),
  );
  assert.deepEqual(
    logs.slice(0, 2).map(({ level, name }) => [level, name]),
    [
      [20, 'ostinato.process.stdout'],
      [30, 'ostinato.process.stderr'],
    ],
  );
});

test('output without end is recorded up to a bound, and what is left out is counted', async () => {
  const { logs, output } = world();
  for (let index = 0; index < 30_000; index += 1) output.take('x', 'stdout');
  await output.end();
  assert.ok(logs.length <= 20_001, `${logs.length}`);
  const [count] = /^\d+/.exec(logs.at(-1)?.message ?? '') ?? [];
  assert.equal(Number(count) + logs.length - 1, 30_000);
});

test('a server that is away ends nothing', async () => {
  const { logs, output } = world(true);
  output.take('lost', 'stdout');
  await output.end();
  assert.deepEqual(logs, []);
});
