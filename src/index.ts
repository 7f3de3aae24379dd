/** The door for people who write flows. Loads no database and no server until the first run. */

export { flow, isFlow, type Flow, type FlowResult } from './sdk/flow.ts';
export type { Backfill, BackfillOptions, BackfillProgress } from './sdk/backfill-options.ts';
export { backfillDeployment, deployments, type DeploymentHandle } from './sdk/deployment-handles.ts';
export type { RunDeploymentOptions } from './sdk/run-deployment-options.ts';
export type { Deployed, DeployOptions } from './sdk/deploy-options.ts';
export type { FromOptions } from './sdk/from-options.ts';
export { serve, type ServeOptions } from './sdk/serve-options.ts';
export type {
  DeploymentDefinition,
  DeploymentOptions,
  ScheduleOption,
  SomeParameters,
} from './sdk/deployment-definition.ts';
export { task, type Input, type Task } from './sdk/task.ts';
export type { Approval, ApprovalOptions, FormOption } from './sdk/approval-options.ts';
export { approval, runDeployment } from './sdk/asked-of-others.ts';
export { artifacts, ProgressArtifact, type ArtifactOptions } from './sdk/artifacts.ts';
export {
  emitEvent,
  type EmitEventOptions,
  type EmittedEvent,
  type EventResource,
  type RelatedEventResource,
} from './sdk/emit-event.ts';
export { variables } from './sdk/variables.ts';
export { cancelled, completed, crashed, failed, match, type StateOptions } from './sdk/states.ts';
export { allowFailure, opaque, unmapped, zipped } from './engine/annotations.ts';
export {
  asCompleted,
  wait,
  type BranchFuture,
  FlowFuture,
  TaskFuture,
  type Ended,
  type RunFuture,
  type WaitOptions,
} from './engine/future.ts';
export type { MapOptions } from './engine/map.ts';
export type { MapFuture } from './engine/map-future.ts';
export { currentRun, runContext, withTags, type RunContext } from './engine/run-context.ts';
export type { RunLogger } from './engine/run-logger.ts';
export {
  currentTransaction,
  transaction,
  type CommitMode,
  type Transaction,
  type TransactionOptions,
} from './engine/transaction.ts';
export { asyncRunner, type TaskRunner, type TaskRunnerSession, type TaskWork } from './engine/task-runner.ts';
export { processRunner, threadRunner } from './engine/isolation/runners.ts';
export type { Fallback, FallbackTask, FlowOptions, Hook, TaskOptions } from './engine/definitions.ts';
export type { HookArgument, HookInputs, TransactionHook } from './engine/transaction-hook.ts';
export {
  cacheKey,
  CachePolicy,
  DEFAULT,
  FLOW_PARAMETERS,
  INPUTS,
  NO_CACHE,
  RUN,
  SOURCE,
  type CacheFacts,
} from './core/cache-policy.ts';
export type { Failure } from './core/failure.ts';
export type { CacheKeys } from './core/cache-keys.ts';
export { cacheFolder, type CacheFolderOptions } from './sdk/caches.ts';
export { exponential, type RetryDelay } from './core/retry.ts';
export { OstinatoError, TerminalError, type ErrorCode } from './core/errors.ts';
export type { Artifact } from './core/artifact.ts';
export type { FlowRun } from './core/flow-run.ts';
export type { TaskRun } from './core/task-run.ts';
export type { State, StateType } from './core/state.ts';
export type { Variable } from './core/variable.ts';
export type {
  FoundJob,
  Infrastructure,
  Job,
  JobEnd,
  JobHearing,
  JobUse,
  RunningJob,
  WorkerKind,
  WorkerPlace,
} from './worker/infrastructure.ts';
