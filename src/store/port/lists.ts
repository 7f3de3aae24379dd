/** Lists and counts: the part of the port whose queries are compiled. */

import type { Storage } from '../port.ts';

export type Lists = Pick<
  Storage,
  | 'list'
  | 'find'
  | 'count'
  | 'countBy'
  | 'runHistory'
  | 'averageLateness'
  | 'observedStates'
  | 'groupTaskRuns'
  | 'listGroupedTaskRuns'
  | 'listStateMarks'
  | 'findEvents'
  | 'countEvents'
  | 'countEventsBy'
>;
