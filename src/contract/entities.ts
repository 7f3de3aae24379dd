/** The schemas that have a name in the OpenAPI document. */

import type { TSchema } from './type.ts';

import { Artifact, ArtifactCollection } from './artifact.ts';
import { BlockDocument, BlockSchema, BlockType } from './schema/block.ts';
import {
  ConcurrencyLimit,
  ConcurrencyLimitV2,
  GlobalConcurrencyLimit,
  MinimalConcurrencyLimit,
} from './schema/concurrency.ts';
import { Deployment } from './deployment.ts';
import { DeploymentSchedule } from './deployment-schedule.ts';
import { Flow } from './schema/flow.ts';
import { FlowRun } from './schema/flow-run.ts';
import { State, StateDetails } from './schema/state.ts';
import { TaskRun } from './schema/task-run.ts';

export const ENTITIES: Readonly<Record<string, TSchema>> = {
  ConcurrencyLimit,
  ConcurrencyLimitV2,
  GlobalConcurrencyLimit,
  MinimalConcurrencyLimit,
  Artifact,
  ArtifactCollection,
  BlockDocument,
  BlockSchema,
  BlockType,
  Deployment,
  DeploymentSchedule,
  Flow,
  FlowRun,
  State,
  StateDetails,
  TaskRun,
};
