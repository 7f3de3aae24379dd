/** The storage port on a database of either dialect: the shared logic, and the dialect's own parts. */

import type { Database } from './driver.ts';
import { administrationOn } from './logic/administration.ts';
import { artifactsOn } from './logic/artifacts.ts';
import { blockDocumentsOn } from './logic/block-documents.ts';
import { blocksOn } from './logic/blocks.ts';
import { cacheOn } from './logic/cache.ts';
import { slotsOn } from './logic/concurrency.ts';
import { cursorsOn } from './logic/cursors.ts';
import { deploymentVersionsOn } from './logic/deployment-versions.ts';
import { deploymentsOn } from './logic/deployments.ts';
import { eventRetentionOn } from './logic/event-retention.ts';
import { eventsOn } from './logic/events.ts';
import { flowRunChangesOn } from './logic/flow-run-changes.ts';
import { flowRunsOn } from './logic/flow-runs.ts';
import { flowsOn } from './logic/flows.ts';
import { prefectClientTaskRunsOn } from './logic/prefect-client-task-runs.ts';
import { heldTaskRunsOn } from './logic/held-task-runs.ts';
import { logsOn } from './logic/logs.ts';
import { processesOn } from './logic/processes.ts';
import { recordedEventsOn, type InsertBatch } from './logic/recorded-events.ts';
import { retentionOn } from './logic/retention.ts';
import { stateByIdOn } from './logic/state-by-id.ts';
import { taskRunsOn } from './logic/task-runs.ts';
import type { TaskShapes } from './logic/task-shapes.ts';
import { workPoolsOn } from './logic/work-pools.ts';
import { fullEventsOn } from './logic/full-events.ts';
import { nounsOn } from './nouns/table.ts';
import type { RunStorage, Storage } from './port.ts';
import type { Lists } from './port/lists.ts';

/** The parts that a dialect implements itself. */
export interface StorageParts {
  readonly shapes: TaskShapes;
  readonly writeTaskRuns: RunStorage['writeTaskRuns'];
  /** Absent: events are inserted by the shared logic. */
  readonly insertEventBatch?: InsertBatch;
  readonly lists: Lists;
  readonly flush: Storage['flush'];
  readonly onCommit: Storage['onCommit'];
  readonly close: Storage['close'];
}

export function storageOn(
  database: Database,
  { shapes, writeTaskRuns, insertEventBatch, lists, flush, onCommit, close }: StorageParts,
): Storage {
  return {
    description: database.description,
    mayCallAgain: database.mayCallAgain,
    flush,
    onCommit,
    close,
    writeTaskRuns,
    ...flowsOn(database),
    ...flowRunsOn(database),
    ...flowRunChangesOn(database, shapes),
    ...taskRunsOn(database),
    ...prefectClientTaskRunsOn(database, shapes),
    ...heldTaskRunsOn(database),
    ...stateByIdOn(database),
    ...eventsOn(database),
    ...recordedEventsOn(database, shapes, insertEventBatch),
    ...fullEventsOn(database),
    ...eventRetentionOn(database),
    ...cursorsOn(database),
    ...logsOn(database),
    ...cacheOn(database),
    ...processesOn(database),
    ...artifactsOn(database),
    ...workPoolsOn(database),
    ...deploymentsOn(database),
    ...deploymentVersionsOn(database),
    ...blocksOn(database),
    ...blockDocumentsOn(database),
    ...slotsOn(database),
    ...retentionOn(database),
    ...administrationOn(database),
    ...nounsOn(database),
    ...lists,
  };
}
