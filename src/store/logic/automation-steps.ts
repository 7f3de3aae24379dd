/**
 * Steps of the automations: see `AutomationStepStorage`.
 *
 * 1. Events are read before the transaction, as for every cursor; what is kept of automations, inside.
 * 2. Events are read before the automations: of one that was enabled before an event, it is known that it is.
 */

import type { Automation } from '../../core/automation.ts';
import type { FeedPosition } from '../../core/feed-position.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { readId, uuidBytes } from '../id-value.ts';
import type {
  AutomationEntries,
  AutomationRules,
  AutomationStepped,
  AutomationStepStorage,
} from '../port/automation-steps.ts';
import type { EventCursor } from '../port/cursors.ts';
import { insertActionOrders } from './automation-actions.ts';
import {
  dropAllState,
  dropStateRows,
  nextTimes,
  readDueRows,
  readRunTimes,
  readStateRows,
  readWaitingEvents,
  writeStateRows,
  writeWaitingEvents,
} from './automation-state.ts';
import { ensureCursor, findCursor, moveCursor } from './cursors.ts';
import { enabledAutomations, knownAutomations, nextRevision, type KnownAutomations } from './enabled-automations.ts';
import { eventRowsAfter, hasRowAt, insertEvents } from './events.ts';
import { feedEntries, feedStart, readFeed } from './automation-feed.ts';

export const AUTOMATIONS_CURSOR = 'automations';
/** Events that no trigger looks at move the cursor when there are so many… */
const PASSED_MAX = 1000;
/** … or when it has stood for so long. */
const STOOD_US_MAX = 60_000_000;

interface Page {
  readonly limit: number;
  readonly now: Instant;
}

/** What one process knows; the store knows it too, or can do without. */
interface Memory {
  readonly known: KnownAutomations;
  /** Up to where no trigger looks at anything, behind the place where the cursor stands. */
  passed: { readonly cursorSeq: number; readonly last: FeedPosition } | null;
  /** Those of the last step that was taken. */
  stepped: readonly Automation[] | null;
}

interface Scan extends Pick<AutomationEntries, 'automations' | 'entries'> {
  readonly cursor: EventCursor | null;
  /** The number of the last event that was looked at. */
  readonly through: number;
  /** That event; `null`: it is where the cursor stands. */
  readonly last: FeedPosition | null;
  /** Whether further events have come already. */
  readonly isBehind: boolean;
  readonly isForAll: boolean;
  readonly nextAt: Instant | null;
}

/** Another server has taken a step, or automations have changed. */
const OVERTAKEN = Symbol('overtaken');

export function automationStepsOn(database: Database): AutomationStepStorage {
  const memory: Memory = { known: knownAutomations(), passed: null, stepped: null };
  return {
    stepAutomations<Answer>(
      page: Page,
      rules: AutomationRules<Answer>,
    ): MaybePromise<AutomationStepped<Answer> | null> {
      // This ends, since each repetition means that another server, or somebody who changes automations, has moved on.
      const step = (): MaybePromise<AutomationStepped<Answer> | null> =>
        chain(
          database.read((db) => scan(db, memory, page, rules)),
          (found) => {
            if (found.automations.length === 0 && found.cursor === null) return null;
            if (hasNothing(found, memory, page)) return idle(found, memory);
            return chain(
              database.write((db) => commitStep(db, memory, found, page, rules)),
              (outcome) => {
                if (outcome === OVERTAKEN) return step();
                memory.stepped = found.automations;
                return outcome;
              },
            );
          },
        );
      return step();
    },
    readFeed: (page, looksAtName) => database.read((db) => readFeed(db, page, looksAtName)),
    feedStart: (since) => database.read((db) => feedStart(db, since)),
  };
}

/** No trigger looks at what has come, nothing waits for it, and the cursor may stand where it is. */
function hasNothing(found: Scan, { stepped }: Memory, { now }: Page): boolean {
  const { cursor, automations, entries, through, nextAt, isForAll } = found;
  if (cursor === null || automations !== stepped || isForAll || cursor.missedThrough !== null) return false;
  if (nextAt !== null && nextAt <= now) return false;
  if (entries.some(({ event }) => event !== null)) return false;
  const isNear = through - cursor.seq < PASSED_MAX && now - cursor.movedAt < STOOD_US_MAX;
  return through === cursor.seq || isNear;
}

function idle<Answer>(found: Scan, memory: Memory): AutomationStepped<Answer> {
  const { cursor, last, isBehind, nextAt } = found;
  memory.passed = last && { cursorSeq: cursor?.seq ?? 0, last };
  return { answer: null, isBehind, nextAt, missedThrough: null };
}

function* scan<Answer>(
  db: Statements,
  memory: Memory,
  { limit, now }: Page,
  rules: AutomationRules<Answer>,
): Work<Scan> {
  const cursor = yield* findCursor(db, AUTOMATIONS_CURSOR);
  const known = cursor === null ? null : yield* passedBehind(db, memory, cursor);
  const from = known?.seq ?? cursor?.seq ?? 0;
  const rows = cursor === null ? [] : yield* eventRowsAfter(db, { afterSeq: from, limit });
  const newest = rows.at(-1);
  const automations = yield* enabledAutomations(db, memory.known, now);
  const { dueAt, waitingSince } = yield* nextTimes(db);
  return {
    cursor,
    automations,
    entries:
      automations.length === 0 ? [] : yield* feedEntries(db, rows, (name) => rules.looksAtName(automations, name)),
    through: newest?.seq ?? from,
    last: newest === undefined ? known : { seq: newest.seq, id: readId(newest.id) },
    isBehind: rows.length === limit,
    // One that waits may wait for any event.
    isForAll: waitingSince !== null && rows.length > 0,
    nextAt: rules.nextAt(dueAt, waitingSince),
  };
}

/** How far it had come behind this cursor. In another database, such as a restored one, it has not. */
function* passedBehind(db: Statements, { passed }: Memory, { seq }: EventCursor): Work<FeedPosition | null> {
  if (passed === null || passed.cursorSeq !== seq) return null;
  return (yield* hasRowAt(db, 'event', passed.last)) ? passed.last : null;
}

function* commitStep<Answer>(
  db: Statements,
  memory: Memory,
  found: Scan,
  { now }: Page,
  rules: AutomationRules<Answer>,
): Work<AutomationStepped<Answer> | null | typeof OVERTAKEN> {
  const cursor = yield* findCursor(db, AUTOMATIONS_CURSOR);
  const automations = yield* enabledAutomations(db, memory.known, now);
  if (automations !== found.automations || cursor?.seq !== found.cursor?.seq) return OVERTAKEN;
  if (automations.length === 0) {
    yield* fallAsleep(db);
    return null;
  }
  // They were enabled before there was a cursor: by an older program.
  if (cursor === null) {
    yield* ensureCursor(db, AUTOMATIONS_CURSOR, 'newest', now);
    return OVERTAKEN;
  }
  const { entries, isBehind } = found;
  const time = isBehind ? null : now;
  const due = yield* readDueRows(db, rules.dueUntil({ entries, now: time }));
  const fresh = freshOf(automations, memory.stepped);
  const given = { automations, fresh, entries, waiting: yield* readWaitingEvents(db) };
  const needs = rules.needs({ ...given, due });
  const rows = yield* readStateRows(db, due, needs, (read) => rules.rowsNeededBy(automations, read));
  const runTimes = yield* readRunTimes(db, needs.runTimes, (needed) => rules.runTimesKey(needed));
  const step = rules.take({ ...given, rows, runTimes, now: time });
  yield* writeStateRows(db, step.rows, step.clock);
  yield* writeWaitingEvents(db, step.nowWaiting, step.waitNoMore);
  const revision = step.stopped.length === 0 ? 0 : yield* nextRevision(db, now);
  for (const id of step.stopped) {
    const to = 'UPDATE automation SET enabled = 0, updated_at = ?, revision = ? WHERE id = ?';
    yield* db.run(to, now, revision, uuidBytes(id));
    yield* dropStateRows(db, id);
  }
  yield* insertActionOrders(db, step.orders, now);
  const { missedThrough } = cursor;
  if (found.through > cursor.seq || missedThrough !== null)
    yield* moveCursor(db, AUTOMATIONS_CURSOR, found.through, now);
  const { dueAt, waitingSince } = yield* nextTimes(db);
  yield* insertEvents(db, step.events);
  return { answer: step.answer, isBehind, nextAt: rules.nextAt(dueAt, waitingSince), missedThrough };
}

/** Those that were not in the last step of this process as they are now. */
function freshOf(automations: readonly Automation[], stepped: readonly Automation[] | null): ReadonlySet<Automation> {
  if (automations === stepped) return new Set();
  const known = new Set(stepped);
  return new Set(automations.filter((one) => !known.has(one)));
}

/** The last automation was disabled or deleted. */
function* fallAsleep(db: Statements): Work<void> {
  yield* db.run('DELETE FROM event_cursor WHERE name = ?', AUTOMATIONS_CURSOR);
  yield* dropAllState(db);
}
