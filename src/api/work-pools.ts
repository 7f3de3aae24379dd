import { workPoolFilter } from '../contract/filter/infrastructure.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import {
  COUNT_WORK_POOLS,
  CREATE_WORK_POOL,
  DELETE_WORK_POOL,
  encodeDueRun,
  encodeWorkPool,
  LIST_WORK_POOLS,
  READ_WORK_POOL,
  storageConfigurationText,
  TAKE_DUE_RUNS,
  UPDATE_WORK_POOL,
  WORK_POOL_SLOTS,
} from '../contract/work-pool.ts';
import { encodeSlotHolder } from '../contract/work-queue.ts';
import { OstinatoError } from '../core/errors.ts';
import { EVERYTHING, type Condition } from '../core/query.ts';
import { parseInstant, type Clock, type Instant } from '../core/time.ts';
import { AGENT_POOL_TYPE, type WorkPool, type WorkQueue } from '../core/work-pool.ts';
import { jobTemplateProblem } from '../core/work-pool-rules.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { actorOf, clientOf } from './client.ts';
import { InvalidBody } from './failures.ts';
import { queryOf } from './lists.ts';
import { pausedBy } from './paused.ts';
import { created, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export interface WorkPoolParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

const BY_NAME = [{ field: 'name', direction: 'asc' }] as const;

export function workPoolOperations(parts: WorkPoolParts): readonly Operation[] {
  return [...rows(parts.useCases), ...slots(parts)];
}

function rows(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_WORK_POOL, async ({ body, exact, headers }) => {
      if (/^[' "]*$/.test(body.name)) throw new InvalidBody(['name'], 'name cannot be an empty string', body.name);
      checkTemplate(body.base_job_template);
      const pool = await useCases.createWorkPool({
        name: body.name,
        description: body.description ?? null,
        type: body.type ?? AGENT_POOL_TYPE,
        baseJobTemplate: JSON.stringify(exact['base_job_template'] ?? {}),
        isPaused: body.is_paused ?? false,
        concurrencyLimit: body.concurrency_limit ?? null,
        storageConfiguration: storageConfigurationText(exact['storage_configuration']),
      });
      return created(encodeWorkPool(pool, 0, clientOf(headers).version));
    }),
    operation(READ_WORK_POOL, async ({ params, headers }) => {
      const { pool, queues } = await poolNamed(useCases, params['name'] as string);
      const encodedPool = encodeWorkPool(pool, await activeSlotsOf(useCases, pool, queues), clientOf(headers).version);
      return ok({ ...encodedPool, ...(await pausedBy(useCases, headers, 'work-pool', pool)) });
    }),
    operation(LIST_WORK_POOLS, async ({ body, headers }) => {
      const pools = await useCases.find('work_pool', queryOf(conditionOf(body), BY_NAME, body));
      const { version } = clientOf(headers);
      return ok(await Promise.all(pools.map((pool) => encoded(useCases, pool, version))));
    }),
    operation(COUNT_WORK_POOLS, async ({ body }) => ok(await useCases.count('work_pool', conditionOf(body)))),
    operation(UPDATE_WORK_POOL, async ({ params, body, exact, headers }) => {
      const name = params['name'] as string;
      checkTemplate(body.base_job_template);
      for (const field of ['is_paused', 'base_job_template', 'storage_configuration'] as const)
        if (body[field] === null) throw notWithout(field);
      await useCases.updateWorkPool(
        name,
        {
          description: body.description,
          isPaused: body.is_paused ?? undefined,
          baseJobTemplate: body.base_job_template ? JSON.stringify(exact['base_job_template']) : undefined,
          concurrencyLimit: body.concurrency_limit,
          storageConfiguration: body.storage_configuration
            ? storageConfigurationText(exact['storage_configuration'])
            : undefined,
        },
        actorOf(headers),
      );
      return NO_CONTENT;
    }),
    operation(DELETE_WORK_POOL, async ({ params }) => {
      await useCases.deleteWorkPool(params['name'] as string);
      return NO_CONTENT;
    }),
  ];
}

function slots({ useCases, clock }: WorkPoolParts): readonly Operation[] {
  return [
    operation(WORK_POOL_SLOTS, async ({ params, body }) => {
      const name = params['name'] as string;
      const { pool, queues } = await poolNamed(useCases, name);
      const [limit, page] = [body.limit ?? LIMIT_DEFAULT, body.page ?? 1];
      const counts = await useCases.countSlots(queues);
      const now = clock.now();
      const shown = queues.slice((page - 1) * limit, page * limit);
      return ok({
        active_slots: sum(counts.values()),
        concurrency_limit: pool.concurrencyLimit,
        queues: await Promise.all(
          shown.map(async (queue) => ({
            queue_id: queue.id,
            queue_name: queue.name,
            active_slots: counts.get(queue.id) ?? 0,
            concurrency_limit: queue.concurrencyLimit,
            flow_runs: (await useCases.findSlotHolders(queue, { limit: body.flow_run_limit ?? 10, offset: 0 })).map(
              (run) => encodeSlotHolder(run, now),
            ),
            flow_run_count: counts.get(queue.id) ?? 0,
          })),
        ),
        count: queues.length,
        limit,
        pages: limit === 0 ? 0 : Math.ceil(queues.length / limit),
        page,
      });
    }),
    operation(TAKE_DUE_RUNS, async ({ params, body }) => {
      const { pool, given } = await useCases.takeDueRuns({
        poolName: params['name'] as string,
        queueNames: body.work_queue_names ?? [],
        before: timeOf(body.scheduled_before),
        after: timeOf(body.scheduled_after),
        limit: body.limit ?? LIMIT_DEFAULT,
      });
      const now = clock.now();
      return ok(given.map(({ queue, run }) => encodeDueRun(pool.id, queue.id, run, now)));
    }),
  ];
}

/** `null`: none was said. */
export function timeOf(text: string | null | undefined): Instant | null {
  return text === null || text === undefined ? null : parseInstant(text);
}

async function poolNamed(useCases: UseCases, name: string) {
  const facts = await useCases.readWorkPool({ name });
  if (facts === null) throw new OstinatoError('not-found', `Work pool "${name}" not found.`);
  return facts;
}

async function encoded(useCases: UseCases, pool: WorkPool, version: string | null) {
  if (pool.concurrencyLimit === null) return encodeWorkPool(pool, 0, version);
  const facts = await useCases.readWorkPool({ id: pool.id });
  return encodeWorkPool(pool, await activeSlotsOf(useCases, pool, facts?.queues ?? []), version);
}

async function activeSlotsOf(useCases: UseCases, pool: WorkPool, queues: readonly WorkQueue[]): Promise<number> {
  return pool.concurrencyLimit === null ? 0 : sum((await useCases.countSlots(queues)).values());
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}

function conditionOf({ work_pools }: { readonly work_pools?: Parameters<typeof workPoolFilter.condition>[0] | null }) {
  const condition: Condition = work_pools ? workPoolFilter.condition(work_pools) : EVERYTHING;
  return condition;
}

function checkTemplate(template: Readonly<Record<string, unknown>> | null | undefined): void {
  const problem = template ? jobTemplateProblem(template) : null;
  if (problem !== null) throw new InvalidBody(['base_job_template'], problem, template);
}

/** With Prefect's server a constraint of the database speaks, which names another cause. */
export function notWithout(field: string): OstinatoError {
  return new OstinatoError('conflict', `Data integrity conflict. It cannot be without ${field}.`);
}
