/** What the server tells of a run's inside, as the timeline takes it. Pure. */
import type { Inside, InsideRun } from '../api/inside.ts';
import type { StateType } from '../api/states.ts';
import { parseInstant } from '../components/instant.ts';
import { lookOf } from '../features/states/state-look.ts';

/** An attempt, or a wait before one. */
export interface NodeSegment {
  readonly type: StateType;
  /** The id of its look. */
  readonly look: string;
  /** Of work: its number, from 1. Of a wait: how many attempts lie before it. */
  readonly attempt: number;
  readonly start: number;
  /** `null` while it lasts. */
  readonly end: number | null;
}

export interface TimelineNode {
  readonly id: string;
  readonly kind: 'flow-run' | 'task-run';
  readonly label: string;
  /** Of the task or flow. */
  readonly name: string;
  /** What it is folded with: the same for runs of one map, else of one task. */
  readonly group: string;
  readonly type: StateType;
  readonly stateName: string;
  /** The id of its state's look. */
  readonly look: string;
  /** Why it failed, or waits. */
  readonly message: string | null;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** When its work began, after its waits. */
  readonly begun: number;
  /** `null` while it has not ended. */
  readonly end: number | null;
  /** Runs whose results it took. */
  readonly parents: readonly string[];
  /** The task run that called it, where a task calls tasks. */
  readonly caller: string | null;
  /** Empty where the bar says all. */
  readonly segments: readonly NodeSegment[];
}

const TERMINAL: ReadonlySet<StateType> = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']);

/** What has not begun: its start is when it was expected, and what is drawn from there on is waiting. */
export function isWaiting({ type }: Pick<TimelineNode, 'type'>): boolean {
  return type === 'PENDING' || type === 'SCHEDULED' || type === 'PAUSED';
}

/** Went wrong: shown before others. */
export function isBad({ type }: Pick<TimelineNode, 'type'>): boolean {
  return type === 'FAILED' || type === 'CRASHED';
}

export function nodeOf(run: InsideRun): TimelineNode {
  const { id, kind, label, name, group, message, state_type: type, state_name: stateName, caller } = run;
  const end = run.end_time === null ? null : parseInstant(run.end_time);
  const segments = run.segments.map((segment) => ({
    type: segment.state_type,
    look: lookOf(segment.state_type, segment.state_name).id,
    attempt: segment.attempt,
    start: parseInstant(segment.start_time),
    end: segment.end_time === null ? null : parseInstant(segment.end_time),
  }));
  const begun = parseInstant(run.start_time);
  // A wait before the first attempt is a part of the bar.
  const start = Math.min(begun, segments[0]?.start ?? Infinity);
  return {
    id,
    kind,
    label,
    name,
    group,
    type,
    stateName,
    look: lookOf(type, stateName).id,
    message,
    start,
    begun,
    // What is over without an end, such as a run that was cached or never began, takes no time.
    end: end ?? (TERMINAL.has(type) ? start : null),
    parents: [...new Set(run.parents)],
    caller,
    segments,
  };
}

/** In order of their start. */
export function nodesOf({ runs }: Pick<Inside, 'runs'>): TimelineNode[] {
  return runs.map(nodeOf).sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1));
}

/** From the first start to the last end; `now` stands for the end of what is still under way. */
export function extentOf(
  spans: readonly Pick<TimelineNode, 'start' | 'end'>[],
  run: Pick<Inside, 'start_time' | 'end_time'>,
  now: number,
): { readonly start: number; readonly end: number } {
  let start = run.start_time === null ? Infinity : parseInstant(run.start_time);
  let end = run.end_time === null ? -Infinity : parseInstant(run.end_time);
  const isOpen = run.end_time === null;
  for (const span of spans) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.end ?? -Infinity, span.start);
  }
  // A run that has ended leaves nothing open, whatever its rows say.
  if (isOpen) end = Math.max(end, now);
  if (!Number.isFinite(start)) return { start: now - 1000, end: now };
  return { start, end: Math.max(end, start + 1) };
}
