import type { Instant } from '../../../core/time.ts';
import type { Connection } from './connection.ts';

/** See `EventStorage.deleteEventsBefore`. The newest row stays, since the next number follows the largest that is there. */
export function deleteEventsBefore(connection: Connection, occurred: Instant, limit: number): number {
  return connection.write(() => {
    const seqs = connection
      .statement('SELECT seq FROM event WHERE occurred < ? AND seq < (SELECT max(seq) FROM event) ORDER BY occurred LIMIT ?')
      .all(occurred, limit)
      .map((row) => Number(row['seq']));
    if (seqs.length === 0) return 0;
    const list = JSON.stringify(seqs);
    connection
      .statement(
        'DELETE FROM event_resource WHERE (resource_id, seq) IN (' +
          'SELECT event.resource_id, event.seq FROM event WHERE event.seq IN (SELECT value FROM json_each(?1)) AND event.resource_id IS NOT NULL ' +
          "UNION ALL SELECT related.value ->> '$.\"prefect.resource.id\"', event_body.seq FROM event_body, json_each(event_body.related) AS related " +
          'WHERE event_body.seq IN (SELECT value FROM json_each(?1)))',
      )
      .run(list);
    connection.statement('DELETE FROM event_body WHERE seq IN (SELECT value FROM json_each(?))').run(list);
    connection.statement('DELETE FROM event WHERE seq IN (SELECT value FROM json_each(?))').run(list);
    return seqs.length;
  });
}
