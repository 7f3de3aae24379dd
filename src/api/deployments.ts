/** Deployments: made, read, changed, deleted and listed. */

import {
  decodeDeployment,
  decodeLimit,
  decodeNewSchedules,
  decodeQueue,
  decodeScheduleUpdates,
  encodeDeployment,
} from '../contract/deployment.ts';
import {
  CHECK_WORK_QUEUES,
  COUNT_DEPLOYMENTS,
  CREATE_DEPLOYMENT,
  DELETE_DEPLOYMENT,
  DELETE_DEPLOYMENTS,
  FILTER_DEPLOYMENTS,
  PAGINATE_DEPLOYMENTS,
  PAUSE_DEPLOYMENT,
  PAUSE_DEPLOYMENT_OF_OLD,
  READ_DEPLOYMENT,
  READ_DEPLOYMENT_BY_NAME,
  RESUME_DEPLOYMENT,
  RESUME_DEPLOYMENT_OF_OLD,
  UPDATE_DEPLOYMENT,
} from '../contract/deployment-routes.ts';
import { BULK_MAX } from '../contract/body/list.ts';
import { deploymentFilter } from '../contract/filter/infrastructure.ts';
import { deploymentsCondition } from '../contract/filter/related.ts';
import { deploymentSorts } from '../contract/filter/sort.ts';
import { encodeBareQueue } from '../contract/work-queue.ts';
import type { DeploymentId, FlowId } from '../core/ids.ts';
import { EVERYTHING } from '../core/query.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { actorOf, clientOf, creatorOf } from './client.ts';
import { InvalidBody } from './failures.ts';
import { pausedBy } from './paused.ts';
import { checkSize } from './flow-runs.ts';
import { paginate, queryOf } from './lists.ts';
import { created, found, NO_CONTENT, ok, operation, type Answer, type Call, type Operation } from './operation.ts';

export interface DeploymentParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

export function deploymentOperations(parts: DeploymentParts): readonly Operation[] {
  return [...rows(parts), ...lists(parts), ...pauses(parts)];
}

function rows({ useCases, clock }: DeploymentParts): readonly Operation[] {
  const read = async (key: Parameters<UseCases['readDeployment']>[0], headers: Call['headers']) => {
    const row = found(await useCases.readDeployment(key), 'Deployment');
    const { id, paused: isPaused } = row.deployment;
    const told = await pausedBy(useCases, headers, 'deployment', { id, isPaused });
    return { ...encodeDeployment(row, isOld(headers)), ...told };
  };
  return [
    operation(CREATE_DEPLOYMENT, async ({ body, exact, headers }) => {
      checkSize(exact['parameters'] ?? {}, body.parameters);
      checkLimits(body);
      const fields = decodeDeployment(body, exact);
      const problem = await useCases.newParametersProblem(fields);
      if (problem !== null) throw new InvalidBody([], problem, body);
      const { deployment, isNew } = await useCases.createDeployment({
        flowId: body.flow_id.toLowerCase() as FlowId,
        name: body.name,
        fields,
        ...decodeLimit(body),
        ...decodeQueue(body),
        schedules: decodeNewSchedules(body, exact, clock.now()),
        creator: creatorOf(headers),
      });
      const answer = await read({ id: deployment.id }, headers);
      return isNew ? created(answer) : ok(answer);
    }),
    operation(READ_DEPLOYMENT, async ({ params, headers }) =>
      ok(await read({ id: params['id'] as DeploymentId }, headers)),
    ),
    operation(READ_DEPLOYMENT_BY_NAME, async ({ params, headers }) =>
      ok(await read({ flowName: params['flow_name'] ?? '', name: params['deployment_name'] ?? '' }, headers)),
    ),
    operation(UPDATE_DEPLOYMENT, async ({ params, body, exact, headers }) => {
      checkSize(exact['parameters'] ?? {}, body.parameters);
      checkLimits(body);
      await useCases.updateDeployment(
        params['id'] as DeploymentId,
        {
          fields: decodeDeployment(body, exact),
          ...decodeLimit(body),
          ...decodeQueue(body),
          schedules: decodeScheduleUpdates(body, exact, clock.now()),
        },
        actorOf(headers),
      );
      return NO_CONTENT;
    }),
    operation(DELETE_DEPLOYMENT, async ({ params }) => {
      found((await useCases.deleteDeployment(params['id'] as DeploymentId)) || null, 'Deployment');
      return NO_CONTENT;
    }),
    operation(CHECK_WORK_QUEUES, async ({ params }) => {
      const row = found(await useCases.readDeployment({ id: params['id'] as DeploymentId }), 'Deployment');
      return ok((await useCases.queuesFor(row.deployment)).map(encodeBareQueue));
    }),
  ];
}

/** A limit of its own, or one that others share. */
function checkLimits(body: {
  readonly concurrency_limit?: number | null;
  readonly global_concurrency_limit_id?: string | null;
}): void {
  if (body.concurrency_limit && body.global_concurrency_limit_id)
    throw new InvalidBody(
      [],
      'A deployment cannot have both a concurrency limit and a global concurrency limit.',
      body,
    );
}

/** Whether a client of Prefect 2 asks. */
export function isOld(headers: Call['headers']): boolean {
  return clientOf(headers).version?.startsWith('2.') ?? false;
}

function lists({ useCases }: DeploymentParts): readonly Operation[] {
  return [
    operation(FILTER_DEPLOYMENTS, async ({ body, headers }) => {
      const query = queryOf(deploymentsCondition(body), deploymentSorts.of(body.sort), body);
      return ok((await useCases.findDeployments(query)).map((listed) => encodeDeployment(listed, isOld(headers))));
    }),
    operation(COUNT_DEPLOYMENTS, async ({ body }) =>
      ok(await useCases.count('deployment', deploymentsCondition(body))),
    ),
    operation(PAGINATE_DEPLOYMENTS, async ({ body, headers }) => {
      const where = deploymentsCondition(body);
      return ok(
        await paginate(useCases, 'deployment', where, body, async (page) =>
          (await useCases.findDeployments(queryOf(where, deploymentSorts.of(body.sort), page))).map((listed) =>
            encodeDeployment(listed, isOld(headers)),
          ),
        ),
      );
    }),
    operation(DELETE_DEPLOYMENTS, async ({ body }) => {
      const where = body.deployments ? deploymentFilter.condition(body.deployments) : EVERYTHING;
      const deleted: string[] = [];
      for (const { id } of await useCases.find(
        'deployment',
        queryOf(where, deploymentSorts.of(null), { limit: body.limit ?? BULK_MAX }),
      )) {
        if (await useCases.deleteDeployment(id)) deleted.push(id);
      }
      return ok({ deleted });
    }),
  ];
}

function pauses({ useCases }: DeploymentParts): readonly Operation[] {
  const pause = async ({ params, headers }: Pick<Call, 'params' | 'headers'>): Promise<Answer> => {
    await useCases.pauseDeployment(params['id'] as DeploymentId, actorOf(headers));
    return ok(null);
  };
  const resume = async ({ params, headers }: Pick<Call, 'params' | 'headers'>): Promise<Answer> => {
    await useCases.resumeDeployment(params['id'] as DeploymentId, actorOf(headers));
    return ok(null);
  };
  return [
    operation(PAUSE_DEPLOYMENT, pause),
    operation(PAUSE_DEPLOYMENT_OF_OLD, pause),
    operation(RESUME_DEPLOYMENT, resume),
    operation(RESUME_DEPLOYMENT_OF_OLD, resume),
  ];
}
