/**
 * States by id. Those of flow runs have an index. For task runs, which have hundreds of times as many states, an index
 * would slow down every step: their state is searched where its event is, and only then among all.
 */

import type { State } from '../../core/state.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, readId, type IdValue } from '../id-value.ts';
import type { QueryStorage } from '../port/query.ts';
import { readState as readStateRow, type StateRow } from '../rows/state.ts';
import { STATE_COLUMNS } from './states.ts';

const COLUMNS = `run_id, ${STATE_COLUMNS}`;
/** An id is made with its state, or moments later. */
const EVENT_SPAN_US = 500_000;
const TASK_RUN_RESOURCE = 'prefect.task-run.';

type FoundState = StateRow & { readonly run_id: IdValue };

export function stateByIdOn(database: Database): Pick<QueryStorage, 'readState'> {
  return { readState: (of, id) => database.read((db) => readState(db, of, id)) };
}

function* readState(
  db: Statements,
  of: 'flow_run' | 'task_run',
  id: string,
): Work<{ readonly state: State; readonly runId: string } | null> {
  const bytes = lookupBytes(id);
  if (bytes === null) return null;
  const row =
    of === 'flow_run'
      ? yield* db.get<FoundState>(`SELECT ${COLUMNS} FROM flow_run_state WHERE id = ?`, bytes)
      : yield* taskRunState(db, id, bytes);
  return row ? { state: readStateRow(row), runId: readId(row.run_id) } : null;
}

function* taskRunState(db: Statements, id: string, bytes: Uint8Array): Work<FoundState | undefined> {
  const runId = (yield* runByReportedEvent(db, bytes)) ?? (yield* runByOwnEvent(db, id, bytes));
  const found =
    runId === null
      ? undefined
      : yield* db.get<FoundState>(`SELECT ${COLUMNS} FROM task_run_state WHERE run_id = ? AND id = ?`, runId, bytes);
  return found ?? (yield* db.get<FoundState>(`SELECT ${COLUMNS} FROM task_run_state WHERE id = ?`, bytes));
}

/** Events of other clients have the id of the state that they report. */
function* runByReportedEvent(db: Statements, id: Uint8Array): Work<IdValue | null> {
  const row = yield* db.get<{ readonly resource_id: string | null }>(
    'SELECT resource_id FROM event WHERE id = ? AND task_run_id IS NULL',
    id,
  );
  const resource = row?.resource_id ?? '';
  return resource.startsWith(TASK_RUN_RESOURCE) ? lookupBytes(resource.slice(TASK_RUN_RESOURCE.length)) : null;
}

/** Events of our own engine are indexed by time, not by id; the id contains the time. */
function* runByOwnEvent(db: Statements, id: string, bytes: Uint8Array): Work<IdValue | null> {
  if (id[14] !== '7') return null;
  const madeUs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) * 1000;
  const row = yield* db.get<{ readonly task_run_id: IdValue }>(
    'SELECT task_run_id FROM event WHERE occurred BETWEEN ? AND ? AND id = ? AND task_run_id IS NOT NULL',
    madeUs - EVENT_SPAN_US,
    madeUs + EVENT_SPAN_US,
    bytes,
  );
  return row?.task_run_id ?? null;
}
