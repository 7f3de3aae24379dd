/** Task bodies that the tests run in threads and child processes. */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';

import { TerminalError } from '../../src/core/errors.ts';
import { ALONE } from '../../src/engine/alike.ts';
import type { TaskDefinition } from '../../src/engine/definitions.ts';
import { inputNames } from '../../src/engine/input-names.ts';
import type { EnginePorts } from '../../src/engine/ports.ts';
import { registerTask } from '../../src/engine/registry.ts';
import { ReturnedState } from '../../src/engine/returned-state.ts';
import { runContext } from '../../src/engine/run-context.ts';

let calls = 0;

export const bodies = {
  add: (a: number, b: number) => a + b,
  where: () => ({ pid: process.pid, threadId, calls: (calls += 1) }),
  spin: () => {
    for (;;);
  },
  exit: (code: number) => process.exit(code),
  killSelf: () => {
    process.kill(process.pid, 'SIGKILL');
    return delay(10_000);
  },
  negate: (numbers: Float64Array) => numbers.map((x) => -x),
  listen: async () => {
    await delay(30_000, undefined, { signal: runContext().signal });
  },
  listenWell: async () => {
    const { signal } = runContext();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return `heard: ${(signal.reason as Error).name}`;
  },
  speak: async () => {
    console.warn('careful with %d rows', 3);
    runContext().logger.info('read', { rows: 3 });
    await delay(1);
    return 'spoken';
  },
  context: () => {
    const { flowRun, taskRun, parameters, attempt } = runContext();
    return { flow: flowRun?.name ?? null, task: taskRun?.name, parameters, attempt };
  },
  fail: () => {
    throw new TerminalError('no use', { cause: new RangeError('too far') });
  },
  count: async function* (to: number) {
    for (let i = 1; i <= to; i += 1) yield i;
  },
  countForever: async function* (cleaned: string) {
    try {
      for (let i = 1; ; i += 1) yield i;
    } finally {
      console.log(cleaned);
    }
  },
  state: () => new ReturnedState('COMPLETED', { name: 'Skipped', value: [1, 2], message: 'nothing to do' }),
  strayError: async () => {
    setTimeout(() => {
      throw new Error('nobody caught this');
    }, 10);
    await delay(10_000);
  },
  returnsFunction: () => ({ rows: () => 1 }),
  returnsInstance: () => new URL('https://example.org'),
  nameOfError: (errors: readonly Error[]) =>
    errors.map((error) => `${error.name} ${(error as { code?: string }).code}`),
  startsChild: async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    runContext().logger.info(`pid ${child.pid}`);
    await delay(60_000);
  },
  artifact: async () => {
    const scope = runContext() as unknown as { readonly ports: EnginePorts };
    return await scope.ports.client.control.variables.read('region');
  },
} as const;

export type BodyName = keyof typeof bodies;

export function definitionOf(name: BodyName | 'elsewhere', options: TaskDefinition['options'] = {}): TaskDefinition {
  return {
    fn: (bodies as Record<string, TaskDefinition['fn']>)[name] ?? (() => null),
    name,
    taskKey: `${name}-1`,
    sourceHash: 'source',
    inputs: inputNames(() => ({ names: ['first', 'second'], hasRest: false })),
    streams: name.startsWith('count'),
    file: import.meta.filename,
    options,
    alike: ALONE,
    retryDelays: [],
  };
}

for (const name of Object.keys(bodies) as BodyName[]) registerTask(definitionOf(name));
