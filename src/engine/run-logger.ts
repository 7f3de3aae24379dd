/** The logger of a run: records carry the run's ids, go out in batches, and never fail or block the run. */

import { logLine } from '../core/log-line.ts';
import { LOG_LEVELS, type LogRecord } from '../core/log.ts';
import type { FlowRunId, LogId, TaskRunId } from '../core/ids.ts';
import type { EnginePorts } from './ports.ts';

/** Further arguments fill `%s`, `%d`, `%j` in the message, or are appended to it; any value is accepted. */
export interface RunLogger {
  debug(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  warning(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
  critical(message: string, ...details: unknown[]): void;
}

/** Longer messages are cut: a log line is for reading. */
const MESSAGE_CHARS_MAX = 64 * 1024;

export interface LoggerOwner {
  readonly loggerName: string;
  readonly runName: string;
  readonly flowRunId: FlowRunId | null;
  readonly taskRunId: TaskRunId | null;
}

export function writeLog(
  ports: EnginePorts,
  owner: LoggerOwner,
  level: number,
  message: string,
  printed = false,
): void {
  if (level < ports.settings.logLevel) return;
  const cut =
    message.length > MESSAGE_CHARS_MAX
      ? `${message.slice(0, MESSAGE_CHARS_MAX)}… (${message.length} characters)`
      : message;
  const record: LogRecord = {
    id: ports.ids.next<LogId>(),
    name: owner.loggerName,
    level,
    message: cut,
    timestamp: ports.clock.now(),
    flowRunId: owner.flowRunId,
    taskRunId: owner.taskRunId,
  };
  ports.recorder.log(record);
  for (const observer of ports.observers) observer.logged?.(record, owner.runName, printed);
}

export function makeRunLogger(ports: EnginePorts, owner: LoggerOwner): RunLogger {
  const at =
    (level: number) =>
    (message: string, ...details: unknown[]): void => {
      // Checked before the text is made, which may be long.
      if (level >= ports.settings.logLevel) writeLog(ports, owner, level, logLine(message, details));
    };
  return {
    debug: at(LOG_LEVELS.debug),
    info: at(LOG_LEVELS.info),
    warning: at(LOG_LEVELS.warning),
    error: at(LOG_LEVELS.error),
    critical: at(LOG_LEVELS.critical),
  };
}
