import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { Condition } from '../core/query.ts';
import type { StateCounts } from '../core/state.ts';
import type { QueryStorage } from '../store/port/query.ts';

export function countByState(
  storage: Pick<QueryStorage, 'countBy'>,
  noun: 'flow_run' | 'task_run',
  where: Condition,
): MaybePromise<StateCounts> {
  return chain(storage.countBy(noun, 'stateType', where), (counts) => Object.fromEntries(counts) as StateCounts);
}
