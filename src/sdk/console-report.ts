/**
 * What a person sees while a flow runs: one line a change, a bar for a fan-out. Written to stderr; stdout belongs to
 * the program.
 */

import type { FlowRun } from '../core/flow-run.ts';
import { LOG_LEVELS, type LogRecord } from '../core/log.ts';
import { printableLine } from '../core/printable.ts';
import { isTerminal, type State, type StateType } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import { secondsBetween, type Instant } from '../core/time.ts';
import type { MapProgress, RunObserver } from '../engine/ports.ts';
import type { Colour, ReportTarget } from '../platform/terminal.ts';

const BAR_CELLS = 28;
/** Without a terminal a bar is printed this many times, not redrawn. */
const PLAIN_STEPS = 4;

const LOOK: Readonly<Record<StateType, { readonly sign: string; readonly colour: Colour }>> = {
  SCHEDULED: { sign: '◷', colour: 'yellow' },
  PENDING: { sign: '·', colour: 'gray' },
  RUNNING: { sign: '▶', colour: 'blue' },
  PAUSED: { sign: 'Ⅱ', colour: 'yellow' },
  CANCELLING: { sign: '◌', colour: 'yellow' },
  CANCELLED: { sign: '⊘', colour: 'yellow' },
  COMPLETED: { sign: '✓', colour: 'green' },
  FAILED: { sign: '✗', colour: 'red' },
  CRASHED: { sign: '☠', colour: 'red' },
};

const ROLLED_BACK = { sign: '↩', colour: 'yellow' } as const;

export class ConsoleReport implements RunObserver {
  readonly #target: ReportTarget;
  readonly #level: number;
  #bar = '';
  readonly #plainShown = new Map<string, number>();

  /** @param level the lowest level that is printed; task states are `info`, mapped ones `debug` */
  constructor(target: ReportTarget, level: number) {
    this.#target = target;
    this.#level = level;
  }

  flowRunChanged(run: FlowRun, state: State): void {
    // A retry is reported by its log line, which has the reason and the time.
    if (state.type === 'PENDING' || state.name === 'AwaitingRetry') return;
    if (state.type === 'RUNNING' && run.runCount === 1)
      return this.#line(
        LOG_LEVELS.info,
        state.timestamp,
        run.name,
        `${this.#sign(state)} ${printableLine(`${run.flowName} · flow run ${run.id}`)}`,
      );
    const took = isTerminal(state) && run.startTime !== null ? ` in ${duration(run.startTime, state.timestamp)}` : '';
    const attempt = state.type === 'RUNNING' && run.runCount > 1 ? ` (attempt ${run.runCount})` : '';
    const message = state.message && state.type !== 'RUNNING' ? ` · ${firstLine(state.message)}` : '';
    this.#line(
      levelOf(state),
      state.timestamp,
      run.name,
      `${this.#sign(state)} ${printableLine(`${state.name}${attempt}${took}${message}`)}`,
    );
  }

  taskRunChanged(run: TaskRun, state: State): void {
    // A subflow is shown by its own states, not by the placeholder task run in its parent.
    if (state.type === 'PENDING' || state.name === 'AwaitingRetry' || run.taskKey.startsWith('flow:')) return;
    const mapped = run.mapId !== null;
    const level =
      state.type === 'RUNNING' || (mapped && state.type === 'COMPLETED') ? LOG_LEVELS.debug : levelOf(state);
    if (level < this.#level) return;
    const took =
      isTerminal(state) && run.startTime !== null && state.name !== 'Cached'
        ? ` in ${duration(run.startTime, state.timestamp)}`
        : '';
    const cached =
      run.cache && state.type === 'COMPLETED' && state.name !== 'RolledBack'
        ? ` · cache ${run.cache.outcome}: ${run.cache.reason}${run.cache.outcome === 'hit' && run.cache.from ? ` (task run ${run.cache.from})` : ''}`
        : '';
    const message = state.message && state.type !== 'RUNNING' ? ` · ${firstLine(state.message)}` : '';
    this.#line(
      level,
      state.timestamp,
      run.name,
      `${this.#sign(state)} ${printableLine(`${state.name}${took}${cached}${message}`)}`,
    );
  }

  mapProgressed(progress: MapProgress): void {
    if (LOG_LEVELS.info < this.#level) return;
    const { done, total, failed, finished, taskName, mapId, seconds } = progress;
    const share = total === null || total === 0 ? (finished ? 1 : 0) : done / total;
    const cells = Math.round(share * BAR_CELLS);
    const counts = `${done.toLocaleString('en')}${total === null ? '' : ` of ${total.toLocaleString('en')}`}${failed > 0 ? this.#target.paint('red', ` · ${failed.toLocaleString('en')} failed`) : ''}${finished ? ` in ${durationOf(seconds)}` : ''}`;
    const bar = `${printableLine(taskName)}  ${this.#target.paint('cyan', '█'.repeat(cells))}${this.#target.paint('gray', '░'.repeat(BAR_CELLS - cells))}  ${counts}`;
    if (this.#target.isTerminal) {
      this.#clearBar();
      this.#bar = finished ? '' : `  ${bar}`;
      this.#target.write(finished ? `  ${bar}\n` : this.#bar);
      return;
    }
    const step = finished ? PLAIN_STEPS + 1 : Math.min(PLAIN_STEPS - 1, Math.floor(share * PLAIN_STEPS));
    if (step <= (this.#plainShown.get(mapId) ?? 0)) return;
    if (finished) this.#plainShown.delete(mapId);
    else this.#plainShown.set(mapId, step);
    this.#target.write(`  ${bar}\n`);
  }

  logged(record: LogRecord, runName: string, printed: boolean): void {
    // Failures are shown by the state's line; the record holds the stack for `flow-run logs`.
    if (
      printed ||
      (record.level === LOG_LEVELS.error && record.message.startsWith(record.taskRunId ? 'Task run "' : 'Flow run "'))
    )
      return;
    this.#line(record.level, record.timestamp, runName, record.message);
  }

  noticed(level: number, message: string): void {
    this.#line(level, (Date.now() * 1000) as Instant, 'ostinato', message);
  }

  #line(level: number, at: Instant, who: string, text: string): void {
    if (level < this.#level) return;
    const time =
      new Date(at / 1000).toTimeString().slice(0, 8) + '.' + String(Math.floor(at / 1000) % 1000).padStart(3, '0');
    const colour = level >= LOG_LEVELS.error ? 'red' : level >= LOG_LEVELS.warning ? 'yellow' : null;
    const bar = this.#bar;
    this.#clearBar();
    this.#target.write(
      `${this.#target.paint('gray', time)}  ${this.#target.paint('bold', printableLine(who))}  ${colour ? this.#target.paint(colour, text) : text}\n${bar}`,
    );
    this.#bar = bar;
  }

  #clearBar(): void {
    if (this.#bar !== '') this.#target.clearLine();
    this.#bar = '';
  }

  #sign(state: State): string {
    const { sign, colour } = state.name === 'RolledBack' ? ROLLED_BACK : LOOK[state.type];
    return this.#target.paint(colour, sign);
  }
}

function levelOf(state: State): number {
  if (state.type === 'FAILED' || state.type === 'CRASHED') return LOG_LEVELS.error;
  if (state.type === 'CANCELLED' || state.type === 'CANCELLING' || state.name === 'AwaitingRetry')
    return LOG_LEVELS.warning;
  return LOG_LEVELS.info;
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

function duration(from: Instant, to: Instant): string {
  return durationOf(Math.max(0, secondsBetween(from, to)));
}

function durationOf(seconds: number): string {
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  if (seconds < 90) return `${Number(seconds.toFixed(2))} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
