/** What has to be read before a step of the automations is taken. */

import type { FlowRunId } from '../ids.ts';
import type { ActiveTrigger, AutomationSet } from './automation-set.ts';
import type { HashText } from './derived-id.ts';
import type { StepFacts } from './evaluation.ts';
import { stateForEvent } from './key-state.ts';
import { neededBy, neededForRun, type RunTimesNeeded } from './run-evaluation.ts';
import { RowIds, type StateRow } from './state-row.ts';
import type { SingleTrigger } from './trigger.ts';

/** What a step may look at, besides what is due. */
export interface StepNeeds {
  readonly rowIds: readonly string[];
  /** Rows about these. */
  readonly flowRunIds: readonly FlowRunId[];
  readonly runTimes: readonly RunTimesNeeded[];
}

export function stepNeeds({
  automations,
  fresh,
  entries,
  waiting,
  due,
  hash,
}: Omit<StepFacts, 'rows' | 'runTimes' | 'now'> & { readonly due: readonly StateRow[] }): StepNeeds {
  const ids = new RowIds(hash);
  const rowIds = new Set<string>();
  const flowRunIds = new Set<FlowRunId>();
  const runTimes: RunTimesNeeded[] = [];
  const needAround = (active: ActiveTrigger<SingleTrigger>): void => {
    for (const id of rowsAround(active, ids)) rowIds.add(id);
  };
  for (const event of [...waiting, ...entries.flatMap((entry) => entry.event ?? [])]) {
    for (const active of automations.lookingAt(event)) {
      needAround(active);
      const { automation, trigger } = active;
      rowIds.add(ids.key(automation.id, trigger, stateForEvent(trigger, event).labels));
    }
    const needed = neededForRun(automations, event, ids);
    if (needed === null) continue;
    flowRunIds.add(needed.flowRunId);
    for (const id of needed.rowIds) rowIds.add(id);
    runTimes.push(...needed.runTimes);
    for (const active of automations.lookingAtRun(event)) needAround(active);
  }
  for (const { automationId, body } of due) {
    const active = body.kind === 'key' ? automations.find(automationId, body.triggerId) : null;
    if (active !== null) needAround(active);
  }
  for (const active of automations.alwaysOpen(fresh)) {
    // Its first window may have ended in this very step.
    needAround(active);
    rowIds.add(ids.key(active.automation.id, active.trigger, {}));
  }
  return { rowIds: [...rowIds], flowRunIds: [...flowRunIds], runTimes };
}

/** Further rows, for those that were read: what they may set off when they are moved. */
export function rowsNeededBy(automations: AutomationSet, rows: readonly StateRow[], hash: HashText): readonly string[] {
  const ids = new RowIds(hash);
  const needed = rows.flatMap((row) => {
    const { automationId, body } = row;
    const active = 'triggerId' in body ? automations.findRunTrigger(automationId, body.triggerId) : null;
    return active === null ? [] : [...neededBy(row, ids), ...rowsAround(active, ids)];
  });
  return [...new Set(needed)];
}

/** What is kept of its automation, and of the triggers around it. */
function rowsAround({ automation, around }: ActiveTrigger<SingleTrigger>, ids: RowIds): readonly string[] {
  return [ids.own(automation.id), ...around.map((trigger) => ids.parts(automation.id, trigger))];
}
