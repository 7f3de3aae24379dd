/** The storage port on a database of either dialect: the shared logic, and the dialect's own parts. */

import type { ControlParts, ControlStorage } from './control-storage.ts';
import type { Database } from './driver.ts';
import { cacheOn } from './logic/cache.ts';
import { slotsOn } from './logic/concurrency.ts';
import { eventsOn } from './logic/events.ts';
import { flowRunChangesOn } from './logic/flow-run-changes.ts';
import { flowRunsOn } from './logic/flow-runs.ts';
import { flowsOn } from './logic/flows.ts';
import { prefectClientTaskRunsOn } from './logic/prefect-client-task-runs.ts';
import { heldTaskRunsOn } from './logic/held-task-runs.ts';
import { logsOn } from './logic/logs.ts';
import { processesOn } from './logic/processes.ts';
import { taskRunsOn } from './logic/task-runs.ts';
import { nounsOn } from './nouns/table.ts';
import type { RunStorage, Storage } from './port.ts';
import type { Lists } from './port/lists.ts';

/** The parts that a dialect implements itself. */
export interface StorageParts extends ControlParts {
  readonly writeTaskRuns: RunStorage['writeTaskRuns'];
  /** `controlStorageOn`; or what loads it later. */
  readonly control: (database: Database, parts: ControlParts) => ControlStorage;
  readonly lists: Lists;
  readonly flush: Storage['flush'];
  readonly onCommit: Storage['onCommit'];
  readonly close: Storage['close'];
}

export function storageOn(
  database: Database,
  { shapes, writeTaskRuns, insertEventBatch, control, lists, flush, onCommit, close }: StorageParts,
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
    ...eventsOn(database),
    ...logsOn(database),
    ...cacheOn(database),
    ...processesOn(database),
    ...slotsOn(database),
    ...nounsOn(database),
    ...control(database, { shapes, insertEventBatch }),
    ...lists,
  };
}
