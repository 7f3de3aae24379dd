/** States that are found by a cache key; the state itself stays with its run. */

import type { CompletedState } from '../../core/state.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';
import type { Statements, Work } from '../driver.ts';
import { uuidBytes } from '../id-value.ts';
import { readState, type StateRow } from '../rows/state.ts';

/** The newest unexpired state under the key. */
export function* findCachedState(db: Statements, key: string, now: Instant): Work<CompletedState | null> {
  const row = yield* db.get<StateRow>(
    'SELECT task_run_state.id AS state_id, type AS state_type, name AS state_name, timestamp AS state_timestamp, ' +
      'message AS state_message, body AS state_body FROM task_state_cache JOIN task_run_state ' +
      'ON task_run_state.run_id = task_state_cache.task_run_id AND task_run_state.id = task_state_cache.state_id ' +
      'WHERE key = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY seq DESC LIMIT 1',
    key,
    now,
  );
  const state = row ? readState(row) : null;
  return state?.type === 'COMPLETED' ? state : null;
}

/** Call inside a transaction. Of older states under the key only those stay that expire after the new one. */
export function* keepCachedState(
  db: Statements,
  run: TaskRun,
  { key, expiresAt }: { readonly key: string; readonly expiresAt: Instant | null },
): Work<void> {
  if (expiresAt === null) yield* db.run('DELETE FROM task_state_cache WHERE key = ?', key);
  else
    yield* db.run(
      'DELETE FROM task_state_cache WHERE key = ? AND (expires_at <= ? OR expires_at <= ?)',
      key,
      expiresAt,
      run.state.timestamp,
    );
  yield* db.run(
    'INSERT INTO task_state_cache (key, expires_at, task_run_id, state_id) VALUES (?, ?, ?, ?)',
    key,
    expiresAt,
    uuidBytes(run.id),
    uuidBytes(run.state.id),
  );
}
