/**
 * From events and the passing of time to firings: one step, which changes rows in memory only.
 *
 * 1. It depends on the order of the events alone, not on how many come in one step: before each event, time goes on to
 *    when it was received.
 * 2. An event that follows one that has not come waits for it, for `LATE_SECONDS` at most.
 * 3. A window is looked at `SETTLING_SECONDS` after its end: what occurred in it may be received a little later.
 * 4. Ids of firings are computed from their cause: the same events give the same firings.
 */

import type { Automation, AutomationId } from '../automation.ts';
import type { Firing } from '../automation-firing.ts';
import type { Event } from '../event.ts';
import type { EventId } from '../ids.ts';
import { addSeconds, clampInstant, type Instant } from '../time.ts';
import type { ActiveTrigger, AutomationSet } from './automation-set.ts';
import { afterPart } from './composite.ts';
import { derivedId, type HashText } from './derived-id.ts';
import { afterEvent, afterTime, isDueAt, isGoneAt, LATE_SECONDS, stateForEvent, type KeyState } from './key-state.ts';
import { isLoop, OWN_FIRINGS_SECONDS, setsItselfOff, withOwnFiring } from './loop-guard.ts';
import { RunEvaluation, type RunFiring, type RunTimes } from './run-evaluation.ts';
import { runNewsOf } from './run-state.ts';
import { RowIds, StepRows, type RowBody, type StateRow } from './state-row.ts';
import type { CompositeTrigger, EventTrigger, Posture, SingleTrigger } from './trigger.ts';
import { openWindow, type Happening, type WindowFiring } from './window.ts';

export const SETTLING_SECONDS = 1;

/** An event of the feed, in its order. */
export interface FeedEntry {
  readonly id: EventId;
  readonly received: Instant;
  /** `null`: no trigger looks at events of its name. */
  readonly event: Event | null;
  /** Whether the event that it follows, if any, came before it. */
  readonly isInOrder: boolean;
}

/** A firing of the outermost trigger of an automation. */
export interface AutomationFiring {
  readonly firing: Firing;
  readonly automation: Automation;
  /** The event by which it came to it; of a proactive trigger, the last one that concerned it. */
  readonly event: Event | null;
  /** Of a single trigger. */
  readonly posture: Posture | null;
}

export interface StepFacts {
  readonly automations: AutomationSet;
  /** Those of which a step may be the first one: of the others, windows that are always open are there. */
  readonly fresh: ReadonlySet<Automation>;
  readonly entries: readonly FeedEntry[];
  /** Those of `stepNeeds`, those that these need (`rowsNeededBy`), and those that are due at `clockAfter`. */
  readonly rows: readonly StateRow[];
  readonly runTimes: RunTimes;
  /** Events that wait for the one that they follow. */
  readonly waiting: readonly Event[];
  /** `null`: further events have come already. */
  readonly now: Instant | null;
  readonly hash: HashText;
  /** Told of all that comes of events and of windows, as it comes. */
  readonly onNote?: ((note: StepNote) => void) | undefined;
}

/** Of one key of an event trigger, or of a trigger around others. */
export type StepNote =
  | {
      readonly kind: 'key';
      readonly triggerId: string;
      /** Of what is kept of the key. */
      readonly rowId: string;
      readonly labels: KeyState['labels'];
      /** `null`: the passing of time. */
      readonly event: Event | null;
      readonly kept: KeyState['kept'];
      readonly happening: Happening;
      /** Of what happened, if it fired. */
      readonly firingId: string | null;
    }
  | { readonly kind: 'parts'; readonly firingId: string; readonly by: readonly string[] };

export interface StepOutcome {
  /** By their ids; `null`: to be deleted. */
  readonly rows: ReadonlyMap<string, StateRow | null>;
  readonly nowWaiting: readonly Event[];
  readonly waitNoMore: readonly EventId[];
  readonly firings: readonly AutomationFiring[];
  /** Those that set themselves off again and again. */
  readonly stopped: readonly Automation[];
  /** What time it is after the step. */
  readonly clock: Instant;
}

/** What time it is after the entries. */
export function clockAfter({ entries, now }: Pick<StepFacts, 'entries' | 'now'>): Instant {
  return Math.max(now ?? 0, ...entries.map(({ received }) => received)) as Instant;
}

/** Up to when windows that have ended are looked at. */
export function settledAt(clock: Instant): Instant {
  return addSeconds(clock, -SETTLING_SECONDS);
}

export function evaluateStep(facts: StepFacts): StepOutcome {
  return new Evaluation(facts).run();
}

class Evaluation {
  readonly #facts: StepFacts;
  readonly #ids: RowIds;
  readonly #rows: StepRows;
  readonly #runs: RunEvaluation;
  readonly #waiting: Map<EventId, Event>;
  readonly #nowWaiting = new Map<EventId, Event>();
  readonly #waitNoMore = new Set<EventId>();
  readonly #firings = new Map<string, AutomationFiring>();
  readonly #stopped = new Map<AutomationId, Automation>();
  /** What time it is for what is looked at: when the event was received. */
  #clock = 0 as Instant;
  /** Nothing is due before. */
  #quietUntil = 0 as Instant;

  constructor(facts: StepFacts) {
    this.#facts = facts;
    this.#ids = new RowIds(facts.hash);
    this.#rows = new StepRows(facts.rows);
    this.#runs = new RunEvaluation({
      automations: facts.automations,
      rows: this.#rows,
      ids: this.#ids,
      runTimes: facts.runTimes,
      put: (row) => this.#put(row),
      fire: (active, firing) => this.#fireOne(active, firing),
    });
    this.#waiting = new Map(facts.waiting.map((event) => [event.id, event]));
  }

  run(): StepOutcome {
    const { entries, now } = this.#facts;
    this.#openFirst();
    for (const entry of entries) {
      this.#passTo(entry.received);
      this.#receive(entry);
    }
    if (now !== null) this.#passTo(now);
    return {
      rows: this.#rows.changed,
      nowWaiting: [...this.#nowWaiting.values()],
      waitNoMore: [...this.#waitNoMore],
      firings: [...this.#firings.values()],
      stopped: [...this.#stopped.values()],
      clock: clockAfter(this.#facts),
    };
  }

  #openFirst(): void {
    const { automations, fresh } = this.#facts;
    for (const { automation, trigger } of automations.alwaysOpen(fresh)) {
      if (this.#rows.has(this.#ids.key(automation.id, trigger, {}))) continue;
      const window = openWindow(trigger, automation.updatedAt, { countKept: () => 0 });
      this.#keep(automation, trigger, { labels: {}, window, kept: [] });
    }
  }

  #passTo(time: Instant): void {
    if (time >= this.#quietUntil) {
      // In the moment in which they have waited long enough, whenever somebody looks: what is kept goes with the time.
      for (const event of [...this.#waiting.values()].toSorted(byReceipt)) {
        const lostAt = lostAtOf(event);
        if (lostAt > time) break;
        if (!this.#waiting.has(event.id)) continue;
        this.#endWindows(lostAt);
        this.#handle(event);
      }
      this.#endWindows(time);
      this.#quietUntil = this.#nextAt();
    }
    this.#clock = time;
  }

  #endWindows(time: Instant): void {
    this.#clock = time;
    const settled = settledAt(time);
    for (const row of this.#rows.dueBy(settled)) this.#end(row, settled);
  }

  #nextAt(): Instant {
    const dueAt = this.#rows.nextDueAt();
    let next: number = dueAt === null ? Infinity : addSeconds(dueAt, SETTLING_SECONDS);
    for (const event of this.#waiting.values()) next = Math.min(next, lostAtOf(event));
    return next as Instant;
  }

  /** A window is at its end. */
  #end(row: StateRow, settled: Instant): void {
    const { id, automationId, body } = row;
    if (body.kind !== 'key') return this.#runs.pass(row, settled);
    const active = this.#facts.automations.find(automationId, body.triggerId);
    if (active === null) return this.#rows.forget(id);
    const { state, firings, trail } = afterTime(active.trigger, body.state, settled);
    this.#keep(active.automation, active.trigger, state, id);
    this.#note(active, id, body.state, null, trail);
    for (const firing of firings) this.#fire(active, body.state.labels, firing);
  }

  #receive({ id, event, isInOrder }: FeedEntry): void {
    if (event === null) return this.#release(id);
    const mayWait = event.follows !== null && (!isInOrder || this.#waiting.has(event.follows));
    if (mayWait && !this.#isLost(event) && this.#isLookedAt(event)) {
      this.#waiting.set(id, event);
      this.#nowWaiting.set(id, event);
      this.#quietUntil = Math.min(this.#quietUntil, lostAtOf(event)) as Instant;
    } else this.#handle(event);
  }

  #isLookedAt(event: Event): boolean {
    const { automations } = this.#facts;
    return automations.lookingAt(event).length > 0 || (automations.watchesRuns && runNewsOf(event) !== null);
  }

  #isLost(event: Event): boolean {
    return lostAtOf(event) <= this.#clock;
  }

  #handle(event: Event): void {
    this.#stopWaiting(event.id);
    for (const active of this.#facts.automations.lookingAt(event)) {
      const { automation, trigger } = active;
      if (this.#stopped.has(automation.id)) continue;
      const fresh = stateForEvent(trigger, event);
      const id = this.#ids.key(automation.id, trigger, fresh.labels);
      const body = this.#rows.bodyOf(id, this.#clock);
      const before = body?.kind === 'key' ? body.state : fresh;
      const { state, firings, trail } = afterEvent(trigger, before, event);
      this.#keep(automation, trigger, state, id);
      this.#note(active, id, before, event, trail);
      for (const firing of firings) this.#fire(active, fresh.labels, firing);
    }
    this.#runs.handle(event, this.#clock);
    this.#release(event.id);
  }

  /** What has waited for the event. */
  #release(id: EventId): void {
    if (this.#waiting.size === 0) return;
    const released = [...this.#waiting.values()].filter(({ follows }) => follows === id);
    for (const event of released.toSorted(byTime)) if (this.#waiting.has(event.id)) this.#handle(event);
  }

  #stopWaiting(id: EventId): void {
    if (this.#waiting.delete(id) && !this.#nowWaiting.delete(id)) this.#waitNoMore.add(id);
  }

  #fire(active: ActiveTrigger, labels: KeyState['labels'], firing: WindowFiring): void {
    this.#fireOne(active, { ...firing, state: 'Triggered', labels }, valuesOf(active.trigger, labels));
  }

  /** @param values by which its key is told from others of the same cause */
  #fireOne(active: ActiveTrigger<SingleTrigger>, given: RunFiring, values: readonly string[] = []): void {
    const { automation, trigger, around } = active;
    const { event, at, cause, state, labels, value } = given;
    // What is over is told by itself: those around it have triggers that were met.
    if (state === 'Resolved' && around.length > 0) return;
    const firing: Firing = {
      id: derivedId(this.#facts.hash, automation.id, trigger.id, cause, ...values),
      automationId: automation.id,
      triggerId: trigger.id,
      state,
      at,
      labels,
      eventId: event?.id ?? null,
      ...(value === undefined ? {} : { value }),
    };
    const posture = around.length === 0 ? postureOf(trigger) : null;
    this.#fireAround({ firing, automation, event, posture }, around);
  }

  #note(
    { automation, trigger }: ActiveTrigger,
    rowId: string,
    { labels, kept }: KeyState,
    event: Event | null,
    trail: readonly Happening[],
  ): void {
    const { onNote } = this.#facts;
    if (onNote === undefined) return;
    for (const happening of trail) {
      const cause = happening.what === 'fired' ? happening.firing.cause : null;
      const firingId =
        cause === null
          ? null
          : derivedId(this.#facts.hash, automation.id, trigger.id, cause, ...valuesOf(trigger, labels));
      onNote({ kind: 'key', triggerId: trigger.id, rowId, labels, event, kept, happening, firingId });
    }
  }

  #fireAround(fired: AutomationFiring, around: readonly CompositeTrigger[]): void {
    const [trigger, ...further] = around;
    if (trigger === undefined) return this.#fireAutomation(fired);
    const { firing, automation } = fired;
    const id = this.#ids.parts(automation.id, trigger);
    const body = this.#rows.bodyOf(id, this.#clock);
    const part = { triggerId: firing.triggerId, firingId: firing.id, at: firing.at };
    const { parts, firedBy } = afterPart(trigger, body?.kind === 'parts' ? body.parts : [], part);
    const kept: RowBody = { kind: 'parts', triggerId: trigger.id, parts };
    if (parts.length === 0) this.#rows.forget(id);
    else this.#put({ id, automationId: automation.id, body: kept, dueAt: null, goneAt: null });
    if (firedBy === null) return;
    const by = firedBy.map(({ firingId }) => firingId);
    const whole = derivedId(this.#facts.hash, automation.id, trigger.id, ...by);
    this.#facts.onNote?.({ kind: 'parts', firingId: whole, by });
    this.#fireAround({ ...fired, firing: { ...firing, id: whole, triggerId: trigger.id, labels: {} } }, further);
  }

  #fireAutomation(fired: AutomationFiring): void {
    const { firing, automation, event } = fired;
    if (this.#stopped.has(automation.id)) return;
    if (setsItselfOff(automation.id, event)) {
      const id = this.#ids.own(automation.id);
      const body = this.#rows.bodyOf(id, this.#clock);
      const firings = withOwnFiring(body?.kind === 'own' ? body.firings : [], firing.at);
      if (isLoop(firings)) return void this.#stopped.set(automation.id, automation);
      const goneAt = addSeconds(firing.at, OWN_FIRINGS_SECONDS);
      this.#put({ id, automationId: automation.id, body: { kind: 'own', firings }, dueAt: null, goneAt });
    }
    // The first one stands, as it does when the second comes in a later step.
    if (!this.#firings.has(firing.id)) this.#firings.set(firing.id, fired);
  }

  #keep(automation: Automation, trigger: EventTrigger, state: KeyState | null, known?: string): void {
    const id = known ?? this.#ids.key(automation.id, trigger, state?.labels ?? {});
    if (state === null) return this.#rows.forget(id);
    this.#put({
      id,
      automationId: automation.id,
      body: { kind: 'key', triggerId: trigger.id, state },
      dueAt: isDueAt(trigger, state),
      goneAt: isGoneAt(trigger, state),
    });
  }

  #put(given: StateRow): void {
    // A window may be longer than times can be written: it ends with them.
    const [dueAt, goneAt] = [written(given.dueAt), written(given.goneAt)];
    this.#rows.put({ ...given, dueAt, goneAt });
    if (dueAt !== null) this.#quietUntil = Math.min(this.#quietUntil, addSeconds(dueAt, SETTLING_SECONDS)) as Instant;
  }
}

/** By which its key is told from others of the same cause. */
function valuesOf({ forEach }: EventTrigger, labels: KeyState['labels']): readonly string[] {
  return forEach.map((label) => labels[label] ?? '');
}

/** A stay in a state is, to Prefect's clients, something that has not happened in time. */
function postureOf(trigger: SingleTrigger): Posture {
  if (trigger.type === 'event') return trigger.posture;
  return trigger.type === 'metric' ? 'Metric' : 'Proactive';
}

function written(at: Instant | null): Instant | null {
  return at === null ? null : clampInstant(at);
}

function byReceipt(a: Event, b: Event): number {
  return a.received - b.received || byTime(a, b);
}

/** From then on it waits no more for the one that it follows. */
function lostAtOf({ received }: Event): Instant {
  return addSeconds(received, LATE_SECONDS);
}

function byTime(a: Event, b: Event): number {
  return a.occurred - b.occurred || (a.id < b.id ? -1 : 1);
}
