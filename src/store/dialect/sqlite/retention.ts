/** See `RetentionStorage`. */

import type { ArtifactId, FlowRunId } from '../../../core/ids.ts';
import type { Instant } from '../../../core/time.ts';
import { lookupBytes, readId, type IdValue } from '../../id-value.ts';
import type { EndedRunPlace, RetentionStorage } from '../../port/retention.ts';
import type { Connection } from './connection.ts';
import { removeFlowRun, SELECT_DESCENDANTS } from './flow-runs.ts';
import { retireLogNumbers } from './logs.ts';

const TERMINAL = "('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')";
const IS_IDLE = (column: string): string =>
  `NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.id = ${column} AND flow_run.state_type NOT IN ${TERMINAL})`;

/** In one step: what active runs hold is passed over. */
const LOOKED_AT_MAX = 2000;

/** With what belongs to it; `?1` is a JSON list of ids in hexadecimal. */
const OF_TASK_RUNS = ['DELETE FROM task_run_state WHERE run_id', 'DELETE FROM log WHERE task_run_id', 'DELETE FROM artifact WHERE task_run_id', 'DELETE FROM task_run WHERE id'];

export function retentionOn(connection: Connection): RetentionStorage {
  return {
    listEndedRuns: (endedBefore, after, limit) => connection.read(() => {
      const rows = connection
        .statement(
          `SELECT id, end_time FROM flow_run WHERE end_time < ?1 AND (end_time, id) > (?2, ?3) AND state_type IN ${TERMINAL} AND parent_task_run_id IS NULL ` +
            'ORDER BY end_time, id LIMIT ?4',
        )
        .all(endedBefore, after?.endTime ?? Number.MIN_SAFE_INTEGER, bytesOf(after?.id), limit)
        .map((row) => ({ bytes: row['id'] as Uint8Array, place: { endTime: Number(row['end_time']) as Instant, id: readId<FlowRunId>(row['id'] as IdValue) } }));
      return {
        found: rows.filter(({ bytes }) => isIdle(connection, bytes)).map(({ place }) => place.id),
        next: rows.length < limit ? null : ((rows.at(-1) as (typeof rows)[number]).place satisfies EndedRunPlace),
      };
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
    deleteLogsBefore: (before, after, limit) => connection.write(() => {
      // They are numbered nearly in the order of their times.
      const last = lastLookedAt(connection, 'SELECT seq, timestamp AS made FROM log WHERE seq > ?1 AND seq < (SELECT max(seq) FROM log) ORDER BY seq', after ?? -1, before);
      if (last === null) return { found: 0, next: null };
      const seqs = connection
        .statement(`SELECT seq FROM log WHERE seq > ? AND seq <= ? AND timestamp < ? AND ${IS_IDLE('log.flow_run_id')} ORDER BY seq LIMIT ?`)
        .all(after ?? -1, last.key, before, limit)
        .map((row) => Number(row['seq']));
      if (seqs.length > 0) connection.statement('DELETE FROM log WHERE seq IN (SELECT value FROM json_each(?))').run(JSON.stringify(seqs));
      return { found: seqs.length, next: seqs.length === limit ? (seqs.at(-1) as number) : last.isEnd ? null : Number(last.key) };
    }),
    listArtifactsBefore: (before, after, limit) => connection.read(() => {
      // Nothing was changed before it was made, and ids are in the order in which they were made.
      const last = lastLookedAt(connection, 'SELECT id AS seq, created_at AS made FROM artifact WHERE id > ?1 ORDER BY id', bytesOf(after), before);
      if (last === null) return { found: [], next: null };
      const found = connection
        .statement(`SELECT id FROM artifact WHERE id > ? AND id <= ? AND updated_at < ? AND ${IS_IDLE('artifact.flow_run_id')} ORDER BY id LIMIT ?`)
        .all(bytesOf(after), last.key, before, limit)
        .map((row) => readId<ArtifactId>(row['id'] as IdValue));
      return { found, next: found.length === limit ? (found.at(-1) as ArtifactId) : last.isEnd ? null : readId<ArtifactId>(last.key as IdValue) };
    }),
    findNeededResults: (keys, now) => connection.read(() => needed(connection, keys, now)),
  };
}

/** Before every id. */
const FIRST_BYTES = new Uint8Array();

function bytesOf(id: FlowRunId | ArtifactId | null | undefined): Uint8Array {
  return (id === null || id === undefined ? null : lookupBytes(id)) ?? FIRST_BYTES;
}

/**
 * The last row that a step looks at, by its key; the end when none is behind it, or when none of those looked at is old.
 * `null`: there is none to look at.
 * @param rows selects `seq`, the key, and `made`, behind the key that is `?1`
 */
function lastLookedAt(connection: Connection, rows: string, after: number | Uint8Array, before: Instant): { readonly key: number | Uint8Array; readonly isEnd: boolean } | null {
  const [row] = connection
    .statement(`SELECT max(seq) AS last, count(*) AS count, min(made) AS first FROM (${rows} LIMIT ${LOOKED_AT_MAX})`)
    .all(after);
  if (row === undefined || row['last'] === null) return null;
  return { key: row['last'] as number | Uint8Array, isEnd: Number(row['count']) < LOOKED_AT_MAX || Number(row['first']) >= before };
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
