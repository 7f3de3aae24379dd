/** `console.*` inside isolated bodies: printed as always, and told to the program outside, which keeps it with the run. */

import { LOG_LEVELS } from '../../core/log.ts';
import { currentFrame } from '../run-context.ts';
import type { ParentChannel } from './host.ts';

const LEVELS = { debug: LOG_LEVELS.debug, log: LOG_LEVELS.info, info: LOG_LEVELS.info, warn: LOG_LEVELS.warning, error: LOG_LEVELS.error } as const;

/** Frames whose console is captured; a frame knows nothing of it itself. */
const captured = new WeakSet<object>();

export function captureIn(scope: object): void {
  captured.add(scope);
}

export function captureConsole(channel: ParentChannel): void {
  for (const [name, level] of Object.entries(LEVELS)) {
    const method = name as keyof typeof LEVELS;
    const print = console[method].bind(console);
    console[method] = (...args: unknown[]): void => {
      print(...args);
      const scope = currentFrame()?.scope;
      if (scope && captured.has(scope)) scope.log(level, channel.formatLine(args));
    };
  }
}
