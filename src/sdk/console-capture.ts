/** `console.*` inside a run is printed as always and becomes a log record of that run. */

import { LOG_LEVELS } from '../core/log.ts';
import { currentFrame } from '../engine/run-context.ts';
import { writeLog } from '../engine/run-logger.ts';
import { sharedState } from '../engine/shared-state.ts';
import { markOutput } from '../platform/output-mark.ts';
import { formatConsole, inspectConsole } from '../platform/terminal.ts';

/** The others (`table`, `trace`, `count`, `assert`, `group`, `timeEnd`) print through these. */
const METHODS = {
  debug: LOG_LEVELS.debug,
  log: LOG_LEVELS.info,
  info: LOG_LEVELS.info,
  warn: LOG_LEVELS.warning,
  error: LOG_LEVELS.error,
  dir: LOG_LEVELS.info,
  dirxml: LOG_LEVELS.info,
} as const;

const capture = sharedState('console', () => ({ on: false }));

/** Wraps the console once; outside runs, and in runs with `logPrints: false`, it behaves as before. */
export function captureConsole(): void {
  if (capture.on) return;
  capture.on = true;
  for (const [name, level] of Object.entries(METHODS) as [keyof typeof METHODS, number][]) {
    const original = console[name].bind(console);
    console[name] = (...parts: unknown[]): void => {
      const scope = currentFrame()?.scope;
      if (!scope?.logPrints) return original(...parts);
      const text = name === 'dir' ? inspectConsole(parts) : formatConsole(parts);
      const marked = markOutput(text);
      if (marked === text) original(...parts);
      else original('%s', marked);
      writeLog(scope.ports, scope, level, text, true);
    };
  }
}
