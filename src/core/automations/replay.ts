/**
 * An automation run over events that are past, in memory: by the steps that automations of a server take, with what
 * came of each event and window beside. Nothing is done.
 */

import type { Automation } from '../automation.ts';
import type { Event } from '../event.ts';
import type { EventId } from '../ids.ts';
import { addSeconds, type Instant } from '../time.ts';
import { AutomationSet, type ActiveTrigger } from './automation-set.ts';
import type { HashText } from './derived-id.ts';
import {
  clockAfter,
  evaluateStep,
  settledAt,
  SETTLING_SECONDS,
  type AutomationFiring,
  type FeedEntry,
  type StepFacts,
  type StepNote,
} from './evaluation.ts';
import { LATE_SECONDS } from './key-state.ts';
import type { StateRow } from './state-row.ts';
import { rowsNeededBy, stepNeeds } from './step-needs.ts';
import type { Window } from './window.ts';

/** Of the events of a window so many are named; the count is of all. */
export const COUNTED_NAMED_MAX = 50;

/** An event that counted. */
export interface CountedEvent {
  readonly id: EventId;
  readonly occurred: Instant;
}

/** A window of an event trigger for one key, and what counted in it. */
export interface CountedWindow {
  readonly triggerId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly start: Instant;
  readonly end: Instant;
  readonly count: number;
  readonly threshold: number;
  /** The first ones. */
  readonly events: readonly CountedEvent[];
}

/** A firing, and the windows by which it came to it: several for a trigger of triggers. */
export interface ExplainedFiring {
  readonly fired: AutomationFiring;
  readonly windows: readonly CountedWindow[];
}

/** What is kept between one step and the next, as JSON can say it. */
export interface ReplayState {
  readonly rows: readonly StateRow[];
  readonly waiting: readonly Event[];
  readonly open: readonly (readonly [rowId: string, window: CountedWindow])[];
  /** Windows of firings of triggers inside others, which have not come to a firing of the whole yet. */
  readonly parts: readonly (readonly [firingId: string, windows: readonly CountedWindow[]])[];
  readonly isStopped: boolean;
  /** Up to when time has passed; `null`: it has not begun. */
  readonly clock: Instant | null;
}

export const NOTHING_REPLAYED: ReplayState = {
  rows: [],
  waiting: [],
  open: [],
  parts: [],
  isStopped: false,
  clock: null,
};

export interface Replayed {
  readonly firings: readonly ExplainedFiring[];
  /** Windows that ended, or were forgotten, with fewer events than it takes to fire. */
  readonly nearMisses: readonly CountedWindow[];
  /** Whether it has set itself off again and again: it would have been stopped. */
  readonly isStopped: boolean;
  /** Entries that were taken; with all of them, `isThere` says whether time has come to where it was to go. */
  readonly taken: number;
  readonly isThere: boolean;
}

interface Found {
  readonly firings: ExplainedFiring[];
  readonly nearMisses: CountedWindow[];
}

/** How long runs took before a time that is past is not looked up: stays that are bounded by it have no end here. */
const NO_RUN_TIMES: StepFacts['runTimes'] = new Map();

/** Firings of parts that are remembered. */
const PARTS_MAX = 1000;

export class Replay {
  readonly #automation: Automation;
  readonly #set: AutomationSet;
  readonly #hash: HashText;
  readonly #onNote: ((note: StepNote) => void) | undefined;
  readonly #rows: Map<string, StateRow>;
  readonly #open: Map<string, CountedWindow>;
  readonly #parts: Map<string, readonly CountedWindow[]>;
  #waiting: readonly Event[];
  #isStopped: boolean;
  #clock: Instant | null;
  /** Rows that wait for a time. */
  readonly #timed = new Set<string>();
  /** Nothing is due before, nor gone. */
  #next = 0;
  #nextGone = 0;

  /** @param onNote told of what comes of each event, besides */
  constructor(
    automation: Automation,
    hash: HashText,
    state: ReplayState = NOTHING_REPLAYED,
    onNote?: (note: StepNote) => void,
  ) {
    this.#automation = automation;
    this.#set = new AutomationSet([automation]);
    this.#hash = hash;
    this.#onNote = onNote;
    this.#rows = new Map();
    for (const row of state.rows) this.#put(row);
    this.#open = new Map(state.open);
    this.#parts = new Map(state.parts);
    this.#waiting = state.waiting;
    this.#isStopped = state.isStopped;
    this.#clock = state.clock;
  }

  get triggers(): readonly ActiveTrigger[] {
    return this.#set.all();
  }

  looksAtName(name: string): boolean {
    return this.#set.looksAtName(name);
  }

  get state(): ReplayState {
    return {
      rows: [...this.#rows.values()],
      waiting: this.#waiting,
      open: [...this.#open],
      parts: [...this.#parts],
      isStopped: this.#isStopped,
      clock: this.#clock,
    };
  }

  /**
   * Takes entries, between which time passes as for a server that looks all the time: it looks whenever a window ends.
   * @param until `null`: further events come
   * @param looksMax so often it looks between entries; then it answers before it has taken them all
   */
  step(entries: readonly FeedEntry[], until: Instant | null, looksMax: number): Replayed {
    const found: Found = { firings: [], nearMisses: [] };
    let looks = 0;
    /** Answers whether time has come so far. */
    const pass = (to: Instant): boolean => {
      for (let next = this.#nextBefore(to); next !== null;) {
        if (this.#isStopped || looks >= looksMax) return false;
        looks += 1;
        // An event that came late may have opened a window that is over.
        const now = Math.max(next, this.#clock ?? 0) as Instant;
        this.#evaluate([], now, found);
        const later = this.#nextBefore(to);
        // Where nothing moves, looking again would find the same.
        if (later === next) break;
        next = later;
      }
      return true;
    };
    if (this.#clock === null) this.#evaluate([], this.#automation.updatedAt, found);
    let taken = 0;
    let batch: FeedEntry[] = [];
    let isInTime = true;
    const flush = (): void => {
      if (batch.length > 0) this.#evaluate(batch, null, found);
      taken += batch.length;
      batch = [];
    };
    for (const entry of entries) {
      // What an entry before it has changed is known only when that is evaluated.
      if (entry.event !== null || this.#nextBefore(entry.received) !== null) flush();
      isInTime = pass(entry.received);
      if (!isInTime) break;
      batch.push(entry);
      // One that no trigger looks at may be the one that another waits for.
      if (entry.event !== null || this.#waiting.length > 0) flush();
    }
    flush();
    const isThere = isInTime && (until === null || pass(until));
    if (isThere && until !== null && !this.#isStopped) this.#evaluate([], until, found);
    return { ...found, isStopped: this.#isStopped, taken, isThere };
  }

  /**
   * When time changes something next, if that is before `to`. To look through all that waits for a time takes long, and
   * most of what is to come changes again before: it is looked through only when a lower bound of it has come.
   */
  #nextBefore(to: Instant): Instant | null {
    if (this.#next >= to) return null;
    let next = Infinity;
    for (const id of this.#timed) {
      const dueAt = this.#rows.get(id)?.dueAt ?? null;
      if (dueAt !== null) next = Math.min(next, addSeconds(dueAt, SETTLING_SECONDS));
    }
    for (const { received } of this.#waiting) next = Math.min(next, addSeconds(received, LATE_SECONDS));
    this.#next = next;
    return next < to ? (next as Instant) : null;
  }

  #evaluate(entries: readonly FeedEntry[], now: Instant | null, found: Found): void {
    if (this.#isStopped) return;
    const onNote = (note: StepNote): void => {
      this.#keep(note, found.nearMisses);
      this.#onNote?.(note);
    };
    const fresh = new Set([this.#automation]);
    const facts = { automations: this.#set, fresh, entries, waiting: this.#waiting, now, hash: this.#hash };
    const outcome = evaluateStep({ ...facts, rows: this.#rowsFor(facts), runTimes: NO_RUN_TIMES, onNote });
    for (const [id, row] of outcome.rows) {
      if (row === null) this.#drop(id, found.nearMisses);
      else this.#put(row);
    }
    this.#clock = Math.max(this.#clock ?? 0, outcome.clock) as Instant;
    this.#forget(outcome.clock, found.nearMisses);
    const gone = new Set(outcome.waitNoMore);
    this.#waiting = [...this.#waiting.filter(({ id }) => !gone.has(id)), ...outcome.nowWaiting];
    for (const { received } of outcome.nowWaiting)
      this.#next = Math.min(this.#next, addSeconds(received, LATE_SECONDS));
    this.#isStopped = outcome.stopped.includes(this.#automation);
    for (const fired of outcome.firings) {
      found.firings.push({ fired, windows: this.#parts.get(fired.firing.id) ?? [] });
      this.#parts.delete(fired.firing.id);
    }
    for (const id of this.#parts.keys()) if (this.#parts.size > PARTS_MAX) this.#parts.delete(id);
  }

  /** As the store gives them to a step: those that it needs, those that these need, and those that are due. */
  #rowsFor(facts: Omit<StepFacts, 'rows' | 'runTimes'>): readonly StateRow[] {
    const due: StateRow[] = [];
    const settled = settledAt(clockAfter(facts));
    if (this.#next <= addSeconds(settled, SETTLING_SECONDS))
      for (const id of this.#timed) {
        const row = this.#rows.get(id);
        if (row !== undefined && row.dueAt !== null && row.dueAt <= settled) due.push(row);
      }
    const needs = stepNeeds({ ...facts, due });
    const ids = new Set([...needs.rowIds, ...due.map(({ id }) => id), ...this.#rowsOfRuns(needs.flowRunIds)]);
    for (const id of rowsNeededBy(this.#set, this.#rowsBy(ids), this.#hash)) ids.add(id);
    return this.#rowsBy(ids);
  }

  #rowsBy(ids: Iterable<string>): readonly StateRow[] {
    return [...ids].flatMap((id) => this.#rows.get(id) ?? []);
  }

  /** Only triggers on runs keep such rows. */
  #rowsOfRuns(flowRunIds: readonly string[]): readonly string[] {
    if (flowRunIds.length === 0) return [];
    const runs = new Set(flowRunIds);
    return [...this.#rows.values()].flatMap(({ id, flowRunId }) =>
      flowRunId !== undefined && runs.has(flowRunId) ? [id] : [],
    );
  }

  #put(row: StateRow): void {
    const { id, dueAt, goneAt } = row;
    this.#rows.set(id, row);
    if (goneAt !== null) this.#nextGone = Math.min(this.#nextGone, goneAt);
    if (dueAt === null) this.#timed.delete(id);
    else {
      this.#timed.add(id);
      this.#next = Math.min(this.#next, addSeconds(dueAt, SETTLING_SECONDS));
    }
  }

  #drop(id: string, nearMisses: CountedWindow[]): void {
    this.#rows.delete(id);
    this.#timed.delete(id);
    const open = this.#open.get(id);
    this.#open.delete(id);
    if (open !== undefined) missed(open, nearMisses);
  }

  /** As the store does with rows whose time has come. */
  #forget(clock: Instant, nearMisses: CountedWindow[]): void {
    if (clock < this.#nextGone) return;
    let next = Infinity;
    for (const [id, { goneAt }] of this.#rows) {
      if (goneAt === null) continue;
      if (goneAt <= clock) this.#drop(id, nearMisses);
      else next = Math.min(next, goneAt);
    }
    this.#nextGone = next;
  }

  #keep(note: StepNote, nearMisses: CountedWindow[]): void {
    if (note.kind === 'parts') {
      const windows = note.by.flatMap((id) => this.#parts.get(id) ?? []);
      for (const id of note.by) this.#parts.delete(id);
      this.#parts.set(note.firingId, windows);
      return;
    }
    const { rowId, happening, firingId } = note;
    if (!('window' in happening)) return;
    const counted = this.#counted(note, happening.window, nearMisses);
    if (happening.what === 'fired' && firingId !== null) this.#parts.set(firingId, [counted]);
    if (happening.what === 'ended') missed(counted, nearMisses);
    if (happening.what === 'ended' || happening.what === 'fired') this.#open.delete(rowId);
    else this.#open.set(rowId, counted);
  }

  /** The window with the events that have counted in it so far. */
  #counted(
    { triggerId, rowId, labels, event, kept, happening }: Extract<StepNote, { readonly kind: 'key' }>,
    window: Window,
    nearMisses: CountedWindow[],
  ): CountedWindow {
    const known = this.#open.get(rowId);
    const isOne = happening.what === 'counted' && event !== null;
    const countBefore = Math.max(0, window.count) - (isOne ? 1 : 0);
    const isSame = known !== undefined && known.start === window.start && known.count === countBefore;
    // It was forgotten in silence, and another one is there, which may begin at the same time.
    if (known !== undefined && !isSame) missed(known, nearMisses);
    const before = isSame
      ? known.events
      : kept.filter(({ id, occurred }) => id !== event?.id && window.start <= occurred && occurred < window.end);
    const events = isOne ? [...before, { id: event.id, occurred: event.occurred }] : before;
    const { trigger } = this.#set.find(this.#automation.id, triggerId) ?? {};
    return {
      triggerId,
      labels,
      start: window.start,
      end: window.end,
      count: Math.max(0, window.count),
      threshold: trigger?.threshold ?? 0,
      events: events.slice(0, COUNTED_NAMED_MAX),
    };
  }
}

/** Of a trigger that waits for absence, what has come is no miss. */
function missed(window: CountedWindow, nearMisses: CountedWindow[]): void {
  if (window.count > 0 && window.count < window.threshold) nearMisses.push(window);
}
