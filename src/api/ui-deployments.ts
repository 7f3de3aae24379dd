/** What our own pages ask for of deployments: see `contract/routes/ui-deployments.ts`. */

import { encodeBackfill } from '../contract/backfill.ts';
import { encodeDeployment } from '../contract/deployment.ts';
import { deploymentsCondition } from '../contract/filter/related.ts';
import { deploymentSorts, flowRunSorts } from '../contract/filter/sort.ts';
import { UI_DEPLOYMENT_PAGE, UI_DEPLOYMENTS_PAGE } from '../contract/routes/ui-deployments.ts';
import type { DeploymentSchedule } from '../core/deployment.ts';
import type { DeploymentId } from '../core/ids.ts';
import { allOf, EVERYTHING, type Condition } from '../core/query.ts';
import { datesAtClockChanges } from '../core/schedules/clock-changes.ts';
import { runDates } from '../core/schedules/slot-dates.ts';
import { formatSchedule } from '../core/schedules/format-schedule.ts';
import type { ScheduledDate } from '../core/schedules/schedule.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { QueueInPool } from '../core/work-pool.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { found, ok, operation, type Operation } from './operation.ts';
import {
  HAS_BEGUN,
  RECENT_RUNS_DEFAULT,
  RUNS_SHOWN,
  SOONEST,
  WAITING_SHOWN,
  WAITS,
  recentOf,
  rowOf,
  shortMessage,
  type PageParts,
} from './ui-rows.ts';

const DATES_SHOWN = 10;
const CLOCK_CHANGES_SHOWN = 3;

const IS_LATE: Condition = { op: 'eq', field: 'stateName', value: 'Late' };

export function uiDeploymentPageOperations({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_DEPLOYMENTS_PAGE, async ({ body }) => {
      const now = clock.now();
      const where = deploymentsCondition(body);
      const listed = await useCases.findDeployments(queryOf(where, deploymentSorts.of(body.sort), body));
      const count = await useCases.count('deployment', where);
      const flowNames = await namesOfFlows(
        useCases,
        listed.map(({ deployment }) => deployment.flowId),
      );
      const deployments: unknown[] = [];
      for (const { deployment, schedules, queue } of listed) {
        const { id, flowId } = deployment;
        const runs = await newestRuns(useCases, id, body.recent_runs ?? RECENT_RUNS_DEFAULT);
        deployments.push({
          id,
          name: deployment.name,
          flow_id: flowId,
          flow_name: flowNames.get(flowId) ?? '',
          description: deployment.description,
          tags: deployment.tags,
          paused: deployment.paused,
          status: deployment.isReady ? 'READY' : 'NOT_READY',
          work_pool_name: queue?.pool.name ?? null,
          work_queue_name: queue?.queue.name ?? deployment.workQueueName,
          schedules: schedules.map(wordsOf),
          next_run_at: instantText(await nextRunAt(useCases, id, deployment.paused ? [] : schedules, now)),
          late_run_count: await countRuns(useCases, id, IS_LATE),
          runs: runs.map(recentOf),
          last_message: shortMessage(runs[0]?.state.message ?? null),
        });
      }
      const hasDeployments = count > 0 || (await useCases.count('deployment', EVERYTHING)) > 0;
      return ok({ as_of: formatInstant(now), deployments, count, has_deployments: hasDeployments });
    }),
    operation(UI_DEPLOYMENT_PAGE, async ({ params }) => {
      const now = clock.now();
      const record = found(await useCases.readDeployment({ id: params['id'] as DeploymentId }), 'Deployment');
      const { id } = record.deployment;
      const waiting = await useCases.find('flow_run', queryOf(runsOf(id, WAITS), SOONEST, { limit: WAITING_SHOWN }));
      return ok({
        as_of: formatInstant(now),
        deployment: encodeDeployment(record),
        flow_name: record.flow.name,
        schedules: record.schedules.map((schedule) => ({
          ...wordsOf(schedule),
          next: runDates(schedule, now, DATES_SHOWN).map(encodeDate),
          at_clock_changes: datesAtClockChanges(schedule.schedule, now, CLOCK_CHANGES_SHOWN).map(encodeDate),
        })),
        backfills: (await newestBackfills(useCases, id)).map(encodeBackfill),
        waiting: waiting.map(rowOf),
        waiting_count: await countRuns(useCases, id, WAITS),
        late_run_count: await countRuns(useCases, id, IS_LATE),
        runs: (await newestRuns(useCases, id, RUNS_SHOWN)).map(rowOf),
        run_count: await countRuns(useCases, id, HAS_BEGUN),
        pool: record.queue && (await poolOf(useCases, record.queue)),
      });
    }),
  ];
}

function runsOf(id: DeploymentId, more: Condition): Condition {
  return allOf([{ op: 'eq', field: 'deploymentId', value: id }, more]);
}

/** Shown of a deployment. */
const BACKFILLS_SHOWN = 20;

function newestBackfills(useCases: UseCases, id: DeploymentId) {
  const where: Condition = { op: 'eq', field: 'deploymentId', value: id };
  return useCases.findBackfills(
    queryOf(where, [{ field: 'createdAt', direction: 'desc' }], { limit: BACKFILLS_SHOWN }),
  );
}

function countRuns(useCases: UseCases, id: DeploymentId, more: Condition) {
  return useCases.count('flow_run', runsOf(id, more));
}

function newestRuns(useCases: UseCases, id: DeploymentId, limit: number) {
  return useCases.find(
    'flow_run',
    queryOf(runsOf(id, HAS_BEGUN), flowRunSorts.of('EXPECTED_START_TIME_DESC'), { limit }),
  );
}

async function namesOfFlows(useCases: UseCases, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const values = [...new Set(ids)];
  if (values.length === 0) return new Map();
  const flows = await useCases.find('flow', queryOf({ op: 'in', field: 'id', values }, [], { limit: values.length }));
  return new Map(flows.map(({ id, name }) => [id, name]));
}

/** Of a run that waits, or of an active schedule: one makes its runs only a while ahead. */
async function nextRunAt(
  useCases: UseCases,
  id: DeploymentId,
  schedules: readonly DeploymentSchedule[],
  now: Instant,
): Promise<Instant | null> {
  const isAhead: Condition = { op: 'gt', field: 'nextScheduledStartTime', value: now };
  const [run] = await useCases.find('flow_run', queryOf(runsOf(id, allOf([WAITS, isAhead])), SOONEST, { limit: 1 }));
  const times = schedules
    .filter(({ active }) => active)
    .flatMap((schedule) => runDates(schedule, now, 1).map(({ instant }) => instant));
  if (run?.state.type === 'SCHEDULED') times.push(run.state.scheduledTime);
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

function instantText(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

function wordsOf({ id, schedule, active }: DeploymentSchedule) {
  return { id, words: formatSchedule(schedule), active };
}

function encodeDate({ instant, nominal, mark }: ScheduledDate) {
  return { at: formatInstant(instant), nominal, mark };
}

async function poolOf(useCases: UseCases, { pool, queue }: QueueInPool) {
  const isOnline: Condition = { op: 'eq', field: 'status', value: 'ONLINE' };
  return {
    name: pool.name,
    type: pool.type,
    is_paused: pool.isPaused,
    status: pool.status,
    queue_name: queue.name,
    is_queue_paused: queue.isPaused,
    online_worker_count: await useCases.count(
      'worker',
      allOf([{ op: 'eq', field: 'workPoolId', value: pool.id }, isOnline]),
    ),
  };
}
