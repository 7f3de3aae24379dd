/**
 * Makes logs of what a run's process writes, in its order, in bounded memory.
 *
 * 1. What the run has logged itself is marked by its process, and is not recorded twice.
 * 2. What the server does not take at once waits here, up to a bound; what is beyond is counted, and the count is said.
 */

import type { RunClient } from '../client/port.ts';
import type { FlowRunId, IdSource, LogId } from '../core/ids.ts';
import { LOG_LEVELS, type LogRecord } from '../core/log.ts';
import type { Clock, Timer } from '../core/time.ts';
import type { OutputStream } from '../platform/child-group.ts';

/** Of one run. */
const LINES_MAX = 20_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;
/** Lines in one request, and how long the first of them waits. */
const BATCH_MAX = 200;
const BATCH_MS = 100;
const WAITING_MAX = 5000;

export interface OutputLogParts {
  readonly client: Pick<RunClient, 'recordTaskRuns'>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly ids: IdSource;
}

export class OutputLogs {
  readonly #parts: OutputLogParts;
  readonly #runId: FlowRunId;
  #waiting: LogRecord[] = [];
  #lines = 0;
  #characters = 0;
  #leftOut = 0;
  #timer: Timer | null = null;
  #sending: Promise<void> = Promise.resolve();

  constructor(runId: FlowRunId, parts: OutputLogParts) {
    this.#runId = runId;
    this.#parts = parts;
  }

  take(text: string, stream: OutputStream): void {
    this.#lines += 1;
    this.#characters += text.length;
    const isBeyond = this.#lines > LINES_MAX || this.#characters > CHARACTERS_MAX;
    if (isBeyond || this.#waiting.length >= WAITING_MAX) this.#leftOut += 1;
    else this.#add(stream === 'stderr' ? LOG_LEVELS.warning : LOG_LEVELS.info, text, stream);
  }

  /** What the worker itself says of the run. */
  say(level: number, text: string): void {
    this.#add(level, text, 'worker');
  }

  /** When all that was taken is sent, or has failed. */
  async end(): Promise<void> {
    if (this.#leftOut > 0)
      this.#add(LOG_LEVELS.warning, `${this.#leftOut} more line(s) of output were not recorded.`, 'worker');
    this.#leftOut = 0;
    this.#flush();
    await this.#sending;
  }

  #add(level: number, message: string, source: OutputStream | 'worker'): void {
    const { clock, ids } = this.#parts;
    this.#waiting.push({
      id: ids.next<LogId>(),
      name: source === 'worker' ? 'ostinato.worker' : `ostinato.process.${source}`,
      level,
      message,
      timestamp: clock.now(),
      flowRunId: this.#runId,
      taskRunId: null,
    });
    if (this.#waiting.length >= BATCH_MAX) this.#flush();
    else this.#timer ??= clock.setTimer(BATCH_MS, () => this.#flush(), { unref: true });
  }

  /** One request after the other: they come in their order. */
  #flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#sending = this.#sending.then(async () => {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.splice(0, BATCH_MAX);
        try {
          await this.#parts.client.recordTaskRuns([], batch);
        } catch {
          // The server is away for longer than the client waits: the run's end is told later, its output is not.
          this.#leftOut += batch.length;
          return;
        }
      }
    });
  }
}
