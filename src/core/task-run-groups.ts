/**
 * The task runs of a flow run in groups: one for each task at one call site or each map, as many as a page can show,
 * however many runs there are. Pure.
 *
 * Runs of one *shape* have the same shape number, and shapes are numbered as they come up. So neighbours in that order
 * are neighbours in the flow, and where there are too many groups, neighbours are joined.
 */

import type { TaskRunId } from './ids.ts';
import { isTerminalType, type StateType } from './state.ts';
import type { MapId } from './task-run.ts';
import type { Instant } from './time.ts';

/** Shapes by number, both ends included. */
export interface ShapeSpan {
  readonly first: number;
  readonly last: number;
}

export interface StateCount {
  readonly type: StateType;
  readonly name: string;
  readonly count: number;
}

/** Runs of one shape in one state, among a part of all runs. */
export interface FoldedRuns extends StateCount {
  readonly shape: number;
  readonly firstId: TaskRunId;
  readonly start: Instant;
  /** Latest end; `null` when none has ended. */
  readonly end: Instant | null;
}

export interface FoldedGroup extends ShapeSpan {
  /** Number of shapes in it. */
  readonly shapeCount: number;
  readonly count: number;
  readonly states: readonly StateCount[];
  readonly firstId: TaskRunId;
  readonly start: Instant;
  /** `null` while one of the runs has not ended. */
  readonly end: Instant | null;
}

/** A group with the names of its shapes. */
export interface TaskRunGroup extends FoldedGroup {
  /** Of the first shape. */
  readonly taskName: string;
  readonly mapId: MapId | null;
  /** Of the last shape. */
  readonly lastTaskName: string;
}

interface Held {
  first: number;
  last: number;
  shapeCount: number;
  count: number;
  readonly states: Map<string, { readonly type: StateType; readonly name: string; count: number }>;
  firstId: TaskRunId;
  start: Instant;
  end: Instant | null;
}

/** Groups that are held while counting: some megabytes. With more, neighbours are joined on the way. */
const HELD_MAX = 5000;
/** Names of states in a group: users can make any number. */
const STATES_MAX = 50;

/** Adds up partial counts in bounded memory. */
export class TaskRunFolder {
  #groups = new Map<number, Held>();
  #shapesAPlace = 1;

  add(runs: readonly FoldedRuns[]): void {
    for (const run of runs) {
      const place = Math.floor(run.shape / this.#shapesAPlace);
      const held = this.#groups.get(place);
      if (held === undefined) this.#groups.set(place, heldOf(run));
      else join(held, heldOf(run));
    }
    while (this.#groups.size > HELD_MAX) this.#coarsen();
  }

  /** Ordered by shape number. */
  groups(groupsMax: number): readonly FoldedGroup[] {
    const all = [...this.#groups.values()].sort((a, b) => a.first - b.first);
    return joinNeighbours(all, groupsMax).map((held) => ({
      ...held,
      states: [...held.states.values()],
      end: isOpen(held) ? null : held.end,
    }));
  }

  #coarsen(): void {
    this.#shapesAPlace *= 2;
    const finer = this.#groups;
    this.#groups = new Map();
    for (const held of [...finer.values()].sort((a, b) => a.first - b.first)) {
      const place = Math.floor(held.first / this.#shapesAPlace);
      const known = this.#groups.get(place);
      if (known === undefined) this.#groups.set(place, held);
      else join(known, held);
    }
  }
}

/** Keeps the large groups; joins those between them. */
function joinNeighbours(all: readonly Held[], groupsMax: number): readonly Held[] {
  if (all.length <= groupsMax) return all;
  const aloneMax = Math.floor(groupsMax / 4);
  const alone = new Set([...all].sort((a, b) => b.count - a.count).slice(0, aloneMax));
  const togetherMin = Math.ceil((all.length - alone.size) / Math.max(1, groupsMax - 2 * aloneMax - 1));
  const joined: Held[] = [];
  let gathered = 0;
  for (const held of all) {
    const last = joined.at(-1);
    if (alone.has(held) || last === undefined || gathered === 0 || gathered === togetherMin) {
      joined.push(held);
      gathered = alone.has(held) ? 0 : 1;
    } else {
      join(last, held);
      gathered += 1;
    }
  }
  return joined;
}

function heldOf({ shape, type, name, count, firstId, start, end }: FoldedRuns): Held {
  return {
    first: shape,
    last: shape,
    shapeCount: 1,
    count,
    states: new Map([[`${type} ${name}`, { type, name, count }]]),
    firstId,
    start,
    end,
  };
}

function join(into: Held, other: Held): void {
  // The same shape comes again with another state, or with later runs.
  if (other.first > into.last || other.last < into.first) into.shapeCount += other.shapeCount;
  into.first = Math.min(into.first, other.first);
  into.last = Math.max(into.last, other.last);
  into.count += other.count;
  if (other.firstId < into.firstId) into.firstId = other.firstId;
  if (other.start < into.start) into.start = other.start;
  if (other.end !== null && (into.end === null || other.end > into.end)) into.end = other.end;
  for (const [key, { type, name, count }] of other.states) {
    const place = into.states.has(key) || into.states.size < STATES_MAX ? key : `${type} `;
    const known = into.states.get(place);
    if (known === undefined) into.states.set(place, { type, name: place === key ? name : type, count });
    else known.count += count;
  }
}

function isOpen({ states }: Held): boolean {
  return [...states.values()].some(({ type }) => !isTerminalType(type));
}
