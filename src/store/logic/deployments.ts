/**
 * Deployments and their schedules. What changes in a deployment, the runs that are taken back for it and those that are
 * made ahead are one transaction: two servers make a slot's run once, and no run of an old schedule is left.
 */

import { OstinatoError } from '../../core/errors.ts';
import type { Deployment, DeploymentSchedule } from '../../core/deployment.ts';
import type { Flow } from '../../core/flow-run.ts';
import { isUuid, type DeploymentId, type DeploymentScheduleId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { QueueInPool } from '../../core/work-pool.ts';
import { There, type Database, type Statements, type Work } from '../driver.ts';
import { idOrNull, lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type {
  DeploymentChange,
  DeploymentFacts,
  DeploymentKey,
  DeploymentParts,
  DeploymentRecord,
  DeploymentStorage,
  OpenSlotsAsked,
  RunsTakenBack,
} from '../port/deployments.ts';
import {
  deploymentBody,
  readDeploymentRow,
  readDeploymentScheduleRow,
  type DeploymentRow,
  type DeploymentScheduleRow,
} from '../rows/deployment.ts';
import { findLimit, removeLimit, writeLimit } from './concurrency.ts';
import { removeDeployment } from './deployment-removal.ts';
import { insertEvents } from './events.ts';
import { removeFlowRun } from './flow-runs.ts';
import { findFlow, findFlowByName } from './flows.ts';
import {
  forgetSkipped,
  changeSlots,
  insertSlots,
  listDoubtfulSchedules,
  listOpenSlots,
  listSlots,
  takeSlotBack,
} from './schedule-slots.ts';
import { findQueueInPool } from './work-pools.ts';

export function deploymentsOn(database: Database): DeploymentStorage {
  return {
    readDeployment: (key) =>
      database.read(function* (db) {
        return (yield* findFacts(db, key)).found;
      }),
    readDeploymentParts: (deployments) =>
      database.read(function* (db) {
        const parts = new Map<DeploymentId, DeploymentParts>();
        for (const deployment of deployments) parts.set(deployment.id, yield* findParts(db, deployment));
        return parts;
      }),
    changeDeployment: (key, change, open) => database.write((db) => changeDeployment(db, key, change, open)),
    listDueSchedules: (now, limit) =>
      database.read(function* (db) {
        const rows = yield* db.all<{ readonly id: IdValue; readonly deployment_id: IdValue }>(
          'SELECT id, deployment_id FROM deployment_schedule WHERE due_at <= ? ORDER BY due_at LIMIT ?',
          now,
          limit,
        );
        return rows.map((row) => ({
          id: readId<DeploymentScheduleId>(row.id),
          deploymentId: readId<DeploymentId>(row.deployment_id),
        }));
      }),
    listUnpolledDeployments: (before, limit) =>
      database.read(function* (db) {
        const rows = yield* db.all<{ readonly id: IdValue }>(
          'SELECT id FROM deployment WHERE is_ready = 1 AND last_polled_at <= ? ORDER BY last_polled_at LIMIT ?',
          before,
          limit,
        );
        return rows.map(({ id }) => readId<DeploymentId>(id));
      }),
    listDoubtfulSchedules: (now, after, lookedAt) =>
      database.read((db) => listDoubtfulSchedules(db, now, after, lookedAt)),
    listSlots: (id, page) => database.read((db) => listSlots(db, id, page)),
    pollDeployments: ({ ids = [], queueIds = [] }, now, event) =>
      database.write(function* (db) {
        yield* pollDeployments(db, 'id', ids, now, event);
        yield* pollDeployments(db, 'work_queue_id', queueIds, now, event);
      }),
  };
}

const BY_ID = 'SELECT * FROM deployment WHERE id = ?';
const BY_NAME = 'SELECT * FROM deployment WHERE flow_id = ? AND name = ?';
/** Of those that were changed in one go, the one that was made last comes first. */
const SCHEDULES = 'SELECT * FROM deployment_schedule WHERE deployment_id = ? ORDER BY updated_at DESC, id DESC';

/** Inside a transaction. */
export function* findFacts(db: Statements, key: DeploymentKey, open?: OpenSlotsAsked): Work<DeploymentFacts> {
  const { flow, deployment } = yield* findByKey(db, key);
  if (flow === null || deployment === null) return { found: null, flow, openSlots: [] };
  const found: DeploymentRecord = { deployment, flow, ...(yield* findParts(db, deployment)) };
  const openSlots = open === undefined ? [] : yield* listOpenSlots(db, open);
  return { found, flow, openSlots };
}

function* findByKey(
  db: Statements,
  key: DeploymentKey,
): Work<{ readonly flow: Flow | null; readonly deployment: Deployment | null }> {
  if ('id' in key) {
    const bytes = lookupBytes(key.id);
    const deployment = bytes && (yield* db.one(BY_ID, readDeploymentRow, bytes));
    return { deployment, flow: deployment && (yield* findFlow(db, uuidBytes(deployment.flowId))) };
  }
  const flow = yield* 'flowId' in key ? findFlow(db, uuidBytes(key.flowId)) : findFlowByName(db, key.flowName);
  return { flow, deployment: flow && (yield* db.one(BY_NAME, readDeploymentRow, uuidBytes(flow.id), key.name)) };
}

function* findParts(
  db: Statements,
  { id, concurrencyLimitId, workQueueId }: Pick<Deployment, 'id' | 'concurrencyLimitId' | 'workQueueId'>,
): Work<DeploymentParts> {
  const rows = yield* db.all<DeploymentScheduleRow>(SCHEDULES, uuidBytes(id));
  const limit = concurrencyLimitId === null ? null : yield* findLimit(db, 'id', uuidBytes(concurrencyLimitId));
  const queue = yield* findQueueOf(db, { workQueueId });
  return { schedules: rows.map(readDeploymentScheduleRow), limit, queue };
}

function* changeDeployment<Answer>(
  db: Statements,
  key: DeploymentKey,
  change: (facts: DeploymentFacts) => DeploymentChange<Answer>,
  open?: OpenSlotsAsked,
): Work<Answer> {
  const facts = yield* findFacts(db, key, open);
  const { answer, ...changes } = change(facts);
  yield* writeDeploymentChange(db, facts.found, changes);
  return answer;
}

/** Inside a transaction. @param found the deployment as it is; `null`: it is new */
export function* writeDeploymentChange(
  db: Statements,
  found: DeploymentRecord | null,
  changes: Omit<DeploymentChange<unknown>, 'answer'>,
): Work<void> {
  const id = found && uuidBytes(found.deployment.id);
  if (id && changes.takenBack) yield* takeRunsBack(db, id, changes.takenBack);
  if (id && changes.deployment === null) yield* removeDeployment(db, id);
  if (changes.deployment) yield* writeDeployment(db, changes.deployment);
  for (const schedule of changes.deletedSchedules ?? [])
    yield* db.run('DELETE FROM deployment_schedule WHERE id = ?', uuidBytes(schedule));
  yield* writeSchedules(db, changes.schedules ?? []);
  if (changes.limit) yield* writeLimit(db, changes.limit);
  if (changes.deletedLimit) yield* removeLimit(db, uuidBytes(changes.deletedLimit));
  yield* changeSlots(db, changes.changedSlots ?? []);
  yield* insertSlots(db, changes.slots ?? [], changes.slotsKept);
  yield* insertEvents(db, changes.events ?? []);
}

function* pollDeployments(
  db: Statements,
  column: 'id' | 'work_queue_id',
  ids: readonly string[],
  now: Instant,
  event: Parameters<DeploymentStorage['pollDeployments']>[2],
): Work<void> {
  const known = ids.filter(isUuid);
  if (known.length === 0) return;
  const [isPolled, list] = [db.dialect.isOneOf(column, 'id'), db.dialect.list('id', known)];
  const rows = yield* db.all<DeploymentRow>(`SELECT * FROM deployment WHERE is_ready = 0 AND ${isPolled}`, list);
  yield* db.run(`UPDATE deployment SET is_ready = 1, last_polled_at = ? WHERE ${isPolled}`, now, list);
  for (const row of rows) {
    const deployment = { ...readDeploymentRow(row), isReady: true, lastPolledAt: now };
    const flow = yield* findFlow(db, uuidBytes(deployment.flowId));
    const queue = yield* findQueueOf(db, deployment);
    if (flow !== null) yield* insertEvents(db, [event(deployment, flow, queue)]);
  }
}

function findQueueOf(db: Statements, { workQueueId }: Pick<Deployment, 'workQueueId'>): Work<QueueInPool | null> {
  return workQueueId === null ? new There(null) : findQueueInPool(db, uuidBytes(workQueueId));
}

/** Runs that wait for a slot of the deployment have begun already. */
const WAITING =
  "SELECT id, submission, next_scheduled_start_time AS due_at FROM flow_run WHERE deployment_id = ? AND state_type = 'SCHEDULED' " +
  "AND state_name <> 'AwaitingConcurrencySlot' AND run_count = 0 AND next_scheduled_start_time > ?";

function* takeRunsBack(db: Statements, id: IdValue, takenBack: RunsTakenBack): Work<void> {
  const { autoScheduledOnly, dueAfter } = takenBack;
  const rows = yield* db.all<{ readonly id: IdValue; readonly submission: string | null; readonly due_at: Instant }>(
    WAITING,
    id,
    dueAfter ?? Number.MIN_SAFE_INTEGER,
  );
  for (const row of rows) {
    const { autoScheduled } = JSON.parse(row.submission ?? '{}') as { readonly autoScheduled?: boolean };
    if (autoScheduled !== true && autoScheduledOnly) continue;
    yield* removeFlowRun(db, row.id);
    yield* takeSlotBack(db, row.id, row.due_at, takenBack);
  }
  yield* forgetSkipped(db, id, takenBack);
}

function* writeDeployment(db: Statements, deployment: Deployment): Work<void> {
  yield* db.run(
    `INSERT INTO deployment (id, flow_id, name, paused, tags, work_queue_name, work_queue_id, concurrency_limit_id,
    is_ready, last_polled_at, body, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, paused = excluded.paused, tags = excluded.tags,
    work_queue_name = excluded.work_queue_name, work_queue_id = excluded.work_queue_id,
    concurrency_limit_id = excluded.concurrency_limit_id, is_ready = excluded.is_ready,
    last_polled_at = excluded.last_polled_at, body = excluded.body, updated_at = excluded.updated_at`,
    uuidBytes(deployment.id),
    uuidBytes(deployment.flowId),
    deployment.name,
    deployment.paused ? 1 : 0,
    JSON.stringify(deployment.tags),
    deployment.workQueueName,
    idOrNull(deployment.workQueueId),
    idOrNull(deployment.concurrencyLimitId),
    deployment.isReady ? 1 : 0,
    deployment.lastPolledAt,
    JSON.stringify(deploymentBody(deployment)),
    deployment.createdAt,
    deployment.updatedAt,
  );
}

/** Slugs may go from one to another of them: all give theirs up first. */
function* writeSchedules(db: Statements, schedules: readonly DeploymentSchedule[]): Work<void> {
  for (const { id } of schedules)
    yield* db.run('UPDATE deployment_schedule SET slug = NULL WHERE id = ?', uuidBytes(id));
  for (const schedule of schedules) yield* writeSchedule(db, schedule);
}

function* writeSchedule(db: Statements, schedule: DeploymentSchedule): Work<void> {
  const deploymentId = uuidBytes(schedule.deploymentId);
  const other =
    schedule.slug === null
      ? undefined
      : yield* db.get(
          'SELECT 1 FROM deployment_schedule WHERE deployment_id = ? AND slug = ?',
          deploymentId,
          schedule.slug,
        );
  if (other !== undefined)
    throw new OstinatoError('conflict', 'Schedule slugs must be unique within a deployment.', {
      remedy: `Give the schedule another slug than ${JSON.stringify(schedule.slug)}.`,
    });
  yield* db.run(
    `INSERT INTO deployment_schedule (id, deployment_id, active, slug, schedule, parameters, max_scheduled_runs,
    created_at, updated_at, scheduled_through, due_at, settled_through, held_since,
    policy, slot_rules) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET active = excluded.active, slug = excluded.slug, schedule = excluded.schedule,
    parameters = excluded.parameters, max_scheduled_runs = excluded.max_scheduled_runs, updated_at = excluded.updated_at,
    scheduled_through = excluded.scheduled_through, due_at = excluded.due_at,
    settled_through = excluded.settled_through, held_since = excluded.held_since,
    policy = excluded.policy, slot_rules = excluded.slot_rules`,
    uuidBytes(schedule.id),
    deploymentId,
    schedule.active ? 1 : 0,
    schedule.slug,
    JSON.stringify(schedule.schedule),
    schedule.parameters,
    schedule.maxScheduledRuns,
    schedule.createdAt,
    schedule.updatedAt,
    schedule.scheduledThrough,
    schedule.dueAt,
    schedule.settledThrough,
    schedule.heldSince,
    schedule.policy && JSON.stringify(schedule.policy),
    schedule.rules && JSON.stringify(schedule.rules),
  );
}
