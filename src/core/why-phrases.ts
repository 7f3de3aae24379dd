/** Sentences that the answers about flow runs and task runs share. */

import type { FlowRun } from './flow-run.ts';
import type { State } from './state.ts';
import type { TaskRun } from './task-run.ts';
import { formatInstant, secondsBetween, type Instant } from './time.ts';
import type { Because } from './why.ts';

/** How a flow run that has ended is continued: another client's only where that client, or a worker, runs it again. */
export function howToContinue({ id, submission }: Pick<FlowRun, 'id' | 'submission'>): string {
  if (submission === null) return `\`ostinato flow-run retry ${id}\` continues it`;
  return submission.deploymentId === null
    ? 'running its flow again, in the client that it came from, makes a new run'
    : 'setting it to Scheduled lets a worker run it again';
}

/** The run ended before it began: its parameters did not fit. (A run that called another flow wrongly did begin.) */
export function hadBadParameters({ state, runCount }: Pick<FlowRun, 'state' | 'runCount'>): boolean {
  return state.type === 'FAILED' && state.failure?.code === 'bad-parameters' && runCount === 0;
}

/** For instance `0.25 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function showSeconds(seconds: number): string {
  const whole = seconds < 10 ? Math.max(0, seconds) : Math.round(seconds);
  if (whole < 10) return `${Number(whole.toFixed(whole < 1 ? 3 : 1))} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(whole, 60, 'min', 1, 's');
  if (whole < 86_400) return pair(whole, 3600, 'h', 60, 'min');
  return pair(whole, 86_400, 'd', 3600, 'h');
}

function pair(seconds: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** For instance `2026-11-22T18:13:00Z`. */
export function showInstant(instant: Instant): string {
  return `${formatInstant(instant).slice(0, 19)}Z`;
}

export function since(instant: Instant, now: Instant): string {
  return showSeconds(secondsBetween(instant, now));
}

export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** What went wrong, in the words of the error; `null` when the state tells nothing. */
export function failureOf(state: State): string | null {
  const failure = state.type === 'FAILED' || state.type === 'CRASHED' || state.type === 'CANCELLED' ? state.failure : undefined;
  if (failure !== undefined && failure !== null) return `${failure.name}: ${firstLine(failure.message)}`;
  return state.message === null ? null : firstLine(state.message);
}

export function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}

/** Without the final stop: for the middle of a sentence. */
export function clause(text: string): string {
  return text.replace(/\.\s*$/, '');
}

/** One fact for each attempt that failed and was tried again. */
export function retryFacts(states: readonly State[]): Because[] {
  const facts: Because[] = [];
  for (const state of states) {
    if (state.type !== 'SCHEDULED' || state.name !== 'AwaitingRetry') continue;
    const why = state.message === null ? '' : `: ${clause(firstLine(state.message))}`;
    const delay = secondsBetween(state.timestamp, state.scheduledTime);
    facts.push({
      fact: `Attempt ${facts.length + 1} failed${why}; the next one was set ${showSeconds(delay)} later.`,
      when: state.timestamp,
    });
  }
  return facts;
}

/** The failed task run that none of the other failed ones led to: the first one in time without a failed upstream. */
export function rootFailure(failed: readonly TaskRun[]): TaskRun | null {
  const ids = new Set<string>(failed.map((run) => run.id));
  const roots = failed.filter((run) => !isUpstreamFailure(run) && !inputIds(run).some((id) => ids.has(id)));
  const byTime = (a: TaskRun, b: TaskRun): number => a.state.timestamp - b.state.timestamp;
  return roots.toSorted(byTime)[0] ?? failed.toSorted(byTime)[0] ?? null;
}

/** It was never tried, because something it needs failed. */
export function isUpstreamFailure(run: TaskRun): boolean {
  return run.state.name === 'NotReady' || (run.state.type === 'FAILED' && run.state.failure?.code === 'upstream-failed');
}

export function inputIds(run: TaskRun): string[] {
  return Object.values(run.inputs).flatMap((edges) => edges.flatMap((edge) => (edge.kind === 'task_run' ? [edge.id] : [])));
}

export function attempts(run: { readonly runCount: number }): string {
  return plural(run.runCount, 'attempt');
}
