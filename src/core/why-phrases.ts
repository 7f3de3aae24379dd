/** Sentences shared by the explanations of flow runs and task runs. */

import type { FlowRun } from './flow-run.ts';
import { assertNever, isTerminal, type ScheduledState, type State } from './state.ts';
import type { TaskRun } from './task-run.ts';
import { formatInstant, secondsBetween, type Instant } from './time.ts';
import type { Because, NamedRun } from './why.ts';

/** How an ended flow run is continued; a run of another client only by that client or a worker. */
export function howToContinue({ id, runner }: Pick<FlowRun, 'id' | 'runner'>): string {
  switch (runner) {
    case 'ostinato':
      return `\`ostinato flow-run retry ${id}\` continues it`;
    case 'prefect-client':
      return 'running its flow again, in the client that it came from, makes a new run';
    case 'worker':
      return 'setting it to Scheduled lets a worker run it again';
    default:
      return assertNever(runner, 'runner');
  }
}

/**
 * Whether the run ended before it began because its parameters did not fit. (A run that called another flow wrongly did
 * begin.)
 */
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

/** The task as a named reference in a sentence. */
export function named({ id, name }: Pick<TaskRun, 'id' | 'name'>): NamedRun {
  return { kind: 'task_run', id, name };
}

export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** The message of the failure; `null` when the state has none. */
export function failureOf(state: State): string | null {
  const failure =
    state.type === 'FAILED' || state.type === 'CRASHED' || state.type === 'CANCELLED' ? state.failure : undefined;
  if (failure !== undefined && failure !== null) return `${failure.name}: ${firstLine(failure.message)}`;
  return state.message === null ? null : firstLine(state.message);
}

export function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}

/** The text without its final full stop, for use inside a sentence. */
export function clause(text: string): string {
  return text.replace(/\.\s*$/, '');
}

/** One fact for each attempt that was followed by another one, through the run's own retries or a retry by somebody. */
export function retryFacts(states: readonly State[]): Because[] {
  const facts: Because[] = [];
  for (const [index, state] of states.entries()) {
    if (state.type !== 'SCHEDULED' || state.name !== 'AwaitingRetry') continue;
    const before = states[index - 1];
    facts.push(
      before !== undefined && isTerminal(before)
        ? reopenedFact(facts.length + 1, before, state)
        : retriedFact(facts.length + 1, state),
    );
  }
  return facts;
}

function retriedFact(attempt: number, state: ScheduledState): Because {
  const why = state.message === null ? '' : `: ${clause(firstLine(state.message))}`;
  const delay = secondsBetween(state.timestamp, state.scheduledTime);
  return {
    fact: `Attempt ${attempt} failed${why}; the next one was set ${showSeconds(delay)} later.`,
    when: state.timestamp,
  };
}

/** Why a run waits for its next attempt: how the attempt before ended; `null` when nothing is recorded. */
export function reasonOfRetry(states: readonly State[], state: ScheduledState): string | null {
  const before = states.at(-2);
  return before !== undefined && isTerminal(before) ? failureOf(before) : state.message;
}

/** The new attempt's own message is not the reason of the end before it. */
function reopenedFact(attempt: number, ended: State, state: ScheduledState): Because {
  const failure = failureOf(ended);
  const why = failure === null ? '' : `: ${clause(failure)}`;
  const later = secondsBetween(ended.timestamp, state.timestamp);
  return {
    fact: `Attempt ${attempt} ended ${ended.name}${why}; a new one was opened ${showSeconds(later)} later.`,
    when: ended.timestamp,
  };
}

/** The failed task run that caused the others: the earliest one without a failed upstream. */
export function rootFailure(failed: readonly TaskRun[]): TaskRun | null {
  const ids = new Set<string>(failed.map((run) => run.id));
  const roots = failed.filter((run) => !isUpstreamFailure(run) && !inputIds(run).some((id) => ids.has(id)));
  const byTime = (a: TaskRun, b: TaskRun): number => a.state.timestamp - b.state.timestamp;
  return roots.toSorted(byTime)[0] ?? failed.toSorted(byTime)[0] ?? null;
}

/** Whether it never ran because something it needs failed. */
export function isUpstreamFailure(run: TaskRun): boolean {
  return (
    run.state.name === 'NotReady' || (run.state.type === 'FAILED' && run.state.failure?.code === 'upstream-failed')
  );
}

export function inputIds(run: TaskRun): string[] {
  return Object.values(run.inputs).flatMap((edges) =>
    edges.flatMap((edge) => (edge.kind === 'task_run' ? [edge.id] : [])),
  );
}

export function attempts(run: { readonly runCount: number }): string {
  return plural(run.runCount, 'attempt');
}
