import type { Static } from '../contract/type.ts';

import type { TaskRunCreate, TaskRunPolicyIn } from '../contract/body/task-run.ts';
import { instantIn, proposedState } from '../contract/decode/state.ts';
import { inputsOf } from '../contract/decode/task-run-event.ts';
import { encodeExplanation } from '../contract/encode/explanation.ts';
import { encodeTaskRun } from '../contract/encode/task-run.ts';
import { encodeTransition } from '../contract/encode/transition.ts';
import {
  CREATE_TASK_RUN,
  DELETE_TASK_RUN,
  EXPLAIN_TASK_RUN,
  READ_TASK_RUN,
  SET_TASK_RUN_STATE,
  UPDATE_TASK_RUN,
} from '../contract/routes/task-runs.ts';
import type { FlowRunId, IdSource, TaskRunId } from '../core/ids.ts';
import type { CreateTaskRun } from '../core/task-run-request.ts';
import type { TaskRunPolicy } from '../core/task-run.ts';
import type { Clock, Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { clientOf, isStateWritten } from './client.ts';
import { InvalidBody } from './failures.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export interface TaskRunParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
}

export function taskRunOperations({ useCases, clock, ids }: TaskRunParts): readonly Operation[] {
  return [
    operation(CREATE_TASK_RUN, async ({ body, exact }) => {
      const now = clock.now();
      const made = await useCases.createTaskRun(requestOf(body, exact, ids.next<TaskRunId>(), now));
      const encoded = encodeTaskRun(made.run, clock.now());
      return made.created ? created(encoded) : ok(encoded);
    }),
    operation(READ_TASK_RUN, async ({ params }) =>
      ok(encodeTaskRun(found(await useCases.readTaskRun(params['id'] as TaskRunId), 'Task'), clock.now())),
    ),
    operation(UPDATE_TASK_RUN, async ({ params, body }) => {
      const id = params['id'] as TaskRunId;
      // As for a new run: no name, or an empty one, means a drawn name.
      const isThere =
        body.name !== undefined
          ? await useCases.renameTaskRun(id, body.name || null)
          : (await useCases.readTaskRun(id)) !== null;
      found(isThere ? id : null, 'Task run');
      return NO_CONTENT;
    }),
    operation(DELETE_TASK_RUN, async ({ params }) => {
      found((await useCases.deleteTaskRun(params['id'] as TaskRunId)) ? params : null, 'Task');
      return NO_CONTENT;
    }),
    operation(SET_TASK_RUN_STATE, async ({ params, body, exact, headers }) => {
      const answer = await useCases.setTaskRunState({
        id: params['id'] as TaskRunId,
        state: proposedState(body.state, (exact['state'] as Record<string, unknown>)['data'], clock.now()),
        force: body.force ?? false,
        client: clientOf(headers),
      });
      return isStateWritten(answer) ? created(encodeTransition(answer)) : ok(encodeTransition(answer));
    }),
    operation(EXPLAIN_TASK_RUN, async ({ params }) => {
      const run = found(await useCases.readTaskRun(params['id'] as TaskRunId), 'Task run');
      const why = found(await useCases.explainRun(run.id), 'Task run');
      return ok(encodeExplanation(why, { run_id: run.id, kind: 'task_run', name: run.name }));
    }),
  ];
}

function requestOf(
  body: Static<typeof TaskRunCreate>,
  exact: Readonly<Record<string, unknown>>,
  fresh: TaskRunId,
  now: Instant,
): CreateTaskRun {
  const policy = body.empirical_policy ?? {};
  checkPolicy(policy);
  if (body.cache_key && Array.from(body.cache_key).length > CACHE_KEY_CHARACTERS_MAX) {
    throw new InvalidBody(
      ['cache_key'],
      `Cache key exceeded maximum allowed length of ${CACHE_KEY_CHARACTERS_MAX} characters.`,
      body.cache_key,
    );
  }
  return {
    id: (body.id?.toLowerCase() ?? fresh) as TaskRunId,
    flowRunId: (body.flow_run_id?.toLowerCase() ?? null) as FlowRunId | null,
    taskKey: body.task_key,
    dynamicKey: body.dynamic_key,
    name: body.name || undefined,
    tags: body.tags ?? [],
    labels: body.labels ?? {},
    inputs: inputsOf(body.task_inputs ?? {}),
    policy: policyOf(policy),
    empiricalPolicy: policyText(policy),
    taskVersion: body.task_version ?? null,
    cacheKey: body.cache_key ?? null,
    cacheExpiration: instantIn(body.cache_expiration) ?? null,
    state: body.state ? proposedState(body.state, (exact['state'] as Record<string, unknown>)['data'], now) : undefined,
  };
}

/** Source: Prefect 3, `max_cache_key_length`. */
const CACHE_KEY_CHARACTERS_MAX = 2000;

/** Source: Prefect 3, `TaskRunPolicy`. */
const DELAYS_MAX = 50;

function checkPolicy({ retry_delay: delay, retry_jitter_factor: jitter }: PolicyIn): void {
  if (Array.isArray(delay) && delay.length > DELAYS_MAX) {
    throw new InvalidBody(
      ['empirical_policy', 'retry_delay'],
      `Can not configure more than ${DELAYS_MAX} retry delays per task.`,
      delay,
    );
  }
  if (typeof jitter === 'number' && jitter < 0)
    throw new InvalidBody(['empirical_policy', 'retry_jitter_factor'], '`retry_jitter_factor` must be >= 0.', jitter);
}

type PolicyIn = Static<typeof TaskRunPolicyIn>;

function policyOf(policy: PolicyIn): TaskRunPolicy {
  const { retries, delay } = retriesOf(policy);
  return {
    retries: Math.max(0, retries ?? 0),
    retryDelaySeconds: delay === null ? [] : typeof delay === 'number' ? [delay] : delay,
    retryJitterFactor: policy.retry_jitter_factor ?? 0,
    timeoutSeconds: null,
  };
}

/** In Prefect's format, with defaults for absent fields. */
function policyText(policy: PolicyIn): string {
  const { retries, delay } = retriesOf(policy);
  return JSON.stringify({
    max_retries: policy.max_retries ?? 0,
    retry_delay_seconds: policy.retry_delay_seconds ?? 0,
    retries,
    retry_delay: delay,
    retry_jitter_factor: policy.retry_jitter_factor ?? null,
  });
}

/** Retries have an old and a new name. */
function retriesOf(policy: PolicyIn): {
  readonly retries: number | null;
  readonly delay: number | readonly number[] | null;
} {
  // Zero under the new name leaves the old one in effect, as with Prefect's server.
  return {
    retries: policy.retries || policy.max_retries || (policy.retries ?? null),
    delay: policy.retry_delay || policy.retry_delay_seconds || (policy.retry_delay ?? null),
  };
}
