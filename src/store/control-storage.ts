/** The parts of the storage that no run needs: nouns that people make and change, and what only servers do. */

import type { Database } from './driver.ts';
import { administrationOn } from './logic/administration.ts';
import { alertsOn } from './logic/alerts.ts';
import { artifactsOn } from './logic/artifacts.ts';
import { automationActionsOn } from './logic/automation-actions.ts';
import { automationStepsOn } from './logic/automation-steps.ts';
import { automationsOn } from './logic/automations.ts';
import { backfillsOn } from './logic/backfills.ts';
import { blockDocumentsOn } from './logic/block-documents.ts';
import { blocksOn } from './logic/blocks.ts';
import { cursorsOn } from './logic/cursors.ts';
import { deploymentVersionsOn } from './logic/deployment-versions.ts';
import { deploymentsOn } from './logic/deployments.ts';
import { eventRetentionOn } from './logic/event-retention.ts';
import { fullEventsOn } from './logic/full-events.ts';
import { recordedEventsOn, type InsertBatch } from './logic/recorded-events.ts';
import { retentionOn } from './logic/retention.ts';
import { stateByIdOn } from './logic/state-by-id.ts';
import type { TaskShapes } from './logic/task-shapes.ts';
import { webhooksOn } from './logic/webhooks.ts';
import { workPoolsOn } from './logic/work-pools.ts';

export interface ControlParts {
  readonly shapes: TaskShapes;
  /** Absent: events are inserted by the shared logic. */
  readonly insertEventBatch?: InsertBatch | undefined;
}

export type ControlStorage = ReturnType<typeof controlStorageOn>;

export function controlStorageOn(database: Database, { shapes, insertEventBatch }: ControlParts) {
  return {
    ...recordedEventsOn(database, shapes, insertEventBatch),
    ...fullEventsOn(database),
    ...eventRetentionOn(database),
    ...stateByIdOn(database),
    ...cursorsOn(database),
    ...artifactsOn(database),
    ...automationsOn(database),
    ...automationStepsOn(database),
    ...automationActionsOn(database),
    ...alertsOn(database),
    ...webhooksOn(database),
    ...workPoolsOn(database),
    ...deploymentsOn(database),
    ...deploymentVersionsOn(database),
    ...backfillsOn(database),
    ...blocksOn(database),
    ...blockDocumentsOn(database),
    ...retentionOn(database),
    ...administrationOn(database),
  };
}
