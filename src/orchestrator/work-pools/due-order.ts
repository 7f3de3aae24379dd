/**
 * In which order the runs that are due are given: what may begin now before what may only later; of the former, those
 * of a lower priority first; of equal ones, the longest due first. What is not due yet is in the order of its times:
 * when such a run is given early, it is to be prepared, and goes before nobody.
 */

import type { FlowRun } from '../../core/flow-run.ts';
import { allOf, type Condition } from '../../core/query.ts';
import { RUN_PRIORITY_DEFAULT } from '../../core/run-priority.ts';
import type { Instant } from '../../core/time.ts';
import type { OrchestratorPorts } from '../ports.ts';

export const DUE_TIME = 'nextScheduledStartTime';

/**
 * Runs whose priority is not the ordinary one are few, and an index has them in their order; all others lie in the
 * order of their times. One question for all would sort whatever is due, a hundred thousand runs, each time.
 */
const RANKS: readonly { readonly where: Condition; readonly isRanked: boolean }[] = [
  { where: { op: 'lt', field: 'priority', value: RUN_PRIORITY_DEFAULT }, isRanked: true },
  { where: { op: 'isNull', field: 'priority', isNull: true }, isRanked: false },
  { where: { op: 'gt', field: 'priority', value: RUN_PRIORITY_DEFAULT }, isRanked: true },
];

export interface DueWindow {
  /** `null`: whenever it is due. */
  readonly before: Instant | null;
  readonly after: Instant | null;
  readonly limit: number;
}

/** @param where which runs are meant */
export async function findDue(
  { storage, clock }: Pick<OrchestratorPorts, 'storage' | 'clock'>,
  where: readonly Condition[],
  { before, after, limit }: DueWindow,
): Promise<readonly FlowRun[]> {
  const now = clock.now();
  const from: readonly Condition[] = after === null ? [] : [{ op: 'ge', field: DUE_TIME, value: after }];
  const found: FlowRun[] = [];
  const take = async (conditions: readonly Condition[], isRanked: boolean): Promise<void> => {
    if (found.length >= limit) return;
    const runs = await storage.find('flow_run', {
      where: allOf([...where, ...from, ...conditions]),
      sort: [
        ...(isRanked ? [{ field: 'priority', direction: 'asc' } as const] : []),
        { field: DUE_TIME, direction: 'asc' },
      ],
      limit: limit - found.length,
      offset: 0,
    });
    found.push(...runs);
  };
  const isLater = before === null || before > now;
  const nowOrBefore: Condition = { op: 'le', field: DUE_TIME, value: isLater ? now : before };
  for (const { where: rank, isRanked } of RANKS) await take([rank, nowOrBefore], isRanked);
  if (isLater) {
    const until: readonly Condition[] = before === null ? [] : [{ op: 'le', field: DUE_TIME, value: before }];
    await take([{ op: 'gt', field: DUE_TIME, value: now }, ...until], false);
  }
  return found;
}
