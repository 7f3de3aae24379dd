import type { FlowRunId, LogId, TaskRunId } from './ids.ts';
import type { Instant } from './time.ts';

/** Numbers as Python's logging has them, since Prefect's wire carries them. */
export const LOG_LEVELS = { debug: 10, info: 20, warning: 30, error: 40, critical: 50 } as const;
export type LogLevelName = keyof typeof LOG_LEVELS;

export interface LogRecord {
  readonly id: LogId;
  /** Logger name, for instance `ostinato.flow_runs`. */
  readonly name: string;
  readonly level: number;
  readonly message: string;
  readonly timestamp: Instant;
  readonly flowRunId: FlowRunId | null;
  readonly taskRunId: TaskRunId | null;
}
