/** See `RetentionStorage`. */

import type { ArtifactId, FlowRunId } from '../../../core/ids.ts';
import type { Instant } from '../../../core/time.ts';
import { lookupBytes, readId, type IdValue } from '../../id-value.ts';
import type { RetentionStorage } from '../../port/retention.ts';
import type { Connection } from './connection.ts';
import { removeFlowRun, SELECT_DESCENDANTS } from './flow-runs.ts';
import { retireLogNumbers } from './logs.ts';

const TERMINAL = "('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')";
const IS_IDLE = (column: string): string =>
  `NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.id = ${column} AND flow_run.state_type NOT IN ${TERMINAL})`;

/** Of the oldest, in one step: what active runs hold is passed over. */
const LOOKED_AT_MAX = 5000;

/** With what belongs to it; `?1` is a JSON list of ids in hexadecimal. */
const OF_TASK_RUNS = ['DELETE FROM task_run_state WHERE run_id', 'DELETE FROM log WHERE task_run_id', 'DELETE FROM artifact WHERE task_run_id', 'DELETE FROM task_run WHERE id'];

export function retentionOn(connection: Connection): RetentionStorage {
  return {
    listEndedRuns: (endedBefore, limit) => connection.read(() => {
      const found: FlowRunId[] = [];
      const rows = connection
        .statement(`SELECT id FROM flow_run WHERE end_time < ? AND state_type IN ${TERMINAL} AND parent_task_run_id IS NULL ORDER BY end_time, id LIMIT ?`)
        .all(endedBefore, limit);
      for (const row of rows) if (isIdle(connection, row['id'] as Uint8Array)) found.push(readId<FlowRunId>(row['id'] as IdValue));
      return found;
    }),
    thinFlowRun: (id, limit) => {
      const bytes = lookupBytes(id);
      return bytes === null ? 0 : connection.write(() => thin(connection, bytes, limit));
    },
    deleteTaskRunsBefore: (endedBefore, limit) => connection.write(() => {
      const ids = connection
        .statement('SELECT id FROM task_run WHERE flow_run_id IS NULL AND end_time < ? ORDER BY flow_run_id, id LIMIT ?')
        .all(endedBefore, limit)
        .map((row) => row['id'] as Uint8Array);
      return removeTaskRuns(connection, ids);
    }),
    deleteLogsBefore: (before, limit) => connection.write(() => {
      // They are numbered nearly in the order of their times: the oldest numbers are looked at, and no more than needed.
      const seqs = connection
        .statement(`SELECT seq FROM (SELECT * FROM log WHERE seq < (SELECT max(seq) FROM log) ORDER BY seq LIMIT ${LOOKED_AT_MAX}) AS log WHERE timestamp < ? AND ${IS_IDLE('log.flow_run_id')} ORDER BY seq LIMIT ?`)
        .all(before, limit)
        .map((row) => Number(row['seq']));
      if (seqs.length > 0) connection.statement('DELETE FROM log WHERE seq IN (SELECT value FROM json_each(?))').run(JSON.stringify(seqs));
      return seqs.length;
    }),
    listArtifactsBefore: (before, limit) => connection.read(() =>
      connection
        .statement(`SELECT id FROM (SELECT * FROM artifact ORDER BY id LIMIT ${LOOKED_AT_MAX}) AS artifact WHERE updated_at < ? AND ${IS_IDLE('artifact.flow_run_id')} ORDER BY id LIMIT ?`)
        .all(before, limit)
        .map((row) => readId<ArtifactId>(row['id'] as IdValue))),
    findNeededResults: (keys, now) => connection.read(() => needed(connection, keys, now)),
  };
}

function isIdle(connection: Connection, id: Uint8Array): boolean {
  const [first] = connection
    .statement(`SELECT 1 AS found FROM flow_run WHERE id IN (${SELECT_DESCENDANTS}) AND state_type NOT IN ${TERMINAL} LIMIT 1`)
    .all(id);
  return first === undefined;
}

/** Those below first: by the task run that stands for it a run is found. */
function thin(connection: Connection, id: Uint8Array, limit: number): number {
  const family = connection.statement(SELECT_DESCENDANTS).all(id).map((row) => row['id'] as Uint8Array);
  if (family.length === 0 || !isIdle(connection, id)) return 0;
  let left = limit;
  for (const member of family.toReversed()) {
    const ids = connection.statement('SELECT id FROM task_run WHERE flow_run_id = ? ORDER BY id LIMIT ?').all(member, left).map((row) => row['id'] as Uint8Array);
    left -= removeTaskRuns(connection, ids);
    if (left > 0) left -= removeLogs(connection, member, left);
    if (left <= 0) break;
    if (member !== family[0]) {
      removeFlowRun(connection, member);
      left -= 1;
    }
  }
  return limit - Math.max(0, left);
}

function removeTaskRuns(connection: Connection, ids: readonly Uint8Array[]): number {
  if (ids.length === 0) return 0;
  retireLogNumbers(connection);
  const list = JSON.stringify(ids.map((id) => Buffer.from(id).toString('hex')));
  for (const deletion of OF_TASK_RUNS) connection.statement(`${deletion} IN (SELECT unhex(value) FROM json_each(?))`).run(list);
  return ids.length;
}

function removeLogs(connection: Connection, flowRun: Uint8Array, limit: number): number {
  retireLogNumbers(connection);
  return Number(connection.statement('DELETE FROM log WHERE seq IN (SELECT seq FROM log WHERE flow_run_id = ? LIMIT ?)').run(flowRun, limit).changes);
}

function needed(connection: Connection, keys: readonly string[], now: Instant): readonly string[] {
  const asked = JSON.stringify(keys);
  const key = (column: string): string => `${column} ->> '$.key'`;
  const cached = connection
    .statement(`SELECT ${key('data')} AS key FROM cache_entry WHERE (expires_at IS NULL OR expires_at > ?) AND ${key('data')} IN (SELECT value FROM json_each(?))`)
    .all(now, asked);
  const active = connection
    .statement(
      `SELECT state.body ->> '$.data.key' AS key FROM flow_run JOIN task_run ON task_run.flow_run_id = flow_run.id JOIN task_run_state AS state ON state.run_id = task_run.id ` +
        `WHERE flow_run.state_type NOT IN ${TERMINAL} AND state.body ->> '$.data.key' IN (SELECT value FROM json_each(?))`,
    )
    .all(asked);
  const parameters = connection
    .statement(`SELECT value AS key FROM json_each(?) WHERE EXISTS (SELECT 1 FROM flow_run WHERE state_type NOT IN ${TERMINAL} AND instr(parameters, json_each.value) > 0)`)
    .all(asked);
  return [...new Set([...cached, ...active, ...parameters].map((row) => String(row['key'])))];
}
