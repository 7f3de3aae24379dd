/** The text that is kept with a job, so that whoever finds it knows whose it is. */

import { recordOf, type JsonRecord } from '../core/blocks/json.ts';
import type { RunLease } from '../core/flow-run.ts';
import { isUuid, type FlowRunId, type ProcessId } from '../core/ids.ts';
import type { TakenRun } from './worker.ts';

export interface JobMark {
  readonly run: TakenRun;
  /** Of the API, the pool, and the worker that took the run. */
  readonly server: string;
  readonly pool: string;
  readonly worker: string;
  /** The worker's process. */
  readonly process: { readonly pid: number; readonly host: string; readonly startMark: string | null };
}

export function writeJobMark({ run, server, pool, worker, process }: JobMark): string {
  const { id, name, deploymentId, lease } = run;
  return JSON.stringify({ run: { id, name, deploymentId, lease }, server, pool, worker, process });
}

/** `null`: it is no such text. */
export function readJobMark(text: string): JobMark | null {
  const said = recordOf(parsed(text));
  const [run, lease, process] = [said['run'], recordOf(said['run'])['lease'], said['process']].map(recordOf) as [
    JsonRecord,
    JsonRecord,
    JsonRecord,
  ];
  const { id, name, deploymentId } = run;
  const { pid, host, startMark } = process;
  const [server, pool, worker] = [said['server'], said['pool'], said['worker']];
  if (!isId(id) || !isId(lease['processId']) || typeof lease['token'] !== 'number') return null;
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof name !== 'string') return null;
  if (typeof server !== 'string' || typeof pool !== 'string' || typeof worker !== 'string') return null;
  const taken: RunLease = { processId: lease['processId'] as ProcessId, token: lease['token'] };
  return {
    run: { id: id as FlowRunId, name, deploymentId: isId(deploymentId) ? deploymentId : null, lease: taken },
    server,
    pool,
    worker,
    process: { pid, host, startMark: typeof startMark === 'string' ? startMark : null },
  };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && isUuid(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
