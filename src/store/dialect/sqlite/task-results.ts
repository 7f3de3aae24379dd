/** States that are kept by a cache key; the state itself stays where it is, in its run. */

import type { CompletedState } from '../../../core/state.ts';
import type { TaskRun } from '../../../core/task-run.ts';
import type { Instant } from '../../../core/time.ts';
import { uuidBytes } from '../../id-value.ts';
import { readState, type StateRow } from '../../rows/state.ts';
import type { Connection } from './connection.ts';

export function readCachedState(connection: Connection, key: string, now: Instant): CompletedState | null {
  const row = connection.read(() =>
    connection
      .statement(
        'SELECT task_run_state.id AS state_id, type AS state_type, name AS state_name, timestamp AS state_timestamp, ' +
          'message AS state_message, body AS state_body FROM task_state_cache JOIN task_run_state ' +
          'ON task_run_state.run_id = task_state_cache.task_run_id AND task_run_state.id = task_state_cache.state_id ' +
          'WHERE key = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY seq DESC LIMIT 1',
      )
      .get(key, now));
  const state = row ? readState(row as unknown as StateRow) : null;
  return state?.type === 'COMPLETED' ? state : null;
}

/** Inside a transaction. Of the older ones under the key only those stay that outlive the new one. */
export function keepCachedState(connection: Connection, run: TaskRun, { key, expiresAt }: { readonly key: string; readonly expiresAt: Instant | null }): void {
  connection
    .statement('DELETE FROM task_state_cache WHERE key = ?1 AND (?2 IS NULL OR expires_at <= ?2 OR expires_at <= ?3)')
    .run(key, expiresAt, run.state.timestamp);
  connection
    .statement('INSERT INTO task_state_cache (key, expires_at, task_run_id, state_id) VALUES (?, ?, ?, ?)')
    .run(key, expiresAt, uuidBytes(run.id), uuidBytes(run.state.id));
}
