/**
 * Cursors of consumers of events: see `CursorStorage`.
 *
 * What is behind a cursor is read before the transaction, not inside: events never change, so that it is enough that
 * the cursor still stands where it stood. A transaction that had read them would be in the way of everybody who writes
 * events meanwhile.
 */

import { assert, OstinatoError } from '../../core/errors.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import type { CursorBatch, CursorStep, CursorStorage, EventCursor } from '../port/cursors.ts';
import { eventRowsAfter, insertEvents, newestSeq } from './events.ts';
import { fullEvents } from './full-events.ts';

const NAME_CHARACTERS_MAX = 200;

interface CursorRow {
  readonly name: string;
  readonly seq: number;
  readonly moved_at: number;
  readonly held_at: number | null;
  readonly missed_through: number | null;
}

interface Read extends CursorBatch {
  readonly cursor: EventCursor;
}

/** Another consumer with the same name has committed a step meanwhile. */
const OVERTAKEN = Symbol('overtaken');

export function cursorsOn(database: Database): CursorStorage {
  return {
    ensureCursor: (name, from, now) => database.write((db) => ensureCursor(db, name, from, now)),
    listCursors: () =>
      database.read(function* (db) {
        return (yield* db.all<CursorRow>('SELECT * FROM event_cursor ORDER BY name')).map(readCursorRow);
      }),
    deleteCursor: (name) =>
      database.write(function* (db) {
        return (yield* db.run('DELETE FROM event_cursor WHERE name = ?', name)) > 0;
      }),
    advanceCursor<Answer>(
      name: string,
      { limit, now }: { readonly limit: number; readonly now: Instant },
      take: (batch: CursorBatch) => CursorStep<Answer>,
    ): MaybePromise<{ readonly answer: Answer } | null> {
      // This ends, since each repetition means that another consumer has moved on.
      const step = (): MaybePromise<{ readonly answer: Answer } | null> =>
        chain(
          database.read((db) => readBatch(db, name, limit)),
          (read) =>
            read === null
              ? null
              : chain(
                  database.write((db) => commitStep(db, read, now, take)),
                  (outcome) => (outcome === OVERTAKEN ? step() : outcome),
                ),
        );
      return step();
    },
  };
}

/** See `CursorStorage`; inside a transaction. */
export function* ensureCursor(
  db: Statements,
  name: string,
  from: 'oldest' | 'newest',
  now: Instant,
): Work<EventCursor> {
  const found = yield* findCursor(db, name);
  if (found !== null) return found;
  if (name === '' || name.length > NAME_CHARACTERS_MAX) {
    throw new OstinatoError('bad-input', `A cursor's name has 1 to ${NAME_CHARACTERS_MAX} characters.`, {
      remedy: 'Choose another name.',
    });
  }
  const seq = from === 'oldest' ? 0 : yield* newestSeq(db);
  yield* db.run('INSERT INTO event_cursor (name, seq, moved_at) VALUES (?, ?, ?)', name, seq, now);
  return { name, seq, movedAt: now, missedThrough: null };
}

function* readBatch(db: Statements, name: string, limit: number): Work<Read | null> {
  const cursor = yield* cursorNamed(db, name);
  const rows = yield* eventRowsAfter(db, { afterSeq: cursor.seq, limit });
  if (rows.length === 0) return null;
  return { cursor, events: yield* fullEvents(db, rows), missedThrough: cursor.missedThrough };
}

function* commitStep<Answer>(
  db: Statements,
  { cursor, events, missedThrough }: Read,
  now: Instant,
  take: (batch: CursorBatch) => CursorStep<Answer>,
): Work<{ readonly answer: Answer } | typeof OVERTAKEN> {
  const found = yield* cursorNamed(db, cursor.name);
  if (found.seq !== cursor.seq || found.missedThrough !== missedThrough) return OVERTAKEN;
  const last = events.at(-1)?.seq ?? cursor.seq;
  const { through = last, events: told = [], answer } = take({ events, missedThrough });
  assert(through >= cursor.seq && through <= last, 'a cursor moves forward, within its batch');
  yield* moveCursor(db, cursor.name, through, now);
  yield* insertEvents(db, told);
  return { answer };
}

export function* moveCursor(db: Statements, name: string, through: number, now: Instant): Work<void> {
  yield* db.run(
    'UPDATE event_cursor SET seq = ?, moved_at = ?, held_at = NULL, missed_through = NULL WHERE name = ?',
    through,
    now,
    name,
  );
}

export function findCursor(db: Statements, name: string): Work<EventCursor | null> {
  return db.one('SELECT * FROM event_cursor WHERE name = ?', readCursorRow, name);
}

function* cursorNamed(db: Statements, name: string): Work<EventCursor> {
  const cursor = yield* findCursor(db, name);
  if (cursor !== null) return cursor;
  throw new OstinatoError('not-found', `There is no cursor '${name}'.`, {
    remedy: 'Make it first: nothing is kept for a consumer that has none.',
  });
}

function readCursorRow({ name, seq, moved_at: movedAt, missed_through: missedThrough }: CursorRow): EventCursor {
  return { name, seq, movedAt: movedAt as Instant, missedThrough };
}

/** Which of some old events may be removed, with regard to cursors. */
export class HoldingCursors {
  readonly #rows: readonly CursorRow[];
  readonly #givenUpBefore: Instant;

  private constructor(rows: readonly CursorRow[], givenUpBefore: Instant) {
    this.#rows = rows;
    this.#givenUpBefore = givenUpBefore;
  }

  /**
   * Call inside a transaction. @param givenUpBefore cursors that have held events back since before then no longer do
   */
  static *read(db: Statements, givenUpBefore: Instant): Work<HoldingCursors> {
    return new HoldingCursors(yield* db.all<CursorRow>('SELECT * FROM event_cursor'), givenUpBefore);
  }

  /** Notes which cursors hold some of them back, and which miss some. Returns the rest: those to remove. */
  *release(db: Statements, seqs: readonly number[], now: Instant): Work<readonly number[]> {
    const [holding, givenUp] = [
      this.#rows.filter((row) => this.#holds(row)),
      this.#rows.filter((row) => !this.#holds(row)),
    ];
    const bound = Math.min(...holding.map(({ seq }) => seq));
    const removed = seqs.filter((seq) => seq <= bound);
    const newest = Math.max(...seqs);
    for (const { name, seq, held_at: heldAt } of holding)
      if (heldAt === null && newest > seq)
        yield* db.run('UPDATE event_cursor SET held_at = ? WHERE name = ?', now, name);
    const missed = Math.max(...removed);
    for (const { name, seq, missed_through: before } of givenUp)
      if (missed > seq && missed > (before ?? 0))
        yield* db.run('UPDATE event_cursor SET missed_through = ? WHERE name = ?', missed, name);
    return removed;
  }

  #holds({ held_at: heldAt }: CursorRow): boolean {
    return heldAt === null || heldAt >= this.#givenUpBefore;
  }
}
