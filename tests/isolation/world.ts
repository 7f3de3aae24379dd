/**
 * The smallest engine around a pool of isolates: ports that run nothing else, and work that listens to what comes back.
 */
import { readFileSync } from 'node:fs';

import type { EnginePorts } from '../../src/engine/ports.ts';
import { Cancellation } from '../../src/engine/cancellation.ts';
import type { TaskDefinition } from '../../src/engine/definitions.ts';
import type { TaskRunnerSession, TaskWork } from '../../src/engine/task-runner.ts';
import type { TaskRun } from '../../src/core/task-run.ts';
import { createClock } from '../../src/platform/clock.ts';
import { isolateHost } from '../../src/sdk/isolate-host.ts';

export const clock = createClock();

export function isolatePorts(settings: Partial<EnginePorts['settings']> = {}): EnginePorts {
  const parts: Partial<EnginePorts> = {
    clock,
    isolates: isolateHost(),
    settings: {
      durability: 'none',
      concurrency: 4,
      cancelGraceSeconds: 0.2,
      captureConsole: true,
      logLevel: 10,
      persistResults: true,
      ...settings,
    },
    client: {
      control: { variables: { read: async (name: string) => ({ name, value: 'eu' }) } },
    } as unknown as EnginePorts['client'],
    process: { pid: process.pid } as EnginePorts['process'],
  };
  return parts as EnginePorts;
}

export interface Heard {
  readonly logs: string[];
  readonly yields: unknown[];
  readonly started: number[];
}

export interface Started {
  readonly result: Promise<unknown>;
  readonly cancellation: Cancellation;
  readonly heard: Heard;
}

/** What a reader answers: the number of values that it takes before it goes away. */
export function startReading(
  values: number,
  session: TaskRunnerSession,
  definition: TaskDefinition,
  ...args: unknown[]
): Started {
  return startWith((heard) => heard.yields.length < values, session, definition, args);
}

export function start(session: TaskRunnerSession, definition: TaskDefinition, ...args: unknown[]): Started {
  return startWith(() => true, session, definition, args);
}

function startWith(
  wantsMore: (heard: Heard) => boolean,
  session: TaskRunnerSession,
  definition: TaskDefinition,
  args: readonly unknown[],
): Started {
  const cancellation = new Cancellation();
  const heard: Heard = { logs: [], yields: [], started: [] };
  const work: TaskWork = {
    definition,
    args,
    cancellation,
    run: {
      id: 'task-run',
      name: `${definition.name}-0`,
      taskName: definition.name,
      flowRunId: null,
      runCount: 2,
      step: '',
    } as unknown as TaskRun,
    inline: () => {
      throw new Error('ran inline');
    },
    log: (level, message, printed) => heard.logs.push(`${level} ${message}${printed ? ' (printed)' : ''}`),
    onYield: async (value) => {
      heard.yields.push(value);
      return wantsMore(heard);
    },
    started: () => heard.started.push(clock.now()),
  };
  const result = Promise.resolve(session.run(work));
  result.catch(() => {});
  return { result, cancellation, heard };
}

export async function until(condition: () => boolean, what: string, forMs = 10_000): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    if (performance.now() - startedAt > forMs) throw new Error(`Waited ${forMs} ms in vain: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Whoever adopted a dead child may be slow to collect it.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
