/** Reads what a decision about a task run needs: one loader for each name, on any database. */

import { tagLimitName } from '../../core/concurrency/limit.ts';
import type { TaskRunId } from '../../core/ids.ts';
import type { TaskRun } from '../../core/task-run.ts';
import { There, type Statements, type Work } from '../driver.ts';
import { lookupBytes } from '../id-value.ts';
import type { TaskContextFor, TaskNeedsOf, TaskRunContext, TaskRunNeeds } from '../port/task-run-context.ts';
import { findSlots } from './concurrency.ts';
import { findFlowRun } from './flow-runs.ts';
import { findCachedState } from './task-results.ts';

/** The run that is looked for, and how. */
export interface TaskRunSought {
  readonly id: TaskRunId;
  /** Where the run is not there. */
  readonly flowRunId: string | null;
  readonly found: TaskRun | null;
}

type Loaders = {
  readonly [Name in keyof TaskRunContext]: (
    db: Statements,
    sought: TaskRunSought,
    asked: NonNullable<TaskRunNeeds[Name]>,
  ) => Work<TaskRunContext[Name]>;
};

const NONE: Work<null> = new There(null);

const LOADERS: Loaders = {
  flowRun: (db, { found, flowRunId }) => {
    const id = lookupBytes(found?.flowRunId ?? flowRunId ?? '');
    return id === null ? NONE : findFlowRun(db, id);
  },
  cached: (db, _, { key, now }) => findCachedState(db, key, now),
  tagSlots: (db, { found, id }, { tags }) =>
    findSlots(db, { names: tags.map(tagLimitName), holderId: found?.id ?? id }),
};

const NAMES = Object.keys(LOADERS) as readonly (keyof TaskRunContext)[];
type AnyLoader = (db: Statements, sought: TaskRunSought, asked: unknown) => Work<TaskRunContext[keyof TaskRunContext]>;

export function* loadTaskContext<Needs extends TaskRunNeeds>(
  db: Statements,
  sought: TaskRunSought,
  needs: TaskNeedsOf<Needs>,
): Work<TaskContextFor<Needs>> {
  const named: TaskRunNeeds = typeof needs === 'function' ? needs(sought.found) : needs;
  const context: { -readonly [Name in keyof TaskRunContext]?: TaskRunContext[keyof TaskRunContext] | null } = {};
  for (const name of NAMES) {
    const asked = named[name];
    if (asked === undefined) continue;
    context[name] = asked === null ? null : yield* (LOADERS[name] as AnyLoader)(db, sought, asked);
  }
  return context as TaskContextFor<Needs>;
}
