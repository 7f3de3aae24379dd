/** The table of contents of the API: the operations of every noun. */

import type { IdSource } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { adminOperations, NO_ADMINISTRATION, type Administration } from './admin.ts';
import { artifactOperations } from './artifacts.ts';
import { blockDocumentOperations } from './block-documents.ts';
import { blockTypeOperations } from './block-types.ts';
import { collectionOperations } from './collections.ts';
import { concurrencyLimitOperations } from './concurrency-limits.ts';
import { concurrencyLimitV2Operations } from './concurrency-limits-v2.ts';
import { csrfOperations } from './csrf.ts';
import { eventOperations } from './events.ts';
import { flowRunInputOperations } from './flow-run-inputs.ts';
import { flowRunOperations } from './flow-runs.ts';
import { graphOperations } from './graph.ts';
import { taskRunOperations } from './task-runs.ts';
import { flowOperations } from './flows.ts';
import { logOperations } from './logs.ts';
import type { Operation } from './operation.ts';
import { ownOperations } from './own/operations.ts';
import { runListOperations } from './run-lists.ts';
import { savedSearchOperations } from './saved-searches.ts';
import { serviceOperations, type Readiness } from './service.ts';
import { taskWorkerOperations, type TaskWorkers } from './task-workers.ts';
import { uiPageOperations } from './ui-pages.ts';
import { uiOperations } from './ui.ts';
import { variableOperations } from './variables.ts';

export interface ApiParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
  /** Who waits for deferred task runs. Default: nobody. */
  readonly taskWorkers?: TaskWorkers;
  /** How the server was set up. Default: without anything to tell. */
  readonly administration?: Administration;
  /** Whether the server can take work. Default: whether the database answers. */
  readonly ready?: Readiness;
  /** Of this package. */
  readonly version: string;
}

export function apiOperations(parts: ApiParts): readonly Operation[] {
  return [
    ...serviceOperations(parts.useCases, parts.ready),
    ...flowOperations(parts.useCases),
    ...flowRunOperations(parts),
    ...flowRunInputOperations(parts.useCases),
    ...graphOperations(parts),
    ...taskRunOperations(parts),
    ...runListOperations(parts),
    ...savedSearchOperations(parts.useCases),
    ...uiOperations(parts),
    ...uiPageOperations(parts),
    ...concurrencyLimitOperations(parts.useCases),
    ...concurrencyLimitV2Operations(parts.useCases),
    ...artifactOperations(parts.useCases),
    ...variableOperations(parts.useCases),
    ...blockTypeOperations(parts.useCases),
    ...blockDocumentOperations(parts.useCases),
    ...adminOperations(parts.useCases, parts.administration ?? NO_ADMINISTRATION),
    ...csrfOperations(parts.useCases, parts.administration?.csrfProtection ?? false),
    ...collectionOperations(),
    ...eventOperations(parts),
    ...logOperations(parts),
    ...taskWorkerOperations(parts.taskWorkers ?? { workers: () => [] }),
    ...ownOperations(parts),
  ];
}
