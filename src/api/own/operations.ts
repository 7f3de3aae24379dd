/** Our own resources: each bound to its use case, by the table that the client asks by. */

import { codecOf } from '../../contract/codec.ts';
import { RECORDS_BODY } from '../../contract/json-bounds.ts';
import { OWN_PREFIX, OWN_PROTOCOL, OWN_ROUTES as routes, type OwnRoute } from '../../contract/own/routes.ts';
import type { RouteContract } from '../../contract/route.ts';
import type { ConcurrencyLeaseId, FlowRunId, ProcessId, TaskRunId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Condition } from '../../core/query.ts';
import type { UseCases } from '../../orchestrator/use-cases.ts';
import { NO_CONTENT, ok, type Operation } from '../operation.ts';

export interface OwnApiParts {
  readonly useCases: UseCases;
  /** Of this package. */
  readonly version: string;
}

type Handler<Body, Answer> = (body: Body, params: Readonly<Record<string, string>>) => MaybePromise<Answer | void>;
type RouteName = keyof typeof routes;
type HandlerOf<Route> = Route extends OwnRoute<infer Body, infer Answer> ? Handler<Body, Answer> : never;
type Handlers = { readonly [Name in RouteName]: HandlerOf<(typeof routes)[Name]> };

export function ownOperations({ useCases, version }: OwnApiParts): readonly Operation[] {
  const handlers: Handlers = { ...runHandlers(useCases), ...otherHandlers(useCases, version) };
  return (Object.keys(routes) as RouteName[]).map((name) =>
    bind(name, routes[name] as OwnRoute<unknown, unknown>, handlers[name] as Handler<unknown, unknown>),
  );
}

function bind(
  name: RouteName,
  { method, path, summary, body, answer }: OwnRoute<unknown, unknown>,
  handle: Handler<unknown, unknown>,
): Operation {
  const contract: RouteContract = {
    method,
    path: OWN_PREFIX + path,
    name: `ostinato_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
    tag: 'Ostinato',
    summary,
    ...(body === null ? {} : { body, bodyLimits: RECORDS_BODY }),
    answers: answer === null ? { 204: null } : { 200: answer },
  };
  return {
    contract,
    handle: async (call) => {
      const given = body === null ? undefined : codecOf(body).read(call.body, 'body');
      const answered = await handle(given, call.params);
      return answer === null ? NO_CONTENT : ok(codecOf(answer).write(answered));
    },
  };
}

type RunRoute =
  | 'createFlowRun'
  | 'recordFlowRun'
  | 'listFlowRuns'
  | 'countFlowRuns'
  | 'readFlowRun'
  | 'updateFlowRun'
  | 'deleteFlowRun'
  | 'setFlowRunState'
  | 'resumeFlowRun'
  | 'cancelFlowRun'
  | 'listFlowRunStates'
  | 'listRecordedSteps'
  | 'listFlows'
  | 'recordTaskRuns'
  | 'listTaskRuns'
  | 'countTaskRuns'
  | 'readTaskRun'
  | 'listTaskRunStates'
  | 'listLogs'
  | 'explainRun';

function runHandlers(useCases: UseCases): Pick<Handlers, RunRoute> {
  const flowRun = (params: Readonly<Record<string, string>>): FlowRunId => params['id'] as FlowRunId;
  const taskRun = (params: Readonly<Record<string, string>>): TaskRunId => params['id'] as TaskRunId;
  const countedByState = async (noun: 'flow_run' | 'task_run', where?: Condition): Promise<Record<string, number>> => ({
    ...(await useCases.countByState(noun, where)),
  });
  return {
    createFlowRun: (body) => useCases.createFlowRun(body),
    recordFlowRun: ({ run, states }) => useCases.recordFlowRun(run, states),
    listFlowRuns: (page) => useCases.list('flow_run', bounded(page)),
    countFlowRuns: ({ where }) => countedByState('flow_run', where),
    readFlowRun: (_, params) => useCases.readFlowRun(flowRun(params)),
    updateFlowRun: (body, params) => useCases.updateFlowRun(flowRun(params), body),
    deleteFlowRun: (_, params) => useCases.deleteFlowRun(flowRun(params)),
    setFlowRunState: (body, params) => useCases.setFlowRunState({ ...body, id: flowRun(params) }),
    resumeFlowRun: (body, params) => useCases.resumeFlowRun({ ...body, id: flowRun(params) }),
    cancelFlowRun: (_, params) => useCases.cancelFlowRun(flowRun(params)),
    listFlowRunStates: (_, params) => useCases.listFlowRunStates(flowRun(params)),
    listRecordedSteps: ({ page }, params) =>
      useCases.listRecordedSteps(flowRun(params), { ...page, limit: limit(page.limit) }),
    listFlows: (page) => useCases.list('flow_summary', bounded(page)),
    recordTaskRuns: ({ records, logs }) => useCases.recordTaskRuns(records, logs),
    listTaskRuns: (page) => useCases.list('task_run', bounded(page)),
    countTaskRuns: ({ where }) => countedByState('task_run', where),
    readTaskRun: (_, params) => useCases.readTaskRun(taskRun(params)),
    listTaskRunStates: (_, params) => useCases.listTaskRunStates(taskRun(params)),
    listLogs: (page) => useCases.list('log', bounded(page)),
    explainRun: (_, params) => useCases.explainRun(flowRun(params)),
  };
}

function otherHandlers(useCases: UseCases, version: string): Omit<Handlers, RunRoute> {
  return {
    greet: () => ({ name: 'ostinato', version, protocol: OWN_PROTOCOL }),
    claimCacheKey: (body) => useCases.claimCacheKey(body),
    settleCacheClaim: (body) => useCases.settleCacheClaim(body),
    takeTagSlots: (body) => useCases.takeTagSlots(body),
    renewTagSlots: (body) => useCases.renewTagSlots(body.leaseIds),
    releaseLease: (_, params) => useCases.releaseLease(params['id'] as ConcurrencyLeaseId),
    registerProcess: (body) => useCases.registerProcess(body),
    beat: (_, params) => useCases.beat(params['id'] as ProcessId),
    endProcess: (_, params) => useCases.endProcess(params['id'] as ProcessId),
    reapLostRuns: () => useCases.reapLostRuns(),
  };
}

const LIMIT_MAX = 1000;
const LIMIT_DEFAULT = 50;

function limit(asked: number | undefined): number {
  return Math.min(LIMIT_MAX, Math.max(1, asked ?? LIMIT_DEFAULT));
}

function bounded<Page extends { readonly limit?: number | undefined }>(page: Page): Page {
  return { ...page, limit: limit(page.limit) };
}
