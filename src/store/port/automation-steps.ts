/**
 * Steps of the automations: what they make of the events after their cursor, and of the passing of time.
 *
 * 1. **Once.** What is made of a batch (rows of automations, events told, actions ordered) is written in the
 *    transaction in which the cursor moves. Of several servers one commits a step, the others go on behind it.
 * 2. **The cursor is there while an automation is enabled**: it is made in the transaction that enables the first one,
 *    at the newest event, and goes with the last one. Without automations there is nothing to write, and retention
 *    waits for nobody.
 * 3. **Events that no trigger looks at** move the cursor now and then only: passing them again changes nothing.
 */

import type { ActionOrder } from '../../core/automation-firing.ts';
import type { Automation, AutomationId } from '../../core/automation.ts';
import type { FeedEntry } from '../../core/automations/evaluation.ts';
import type { RunTimes, RunTimesNeeded } from '../../core/automations/run-evaluation.ts';
import type { StateRow } from '../../core/automations/state-row.ts';
import type { StepNeeds } from '../../core/automations/step-needs.ts';
import type { Event, OutboxEvent } from '../../core/event.ts';
import type { EventId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';

export interface AutomationEntries {
  /** Those that are enabled, by their ids. The same object as long as none of them has changed. */
  readonly automations: readonly Automation[];
  /** Those of them that were not in the last step that this process has committed, or have changed since. */
  readonly fresh: ReadonlySet<Automation>;
  /** In commit order. */
  readonly entries: readonly FeedEntry[];
  /** Events that wait for the one that they follow. */
  readonly waiting: readonly Event[];
}

export interface AutomationFacts extends AutomationEntries {
  /** Those that are needed, and those that are due. */
  readonly rows: readonly StateRow[];
  readonly runTimes: RunTimes;
  /** `null`: further events have come already. */
  readonly now: Instant | null;
}

/** The outcome of a step. */
export interface AutomationStep<Answer> {
  /** By their ids; `null`: to be deleted. */
  readonly rows: ReadonlyMap<string, StateRow | null>;
  readonly nowWaiting: readonly Event[];
  readonly waitNoMore: readonly EventId[];
  /** Automations that are disabled: what is kept of them goes. */
  readonly stopped: readonly AutomationId[];
  /** Rows whose time has come by then go. */
  readonly clock: Instant;
  readonly events: readonly OutboxEvent[];
  readonly orders: readonly ActionOrder[];
  readonly answer: Answer;
}

/** Pure functions, which may be called again with newer facts. */
export interface AutomationRules<Answer> {
  looksAtName(automations: readonly Automation[], name: string): boolean;
  /** What a step may look at, besides rows that are due. */
  needs(facts: AutomationEntries & { readonly due: readonly StateRow[] }): StepNeeds;
  /** Ids of further rows, for those that were read. */
  rowsNeededBy(automations: readonly Automation[], rows: readonly StateRow[]): readonly string[];
  runTimesKey(needed: RunTimesNeeded): string;
  /** Up to when rows that are due are looked at. */
  dueUntil(facts: Pick<AutomationFacts, 'entries' | 'now'>): Instant;
  /** From when on time has to be looked at, for the row that is due next and the event that has waited longest. */
  nextAt(dueAt: Instant | null, waitingSince: Instant | null): Instant | null;
  take(facts: AutomationFacts): AutomationStep<Answer>;
}

export interface AutomationStepped<Answer> {
  /** `null`: there was nothing to make. */
  readonly answer: Answer | null;
  /** Whether further events have come already. */
  readonly isBehind: boolean;
  /** From when on time has to be looked at; `null`: only events change something. */
  readonly nextAt: Instant | null;
  /** Events up to this number were removed before the automations had seen them; `null`: none. */
  readonly missedThrough: number | null;
}

export interface NamedEntry extends FeedEntry {
  readonly name: string;
}

export interface FeedPage {
  /** In commit order. */
  readonly entries: readonly NamedEntry[];
  /** Of the last one; `null`: there are no more. */
  readonly lastSeq: number | null;
}

export interface AutomationStepStorage {
  /** Events after a number, at most `limit` (1 to 10,000), as a step is given them; fewer where many are composed. */
  readFeed(
    page: { readonly afterSeq: number; readonly limit: number },
    looksAtName: (name: string) => boolean,
  ): MaybePromise<FeedPage>;
  /** The lowest number of an event that occurred then or later; `null`: there is none. */
  feedStart(since: Instant): MaybePromise<number | null>;

  /**
   * Passes at most `limit` (1 to 10,000) events to the rules, with what is kept, and writes what they make of them.
   * Answers `null` when no automation is enabled.
   */
  stepAutomations<Answer>(
    page: { readonly limit: number; readonly now: Instant },
    rules: AutomationRules<Answer>,
  ): MaybePromise<AutomationStepped<Answer> | null>;
}
