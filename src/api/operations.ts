/** The table of contents of the API: the operations of every noun. */

import type { IdSource } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { adminOperations, NO_ADMINISTRATION, type Administration } from './admin.ts';
import { alertOperations } from './alerts.ts';
import { automationOperations } from './automations.ts';
import { backTestOperation } from './back-tests.ts';
import { backfillOperations } from './backfills.ts';
import { blockDocumentOperations } from './block-documents.ts';
import { blockTypeOperations } from './block-types.ts';
import { claimOperations } from './claims.ts';
import { heldLimitOperations } from './held-limits.ts';
import { collectionOperations } from './collections.ts';
import { concurrencyLimitOperations } from './concurrency-limits.ts';
import { concurrencyLimitV2Operations } from './concurrency-limits-v2.ts';
import { controlOperations } from './control-operations.ts';
import { csrfOperations } from './csrf.ts';
import { deploymentRunOperations } from './deployment-runs.ts';
import { deploymentVersionOperations } from './deployment-versions.ts';
import { deploymentOperations } from './deployments.ts';
import { eventOperations } from './events.ts';
import { flowRunOperations } from './flow-runs.ts';
import { graphOperations } from './graph.ts';
import { taskRunOperations } from './task-runs.ts';
import { flowOperations } from './flows.ts';
import { logOperations } from './logs.ts';
import { observedStateOperations } from './observed-states.ts';
import type { Operation } from './operation.ts';
import { ownOperations } from './own/operations.ts';
import { runListOperations } from './run-lists.ts';
import { savedSearchOperations } from './saved-searches.ts';
import { serviceOperations, type Readiness } from './service.ts';
import { taskWorkerOperations, type TaskWorkers } from './task-workers.ts';
import { uiInsideOperations } from './ui-inside.ts';
import { uiActionOperations } from './ui-actions.ts';
import { uiAutomationPageOperations } from './ui-automations.ts';
import { uiDeploymentPageOperations } from './ui-deployments.ts';
import { uiDeploymentCopyOperations } from './ui-deployment-copy.ts';
import { uiDeploymentRunOperations } from './ui-deployment-run.ts';
import { uiDeploymentVersionOperations } from './ui-deployment-versions.ts';
import { uiEventPageOperations } from './ui-events.ts';
import { uiNotificationChannelOperations } from './ui-notification-channels.ts';
import { uiWorkPoolPageOperations } from './ui-work-pools.ts';
import { uiPageOperations } from './ui-pages.ts';
import { uiSearchOperations } from './ui-search.ts';
import { uiOperations } from './ui.ts';
import { userTextOperations } from './user-texts.ts';
import { webhookOperations } from './webhooks.ts';
import { workPoolOperations } from './work-pools.ts';
import { workQueueOperations } from './work-queues.ts';
import { workerOperations } from './workers.ts';

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
    ...graphOperations(parts),
    ...taskRunOperations(parts),
    ...runListOperations(parts),
    ...observedStateOperations(parts.useCases),
    ...savedSearchOperations(parts.useCases),
    ...uiOperations(parts),
    ...uiPageOperations(parts),
    ...uiDeploymentPageOperations(parts),
    ...uiWorkPoolPageOperations(parts),
    ...uiAutomationPageOperations(parts),
    ...uiEventPageOperations(parts),
    ...uiNotificationChannelOperations(parts),
    ...uiDeploymentRunOperations(parts.useCases),
    ...uiDeploymentVersionOperations(parts),
    ...uiDeploymentCopyOperations(parts.useCases),
    ...uiInsideOperations(parts),
    ...userTextOperations(parts.useCases),
    ...uiSearchOperations(parts.useCases),
    ...uiActionOperations(parts),
    ...automationOperations(parts),
    backTestOperation(parts.useCases),
    ...alertOperations(parts.useCases),
    ...deploymentOperations(parts),
    ...deploymentRunOperations(parts),
    ...deploymentVersionOperations(parts),
    ...backfillOperations(parts.useCases),
    ...concurrencyLimitOperations(parts.useCases),
    ...concurrencyLimitV2Operations(parts.useCases),
    ...controlOperations(parts.useCases, parts.clock),
    ...blockTypeOperations(parts.useCases),
    ...blockDocumentOperations(parts.useCases),
    ...adminOperations(parts.useCases, parts.administration ?? NO_ADMINISTRATION),
    ...csrfOperations(parts.useCases, parts.administration?.csrfProtection ?? false),
    ...collectionOperations(),
    ...webhookOperations(parts),
    ...workPoolOperations(parts),
    ...workQueueOperations(parts),
    ...claimOperations(parts.useCases),
    ...heldLimitOperations(parts.useCases),
    ...workerOperations(parts.useCases),
    ...eventOperations(parts),
    ...logOperations(parts),
    ...taskWorkerOperations(parts.taskWorkers ?? { workers: () => [] }),
    ...ownOperations(parts),
  ];
}
