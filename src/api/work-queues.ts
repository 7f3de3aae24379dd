import { flowRunsBytes } from '../contract/encode/flow-run-text.ts';
import { workQueueFilter } from '../contract/filter/infrastructure.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import {
  CREATE_QUEUE,
  CREATE_QUEUE_IN_POOL,
  DELETE_QUEUE,
  DELETE_QUEUE_IN_POOL,
  encodeQueueHealth,
  encodeSlotHolder,
  encodeWorkQueue,
  LIST_QUEUES,
  LIST_QUEUES_IN_POOL,
  QUEUE_HEALTH,
  QUEUE_SLOTS,
  READ_QUEUE,
  READ_QUEUE_BY_NAME,
  READ_QUEUE_IN_POOL,
  TAKE_RUNS_OF_QUEUE,
  UPDATE_QUEUE,
  UPDATE_QUEUE_IN_POOL,
  type WorkQueueCreate,
  type WorkQueueUpdate,
} from '../contract/work-queue.ts';
import { OstinatoError } from '../core/errors.ts';
import type { WorkQueueId } from '../core/ids.ts';
import { allOf, EVERYTHING, type Condition } from '../core/query.ts';
import { AGENT_POOL_NAME, type WorkPool, type WorkQueue } from '../core/work-pool.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { actorOf } from './client.ts';
import { pausedBy } from './paused.ts';
import { created, json, NO_CONTENT, ok, operation, type Call, type Operation } from './operation.ts';
import { notWithout, timeOf, type WorkPoolParts } from './work-pools.ts';

type Params = Readonly<Record<string, string>>;
type Exact = Readonly<Record<string, unknown>>;

export function workQueueOperations(parts: WorkPoolParts): readonly Operation[] {
  return [...inPools(parts.useCases), ...byId(parts.useCases), ...work(parts)];
}

function inPools(useCases: UseCases): readonly Operation[] {
  const keyOf = (params: Params) => ({ poolName: params['work_pool_name'] as string, name: params['name'] as string });
  return [
    operation(CREATE_QUEUE_IN_POOL, async ({ params, body, exact }) => {
      const { pool, queue } = await useCases.createWorkQueue(
        params['work_pool_name'] as string,
        requestOf(body, exact),
      );
      return created(encodeWorkQueue(queue, pool.name, 0));
    }),
    operation(READ_QUEUE_IN_POOL, async ({ params, headers }) => {
      const { poolName, name } = keyOf(params);
      const facts = await useCases.readWorkPool({ name: poolName });
      const queue = facts?.queues.find((each) => each.name === name);
      if (queue === undefined) throw new OstinatoError('not-found', `Work pool queue '${poolName}/${name}' not found.`);
      return ok(await encodedAlone(useCases, headers, queue, poolName));
    }),
    operation(LIST_QUEUES_IN_POOL, async ({ params, body }) => {
      const poolName = params['work_pool_name'] as string;
      const facts = await useCases.readWorkPool({ name: poolName });
      if (facts === null) throw new OstinatoError('not-found', `Work pool "${poolName}" not found.`);
      const ofPool: Condition = { op: 'eq', field: 'workPoolId', value: facts.pool.id };
      const where = allOf([ofPool, conditionOf(body)]);
      const queues = await useCases.find('work_queue', queryOf(where, [{ field: 'priority', direction: 'asc' }], body));
      return ok(await Promise.all(queues.map((queue) => encoded(useCases, queue, poolName))));
    }),
    operation(UPDATE_QUEUE_IN_POOL, async ({ params, body, exact, headers }) => {
      await useCases.updateWorkQueue(keyOf(params), changeOf(body, exact), actorOf(headers));
      return NO_CONTENT;
    }),
    operation(DELETE_QUEUE_IN_POOL, async ({ params }) => {
      await useCases.deleteWorkQueue(keyOf(params));
      return NO_CONTENT;
    }),
  ];
}

async function encodedAlone(useCases: UseCases, headers: Call['headers'], queue: WorkQueue, poolName: string) {
  return { ...(await encoded(useCases, queue, poolName)), ...(await pausedBy(useCases, headers, 'work-queue', queue)) };
}

function byId(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_QUEUE, async ({ body, exact }) => {
      const { pool, queue } = await useCases.createAgentQueue(requestOf(body, exact));
      return created(encodeWorkQueue(queue, pool.name, 0));
    }),
    operation(READ_QUEUE, async ({ params, headers }) => {
      const { pool, queue } = await queueWithId(useCases, params);
      return ok(await encodedAlone(useCases, headers, queue, pool.name));
    }),
    operation(READ_QUEUE_BY_NAME, async ({ params, headers }) => {
      const facts = await useCases.readWorkPool({ name: AGENT_POOL_NAME });
      const queue = facts?.queues.find(({ name }) => name === params['name']);
      if (queue === undefined) throw new OstinatoError('not-found', MISSING);
      return ok(await encodedAlone(useCases, headers, queue, AGENT_POOL_NAME));
    }),
    operation(LIST_QUEUES, async ({ body }) => {
      const queues = await useCases.find(
        'work_queue',
        queryOf(conditionOf(body), [{ field: 'name', direction: 'asc' }], body),
      );
      const names = await poolNames(useCases, queues);
      return ok(await Promise.all(queues.map((queue) => encoded(useCases, queue, names.get(queue.workPoolId) ?? ''))));
    }),
    operation(UPDATE_QUEUE, async ({ params, body, exact, headers }) => {
      await queueWithId(useCases, params, `Work Queue ${params['id'] ?? ''} not found`);
      await useCases.updateWorkQueue(idOf(params), changeOf(body, exact), actorOf(headers));
      return NO_CONTENT;
    }),
    operation(DELETE_QUEUE, async ({ params }) => {
      await useCases.deleteWorkQueue(idOf(params));
      return NO_CONTENT;
    }),
  ];
}

/** Clients of Prefect's page look with this header, and take nothing. */
const LOOKING_HEADER = 'x-prefect-ui';

function work({ useCases, clock }: WorkPoolParts): readonly Operation[] {
  return [
    operation(TAKE_RUNS_OF_QUEUE, async ({ params, body, headers }) => {
      const window = { before: timeOf(body.scheduled_before), after: null, limit: body.limit ?? LIMIT_DEFAULT };
      const isPoll = String(headers[LOOKING_HEADER] ?? 'false').toLowerCase() !== 'true';
      return json(flowRunsBytes(await useCases.takeDueRunsOfQueue(idOf(params).id, window, isPoll), clock.now()));
    }),
    operation(QUEUE_SLOTS, async ({ params, body }) => {
      const { queue } = await queueWithId(useCases, params, 'Work queue not found.');
      const [limit, page] = [body.limit ?? LIMIT_DEFAULT, body.page ?? 1];
      const count = (await useCases.countSlots([queue])).get(queue.id) ?? 0;
      const offset = (page - 1) * limit;
      const runs = offset >= count ? [] : await useCases.findSlotHolders(queue, { limit, offset });
      return ok({
        active_slots: count,
        concurrency_limit: queue.concurrencyLimit,
        flow_runs: runs.map((run) => encodeSlotHolder(run, clock.now())),
        count,
        limit,
        pages: limit === 0 ? 0 : Math.ceil(count / limit),
        page,
      });
    }),
    operation(QUEUE_HEALTH, async ({ params }) => {
      const { queue } = await queueWithId(useCases, params, `Work queue with id ${params['id'] ?? ''} not found`);
      return ok(encodeQueueHealth(queue, await useCases.countLateRuns(queue), clock.now()));
    }),
  ];
}

const MISSING = 'work queue not found';

function idOf(params: Params) {
  return { id: params['id'] as WorkQueueId };
}

async function queueWithId(
  useCases: UseCases,
  params: Params,
  missing = MISSING,
): Promise<{ readonly pool: WorkPool; readonly queue: WorkQueue }> {
  const { id } = idOf(params);
  const facts = await useCases.readWorkPool({ queueId: id });
  const queue = facts?.queues.find((each) => each.id === id);
  if (facts === null || queue === undefined) throw new OstinatoError('not-found', missing);
  return { pool: facts.pool, queue };
}

async function poolNames(useCases: UseCases, queues: readonly WorkQueue[]): Promise<ReadonlyMap<string, string>> {
  const values = [...new Set(queues.map(({ workPoolId }) => workPoolId))];
  const pools = await useCases.find('work_pool', {
    where: { op: 'in', field: 'id', values },
    sort: [],
    limit: values.length,
    offset: 0,
  });
  return new Map(pools.map(({ id, name }) => [id, name]));
}

async function encoded(useCases: UseCases, queue: WorkQueue, poolName: string) {
  const count = queue.concurrencyLimit === null ? 0 : (await useCases.countSlots([queue])).get(queue.id);
  return encodeWorkQueue(queue, poolName, count ?? 0);
}

function conditionOf({
  work_queues,
}: {
  readonly work_queues?: Parameters<typeof workQueueFilter.condition>[0] | null;
}) {
  const condition: Condition = work_queues ? workQueueFilter.condition(work_queues) : EVERYTHING;
  return condition;
}

function requestOf(body: WorkQueueCreate, exact: Exact) {
  return {
    name: body.name,
    description: body.description ?? '',
    isPaused: body.is_paused ?? false,
    concurrencyLimit: body.concurrency_limit ?? null,
    priority: body.priority ?? null,
    filter: body.filter ? JSON.stringify(exact['filter']) : null,
  };
}

function changeOf(body: WorkQueueUpdate, exact: Exact) {
  const { name, priority } = body;
  if (name === null) throw notWithout('name');
  if (priority === null) throw notWithout('priority');
  return {
    name,
    description: body.description === null ? '' : body.description,
    isPaused: body.is_paused,
    concurrencyLimit: body.concurrency_limit,
    priority,
    lastPolled: body.last_polled === undefined ? undefined : timeOf(body.last_polled),
    filter: body.filter === undefined ? undefined : body.filter && JSON.stringify(exact['filter']),
  };
}
