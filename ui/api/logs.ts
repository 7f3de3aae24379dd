/** Log lines of a run: pages of them, the live stream, and the whole as a file. */
import { useEffect, useEffectEvent } from 'react';

import type { Log as WireLog } from '../../src/contract/schema/log.ts';
import { postJson } from './http.ts';
import { openStream } from './socket.ts';

export type Log = Pick<WireLog, 'id' | 'name' | 'level' | 'message' | 'timestamp' | 'flow_run_id' | 'task_run_id'>;

/** The most that Prefect's server gives at once. */
export const LOG_PAGE_SIZE = 200;

export interface LogSelection {
  readonly flowRunId?: string;
  readonly taskRunId?: string;
  /** 0 for all. */
  readonly levelMin: number;
  /** Empty for all. */
  readonly text: string;
}

export function logFilter({ flowRunId, taskRunId, levelMin, text }: LogSelection): object {
  return {
    ...(flowRunId === undefined ? {} : { flow_run_id: { any_: [flowRunId] } }),
    ...(taskRunId === undefined ? {} : { task_run_id: { any_: [taskRunId] } }),
    ...(levelMin === 0 ? {} : { level: { ge_: levelMin } }),
    // In quotes it is one phrase; the server would take bare words as alternatives.
    ...(text === '' ? {} : { text: { query: `"${text.replaceAll('"', '')}"` } }),
  };
}

export async function readLogs(
  selection: LogSelection,
  sort: 'TIMESTAMP_ASC' | 'TIMESTAMP_DESC',
  offset: number,
  signal?: AbortSignal,
): Promise<Log[]> {
  return postJson<Log[]>(
    '/logs/filter',
    { logs: logFilter(selection), sort, limit: LOG_PAGE_SIZE, offset },
    { signal },
  );
}

/**
 * @param onLive each time that listening begins: lines written before were not heard. `isFirst`: it is no break that is
 * over
 */
export function useLogStream(
  selection: LogSelection | null,
  onLog: (log: Log) => void,
  onLive: (isFirst: boolean) => void,
): void {
  const heard = useEffectEvent(onLog);
  const live = useEffectEvent(onLive);
  const key = selection === null ? null : JSON.stringify(logFilter(selection));
  useEffect(() => {
    if (key === null) return;
    return openStream({
      path: '/logs/out',
      resumes: true,
      filter: () => JSON.parse(key) as object,
      onMessage: (message) => {
        const { type, log } = message as { type?: string; log?: Log };
        if (type === 'log' && log !== undefined) heard(log);
      },
      onLive: (isFirst) => live(isFirst),
    });
  }, [key]);
}
