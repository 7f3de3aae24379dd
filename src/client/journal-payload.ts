/**
 * The payload of a journal's frames: JSON arrays whose first element is their kind.
 *
 * - `["h", header]` once, first
 * - `["s", number, shape]` what many records share (task, flow run, policy, …), before the first record that refers to
 *   it
 * - `["t", shape number, …]` a task run with the states that it entered since it was last shipped
 * - `["l", [log, …]]`
 *
 * A finished step waits for its frame: it is kept small by sending what equals its shape, or the default, as 0.
 */

import type { LogRecord } from '../core/log.ts';
import {
  assertNever,
  DEFAULT_STATE_NAMES,
  STATE_TYPES,
  type State,
  type StateDetails,
  type StateType,
} from '../core/state.ts';
import type { TaskRun, TaskRunRecord } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';

export const JOURNAL_VERSION = 1;

/** The owner of a journal: the facts by which another process sees whether that process is gone. */
export interface JournalOwner {
  readonly processId: string;
  readonly pid: number;
  readonly host: string;
  readonly startMark: string | null;
}

export interface JournalHeader extends JournalOwner {
  readonly version: number;
  /** The store that its records belong to. */
  readonly store: string;
}

type ShapeKey =
  | 'flowRunId'
  | 'processId'
  | 'taskName'
  | 'taskKey'
  | 'callSite'
  | 'sourceHash'
  | 'mapId'
  | 'about'
  | 'tags'
  | 'policy'
  | 'durability'
  | 'isolation'
  | 'flowRunRunCount';
export type Shape = Pick<TaskRun, ShapeKey>;

type Row = readonly unknown[];

/** Index in `STATE_TYPES` by type. */
const TYPE_NUMBERS = Object.fromEntries(STATE_TYPES.map((type, index) => [type, index])) as Record<StateType, number>;

export type Entry =
  | { readonly kind: 'header'; readonly header: JournalHeader }
  | { readonly kind: 'shape' }
  | { readonly kind: 'record'; readonly record: TaskRunRecord }
  | { readonly kind: 'logs'; readonly logs: readonly LogRecord[] };

export function headerPayload(header: JournalHeader): string {
  return JSON.stringify(['h', header]);
}

export function shapePayload(number: number, shape: Shape): string {
  return JSON.stringify(['s', number, shape]);
}

export function logsPayload(logs: readonly LogRecord[]): string {
  return JSON.stringify(['l', logs]);
}

export function shapeOf(run: TaskRun): Shape {
  const {
    flowRunId,
    processId,
    taskName,
    taskKey,
    callSite,
    sourceHash,
    mapId,
    about,
    tags,
    policy,
    durability,
    isolation,
    flowRunRunCount,
  } = run;
  return {
    flowRunId,
    processId,
    taskName,
    taskKey,
    callSite,
    sourceHash,
    mapId,
    about,
    tags,
    policy,
    durability,
    isolation,
    flowRunRunCount,
  };
}

export function hasShape(run: TaskRun, shape: Shape): boolean {
  return (
    run.callSite === shape.callSite &&
    run.flowRunId === shape.flowRunId &&
    run.processId === shape.processId &&
    run.taskKey === shape.taskKey &&
    run.mapId === shape.mapId &&
    run.taskName === shape.taskName &&
    run.sourceHash === shape.sourceHash &&
    run.durability === shape.durability &&
    run.isolation === shape.isolation &&
    run.flowRunRunCount === shape.flowRunRunCount &&
    run.policy === shape.policy &&
    run.about === shape.about &&
    sameTags(run.tags, shape.tags)
  );
}

function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((tag, index) => tag === b[index]));
}

/**
 * Built by hand, since `JSON.stringify` takes 1.8 µs for it. Times are microseconds since the run was created: the text
 * of small numbers is cached.
 */
export function recordPayload({ run, states }: TaskRunRecord, shape: number): string {
  const { createdAt } = run;
  let rows = '';
  for (const state of states) rows += (rows === '' ? '' : ',') + stateText(state, createdAt);
  const newest = states[states.length - 1] === run.state ? '0' : stateText(run.state, createdAt);
  return (
    `["t",${shape},"${run.id}",${run.parentTaskRunId === null ? 'null' : `"${run.parentTaskRunId}"`},${JSON.stringify(run.name)},` +
    `${JSON.stringify(run.dynamicKey)},${JSON.stringify(run.step)},${textUnlessEmpty(run.inputs)},${run.cache === null ? 'null' : JSON.stringify(run.cache)},` +
    `${run.runCount},${createdAt},${sinceText(run.startTime, createdAt)},${sinceText(run.endTime, createdAt)},${run.totalRunTimeUs},[${rows}],${newest}${restOfRun(run)}]`
  );
}

/** Fields that few runs have, each at its index. */
function restOfRun({ participation, item }: TaskRun): string {
  if (item !== undefined)
    return `,${participation === undefined ? '0' : JSON.stringify(participation)},${item.index},${item.input === null ? 'null' : JSON.stringify(item.input)}`;
  return participation === undefined ? '' : `,${JSON.stringify(participation)}`;
}

function sinceText(time: Instant | null, start: Instant): string {
  return time === null ? 'null' : `${time - start}`;
}

function textUnlessEmpty(value: object): string {
  for (const _ in value) return JSON.stringify(value);
  return '0';
}

function stateText(state: State, runCreatedAt: Instant): string {
  const name = state.name === DEFAULT_STATE_NAMES[state.type] ? '0' : JSON.stringify(state.name);
  const message = state.message === null ? 'null' : JSON.stringify(state.message);
  return `[${TYPE_NUMBERS[state.type]},"${state.id}",${state.timestamp - runCreatedAt},${name},${message},${textUnlessEmpty(state.details)},${restText(state)}]`;
}

function restText(state: State): string {
  if (state.type === 'COMPLETED' && state.data?.kind === 'inline')
    return `[${JSON.stringify(state.data.text)},${state.data.hash === null ? 'null' : JSON.stringify(state.data.hash)}]`;
  const rest = stateRest(state);
  return rest === 0 ? '0' : JSON.stringify(rest);
}

/** Fields that only states of this type have; 0 for none. */
function stateRest(state: State): object | 0 {
  switch (state.type) {
    case 'RUNNING':
    case 'PAUSED':
    case 'CANCELLING':
      return 0;
    case 'PENDING':
    case 'SCHEDULED':
      return state.scheduledTime === undefined ? 0 : { scheduledTime: state.scheduledTime };
    case 'COMPLETED':
      return { data: state.data };
    case 'FAILED':
      return { failure: state.failure, data: state.data };
    case 'CANCELLED':
      return { failure: state.failure };
    case 'CRASHED':
      return { failure: state.failure, evidence: state.evidence };
    default:
      return assertNever(state, 'state');
  }
}

/** Reads the payloads of one journal, in order; throws on payloads that no version has written. */
export class PayloadReader {
  readonly #shapes = new Map<number, Shape>();

  read(payload: string): Entry {
    const row = JSON.parse(payload) as Row;
    switch (row[0]) {
      case 'h':
        return { kind: 'header', header: row[1] as JournalHeader };
      case 'l':
        return { kind: 'logs', logs: row[1] as LogRecord[] };
      case 't':
        return { kind: 'record', record: this.#record(row) };
      case 's': {
        const shape = row[2] as Shape;
        // Journals of earlier versions do not name the process.
        this.#shapes.set(row[1] as number, { ...shape, processId: shape.processId ?? null });
        return { kind: 'shape' };
      }
      default:
        throw new Error(`unknown entry ${String(row[0])}`);
    }
  }

  #record(row: Row): TaskRunRecord {
    const [
      ,
      number,
      id,
      parentTaskRunId,
      name,
      dynamicKey,
      step,
      inputs,
      cache,
      runCount,
      createdAt,
      startTime,
      endTime,
      totalRunTimeUs,
      rows,
      newest,
      participation,
      mapIndex,
      mapInput,
    ] = row;
    const shape = this.#shapes.get(number as number);
    if (shape === undefined) throw new Error(`shape ${String(number)} is missing`);
    const start = createdAt as number;
    const states = (rows as Row[]).map((row) => readState(row, start));
    const state = newest === 0 ? states[states.length - 1] : readState(newest as Row, start);
    const run = {
      ...shape,
      id,
      parentTaskRunId,
      name,
      dynamicKey,
      step,
      inputs: inputs === 0 ? {} : inputs,
      cache,
      prefectClient: null,
      state,
      runCount,
      createdAt,
      startTime: timeSince(startTime, start),
      endTime: timeSince(endTime, start),
      totalRunTimeUs,
      ...(participation === undefined || participation === 0 ? {} : { participation }),
      ...(mapIndex === undefined ? {} : { item: { index: mapIndex, input: mapInput } }),
    } as TaskRun;
    return { run, states };
  }
}

function timeSince(time: unknown, start: number): number | null {
  return time === null ? null : (time as number) + start;
}

function readState(row: Row, runCreatedAt: number): State {
  const [typeIndex, id, since, name, message, details, rest] = row;
  const type = STATE_TYPES[typeIndex as number] as StateType;
  return {
    type,
    id,
    timestamp: runCreatedAt + (since as number),
    name: name === 0 ? DEFAULT_STATE_NAMES[type] : name,
    message,
    details: details === 0 ? ({} as StateDetails) : details,
    ...readRest(rest),
  } as State;
}

function readRest(rest: unknown): object {
  if (Array.isArray(rest)) return { data: { kind: 'inline', text: rest[0] as unknown, hash: rest[1] as unknown } };
  return rest === 0 ? {} : (rest as object);
}
