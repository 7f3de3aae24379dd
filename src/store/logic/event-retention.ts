/** Removes old events: see `EventStorage.deleteEventsBefore`. */

import { RESOURCE_ID } from '../../core/event.ts';
import type { Database, Statements, Work } from '../driver.ts';
import type { EventStorage } from '../port/events.ts';
import { HoldingCursors } from './cursors.ts';

export function eventRetentionOn(database: Database): Pick<EventStorage, 'deleteEventsBefore'> {
  return {
    // The newest row stays: where the logic counts, the next number follows the largest one that exists.
    deleteEventsBefore: (occurred, limit, { now, givenUpBefore }) =>
      database.write(function* (db) {
        const rows = yield* db.all<{ readonly seq: number }>(
          'SELECT seq FROM event WHERE occurred < ? AND seq < (SELECT max(seq) FROM event) ORDER BY occurred LIMIT ?',
          occurred,
          limit,
        );
        if (rows.length === 0) return 0;
        const cursors = yield* HoldingCursors.read(db, givenUpBefore);
        const old = rows.map(({ seq }) => seq);
        const released = yield* cursors.release(db, old, now);
        if (released.length > 0) yield* removeEvents(db, released);
        return released.length;
      }),
  };
}

function* removeEvents(db: Statements, seqs: readonly number[]): Work<void> {
  const { isOneOf, elements, jsonText } = db.dialect;
  const list = db.dialect.list('number', seqs);
  yield* db.run(
    'DELETE FROM event_resource WHERE (resource_id, seq) IN (' +
      `SELECT event.resource_id, event.seq FROM event WHERE ${isOneOf('event.seq', 'number')} AND event.resource_id IS NOT NULL ` +
      `UNION ALL SELECT ${jsonText('related.value', [RESOURCE_ID])}, event_body.seq FROM event_body CROSS JOIN ${elements('event_body.related', 'related')} ` +
      `WHERE ${isOneOf('event_body.seq', 'number')})`,
    list,
    list,
  );
  yield* db.run(`DELETE FROM event_body WHERE ${isOneOf('seq', 'number')}`, list);
  yield* db.run(`DELETE FROM event WHERE ${isOneOf('seq', 'number')}`, list);
}
