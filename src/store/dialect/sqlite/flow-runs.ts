/** Flow runs: what the run path asks for, as prepared SQL. */

import type { OutboxEvent } from '../../../core/event.ts';
import type { FlowRunFilter, Page } from '../../../core/filter.ts';
import type { FlowRun } from '../../../core/flow-run.ts';
import type { FlowRunId } from '../../../core/ids.ts';
import type { Instant } from '../../../core/time.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import { pageRows } from '../../page.ts';
import { FLOW_RUN_SELECTION, readFlowRunRow, type FlowRunRow } from '../../rows/flow-run.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';
import { forgetFlowRun } from './flow-run-memory.ts';
import { retireLogNumbers } from './logs.ts';
import { insertFlowRunStates } from './states.ts';

const SELECT_FLOW_RUN =
  `SELECT ${FLOW_RUN_SELECTION.join(', ')} FROM flow_run JOIN flow ON flow.id = flow_run.flow_id ` +
  'JOIN flow_run_state ON flow_run_state.run_id = flow_run.id AND flow_run_state.id = flow_run.state_id';

const FLOW_RUN_COLUMNS = [
  'id', 'flow_id', 'name', 'flow_version', 'parameters', 'tags', 'labels', 'state_id', 'state_type', 'state_name', 'state_timestamp',
  'run_count', 'policy', 'durability', 'parent_task_run_id', 'parent_flow_run_id', 'idempotency_key', 'entrypoint', 'lease_process_id',
  'lease_token', 'created_at', 'expected_start_time', 'start_time', 'end_time', 'total_run_time_us', 'deployment_id', 'work_queue_id',
  'next_scheduled_start_time', 'submission', 'updated_at',
] as const;

const WRITE_FLOW_RUN =
  `INSERT INTO flow_run (${FLOW_RUN_COLUMNS.join(', ')}) VALUES (${FLOW_RUN_COLUMNS.map(() => '?').join(', ')}) ` +
  `ON CONFLICT (id) DO UPDATE SET ${FLOW_RUN_COLUMNS.slice(1).map((column) => `${column} = excluded.${column}`).join(', ')}`;

export function findByIdempotencyKey(connection: Connection, run: FlowRun): FlowRun | null {
  if (run.idempotencyKey === null) return null;
  const row = connection
    .statement(`${SELECT_FLOW_RUN} WHERE flow_run.flow_id = ? AND flow_run.idempotency_key = ?`)
    .get(uuidBytes(run.flowId), run.idempotencyKey);
  return row ? readFlowRunRow(row as unknown as FlowRunRow) : null;
}

export function findFlowRun(connection: Connection, id: Uint8Array): FlowRun | null {
  const row = connection.statement(`${SELECT_FLOW_RUN} WHERE flow_run.id = ?`).get(id);
  return row ? readFlowRunRow(row as unknown as FlowRunRow) : null;
}

export function readFlowRun(connection: Connection, id: FlowRunId): FlowRun | null {
  const bytes = lookupBytes(id);
  return bytes && connection.read(() => findFlowRun(connection, bytes));
}

/** Inside a transaction: the row and, where it is not there yet, the state that the row is in. */
export function writeFlowRun(connection: Connection, run: FlowRun): void {
  forgetFlowRun(connection, run.id);
  const id = uuidBytes(run.id);
  insertFlowRunStates(connection, id, [run.state]);
  connection.statement(WRITE_FLOW_RUN).run(
    id, uuidBytes(run.flowId), run.name, run.flowVersion, JSON.stringify(run.parameters), JSON.stringify(run.tags),
    JSON.stringify(run.labels), uuidBytes(run.state.id), run.state.type, run.state.name, run.state.timestamp, run.runCount,
    JSON.stringify(run.policy), run.durability, idOrNull(run.parentTaskRunId), idOrNull(run.parentFlowRunId), run.idempotencyKey,
    run.entrypoint === null ? null : JSON.stringify(run.entrypoint), idOrNull(run.lease?.processId ?? null), run.lease?.token ?? null,
    run.createdAt, run.expectedStartTime, run.startTime, run.endTime, run.totalRunTimeUs,
    idOrNull(run.submission?.deploymentId ?? null), idOrNull(run.submission?.workQueueId ?? null),
    run.state.type === 'SCHEDULED' ? run.state.scheduledTime : null, run.submission === null ? null : JSON.stringify(run.submission), run.updatedAt ?? null,
  );
}

function idOrNull(id: string | null): Uint8Array | null {
  return id === null ? null : uuidBytes(id);
}

/** Rows that belong to a flow run, the ones found through others first. */
const DELETIONS = [
  'DELETE FROM task_run_state WHERE run_id IN (SELECT id FROM task_run WHERE flow_run_id = ?)',
  'DELETE FROM log WHERE task_run_id IN (SELECT id FROM task_run WHERE flow_run_id = ?)',
  'DELETE FROM artifact WHERE task_run_id IN (SELECT id FROM task_run WHERE flow_run_id = ?)',
  'DELETE FROM task_run WHERE flow_run_id = ?',
  'DELETE FROM log WHERE flow_run_id = ?',
  'DELETE FROM artifact WHERE flow_run_id = ?',
  'DELETE FROM flow_run_state WHERE run_id = ?',
  'DELETE FROM flow_run_input WHERE flow_run_id = ?',
];

export function deleteFlowRun(connection: Connection, id: FlowRunId, event: OutboxEvent): boolean {
  const bytes = lookupBytes(id);
  if (bytes === null) return false;
  return connection.write(() => {
    if (!removeFlowRun(connection, bytes)) return false;
    insertEvents(connection, [event]);
    return true;
  });
}

/** A subflow run hangs on the task run that stands for it in its parent. */
export const SELECT_DESCENDANTS =
  'WITH RECURSIVE family (id) AS (SELECT ? UNION SELECT flow_run.id FROM family JOIN task_run ON task_run.flow_run_id = family.id ' +
  'JOIN flow_run ON flow_run.parent_task_run_id = task_run.id) SELECT id FROM family';

/** With its subflow runs, inside a transaction; answers whether it was there. */
export function removeFlowRun(connection: Connection, id: Uint8Array): boolean {
  if (connection.statement('SELECT 1 FROM flow_run WHERE id = ?').get(id) === undefined) return false;
  retireLogNumbers(connection);
  for (const row of connection.statement(SELECT_DESCENDANTS).all(id)) {
    const member = row['id'] as Uint8Array;
    forgetFlowRun(connection, member);
    connection.statement('DELETE FROM flow_run WHERE id = ?').run(member);
    for (const deletion of DELETIONS) connection.statement(deletion).run(member);
  }
  return true;
}

/**
 * The filters by which a starting process looks for runs that lost theirs; they must not load the query compiler.
 * `null` when the filter asks for more.
 */
export function listFlowRunsByHolder(
  connection: Connection, filter: FlowRunFilter, page: Page<FlowRunId>,
): readonly FlowRun[] | null {
  const { stateTypes, processId, ...others } = filter;
  if (Object.values(others).some((value) => value !== undefined)) return null;
  if (stateTypes === undefined && processId === undefined) return null;
  const conditions = [
    ...(stateTypes ? ['flow_run.state_type IN (SELECT value FROM json_each(?))'] : []),
    ...(processId ? ['flow_run.lease_process_id = ?'] : []),
    ...(page.after === undefined ? [] : ['flow_run.id < ?']),
  ];
  return connection.read(() =>
    connection
      .statement(`${SELECT_FLOW_RUN} WHERE ${conditions.join(' AND ')} ORDER BY flow_run.id DESC LIMIT ?`)
      .all(
        ...(stateTypes ? [JSON.stringify(stateTypes)] : []), ...(processId ? [uuidBytes(processId)] : []),
        ...(page.after === undefined ? [] : [uuidBytes(page.after)]), pageRows(page.limit),
      )
      .map((row) => readFlowRunRow(row as unknown as FlowRunRow)),
  );
}

export function listCancelledRuns(
  connection: Connection, since: Instant, page: { readonly after?: FlowRunId | undefined; readonly limit: number },
): readonly FlowRun[] {
  // The state is a literal, so that the index of cancelled runs is taken.
  return connection.read(() =>
    connection
      .statement(`${SELECT_FLOW_RUN} WHERE flow_run.state_type = 'CANCELLED' AND flow_run.end_time >= ? AND flow_run.id > ? ORDER BY flow_run.id LIMIT ?`)
      .all(since, page.after === undefined ? new Uint8Array(0) : uuidBytes(page.after), pageRows(page.limit))
      .map((row) => readFlowRunRow(row as unknown as FlowRunRow)),
  );
}
