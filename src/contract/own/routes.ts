/**
 * Our own resources, below `/api/ostinato`: what our engine asks beside Prefect's wire. One table for both sides: the
 * client asks by it (`client/http/own`), the server binds its operations to it (`api/own`).
 */

import type { Method } from '../route.ts';
import * as entity from './entities.ts';
import * as request from './requests.ts';
import { Bool, id, Int, list, nullable, object, record, Text, text, type SchemaOf } from './typed.ts';
import { state } from './values.ts';
import type { ConcurrencyLeaseId, FlowRunId } from '../../core/ids.ts';

/**
 * With each answer below the prefix: another one each time the server opens a database, which may know less than the
 * one before.
 */
export const STORE_HEADER = 'ostinato-store';
/** Who asks, percent-encoded: `somebody@machine`. */
export const BY_HEADER = 'ostinato-by';
export const OWN_PREFIX = '/ostinato';

export interface OwnRoute<Body, Answer> {
  readonly method: Method;
  /** Below `OWN_PREFIX`; `{id}` is a UUID. */
  readonly path: string;
  readonly summary: string;
  /** `null`: none. */
  readonly body: SchemaOf<Body> | null;
  /** `null`: answered with 204. */
  readonly answer: SchemaOf<Answer> | null;
}

function ask<Body, Answer>(
  method: Method,
  path: string,
  summary: string,
  body: SchemaOf<Body> | null,
  answer: SchemaOf<Answer> | null,
): OwnRoute<Body, Answer> {
  return { method, path, summary, body, answer };
}

/** Raised when a client of the one must not talk to a server of the other. */
export const OWN_PROTOCOL = 2;

export interface Greeting {
  readonly name: 'ostinato';
  readonly version: string;
  readonly protocol: number;
}
const greeting = object<Greeting>({ name: text<'ostinato'>(), version: Text, protocol: Int });

export interface Beat {
  readonly isRegistered: boolean;
  readonly cancelling: readonly FlowRunId[];
}
const beat = object<Beat>({ is_registered: Bool, cancelling: list(id()) });

const nothing = null as SchemaOf<undefined> | null;

export const OWN_ROUTES = {
  greet: ask('GET', '', 'Says that this is an Ostinato server', nothing, greeting),

  createFlowRun: ask(
    'POST',
    '/flow_runs',
    'Record a new run; a repeated request answers the run that is there',
    request.createFlowRun,
    entity.flowRun,
  ),
  recordFlowRun: ask(
    'POST',
    '/flow_runs/records',
    'Record what became of a run while the server was away',
    request.flowRunRecord,
    nothing,
  ),
  listFlowRuns: ask('POST', '/flow_runs/filter', 'Flow runs', request.listFlowRuns, list(entity.flowRun)),
  countFlowRuns: ask(
    'POST',
    '/flow_runs/count',
    'How many flow runs there are, by type of state',
    request.countByState,
    record(Int),
  ),
  readFlowRun: ask('GET', '/flow_runs/{id}', 'One flow run', nothing, nullable(entity.flowRun)),
  updateFlowRun: ask(
    'PATCH',
    '/flow_runs/{id}',
    'Change what people may change of a run',
    request.updateFlowRun,
    nothing,
  ),
  deleteFlowRun: ask('DELETE', '/flow_runs/{id}', 'Delete a run; answers whether it was there', nothing, Bool),
  setFlowRunState: ask(
    'POST',
    '/flow_runs/{id}/set_state',
    'Propose a state, under a lease or without',
    request.setFlowRunState,
    entity.transition,
  ),
  resumeFlowRun: ask(
    'POST',
    '/flow_runs/{id}/resume',
    'Open a new attempt and take the lease',
    request.resumeFlowRun,
    entity.transition,
  ),
  cancelFlowRun: ask(
    'POST',
    '/flow_runs/{id}/cancel',
    'Ask the process of the run to stop it',
    nothing,
    entity.transition,
  ),
  listFlowRunStates: ask(
    'GET',
    '/flow_runs/{id}/states',
    'The states of a flow run, oldest first',
    nothing,
    list(state),
  ),
  listRecordedSteps: ask(
    'POST',
    '/flow_runs/{id}/steps',
    'The steps of a flow run, oldest first',
    request.listSteps,
    list(entity.recordedStep),
  ),
  listFlows: ask(
    'POST',
    '/flows/filter',
    'Flows by name, each with the count of its runs',
    request.listFlows,
    list(entity.flowSummary),
  ),

  recordTaskRuns: ask(
    'POST',
    '/task_runs/records',
    'Record task runs with the states they entered, and logs',
    request.taskRunBatch,
    nothing,
  ),
  listTaskRuns: ask('POST', '/task_runs/filter', 'Task runs', request.listTaskRuns, list(entity.taskRun)),
  countTaskRuns: ask(
    'POST',
    '/task_runs/count',
    'How many task runs there are, by type of state',
    request.countByState,
    record(Int),
  ),
  readTaskRun: ask('GET', '/task_runs/{id}', 'One task run', nothing, nullable(entity.taskRun)),
  listTaskRunStates: ask(
    'GET',
    '/task_runs/{id}/states',
    'The states of a task run, oldest first',
    nothing,
    list(state),
  ),
  listLogs: ask(
    'POST',
    '/logs/filter',
    'Logs, numbered in the order of their commits',
    request.listLogs,
    list(entity.numberedLog),
  ),
  explainRun: ask(
    'GET',
    '/runs/{id}/why',
    'Why a run (of a flow or a task) is as it is',
    nothing,
    nullable(entity.explanation),
  ),

  claimCacheKey: ask(
    'POST',
    '/cache/claim',
    'Ask for a cached result, or for the right to compute it',
    request.claimCacheKey,
    entity.cacheClaim,
  ),
  settleCacheClaim: ask(
    'POST',
    '/cache/settle',
    'Keep a result, or give the right to compute it back',
    request.settleCacheClaim,
    nothing,
  ),

  takeTagSlots: ask(
    'POST',
    '/tag_slots/take',
    'Take a slot of every limit on the tags of a task run, or none',
    request.takeTagSlots,
    entity.tagSlots,
  ),
  renewTagSlots: ask(
    'POST',
    '/tag_slots/renew',
    'Hold leases for another while; answers those that are gone',
    request.leaseIds,
    list(id<ConcurrencyLeaseId>()),
  ),
  releaseLease: ask(
    'DELETE',
    '/tag_slots/leases/{id}',
    'End a lease and give its slots back; answers whether it was there',
    nothing,
    Bool,
  ),

  registerProcess: ask('POST', '/processes', 'Register a process that runs flows', entity.processRecord, nothing),
  beat: ask('POST', '/processes/{id}/beat', 'One beat for all leases of a process', nothing, beat),
  endProcess: ask('DELETE', '/processes/{id}', 'A process takes its leave', nothing, nothing),
  reapLostRuns: ask('POST', '/processes/reap', 'Mark the runs whose process is gone', nothing, list(entity.flowRun)),
} as const;
