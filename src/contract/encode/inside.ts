/** The inside of a flow run on the wire. */

import type { InsideRun } from '../../core/run-inside.ts';
import type { ShapeSpan, TaskRunGroup } from '../../core/task-run-groups.ts';
import { formatInstant } from '../../core/time.ts';
import type * as wire from '../routes/ui-inside.ts';
import { instantOrNull, seconds } from './instant.ts';

export function encodeInsideRun(run: InsideRun): wire.InsideRun {
  const { kind, id, label, name, group, caller } = run;
  return {
    kind,
    id,
    label,
    name,
    group,
    map_index: run.mapIndex,
    state_type: run.stateType,
    state_name: run.stateName,
    message: run.message,
    run_count: run.runCount,
    start_time: formatInstant(run.startTime),
    end_time: instantOrNull(run.endTime),
    total_run_time: seconds(run.totalRunTimeUs),
    running_since: instantOrNull(run.runningSince),
    parents: [...run.parents],
    caller,
    segments: run.segments.map(({ stateType, stateName, attempt, startTime, endTime }) => ({
      state_type: stateType,
      state_name: stateName,
      attempt,
      start_time: formatInstant(startTime),
      end_time: instantOrNull(endTime),
    })),
  };
}

export function encodeInsideGroup(group: TaskRunGroup): wire.InsideGroup {
  const { first, last, count, states, taskName, lastTaskName, mapId } = group;
  const isOne = first === last;
  return {
    key: `${first}-${last}`,
    name: taskName,
    last_name: isOne ? null : lastTaskName,
    is_map: isOne && mapId !== null,
    count,
    states: states.map(({ type, name, count: runs }) => ({ state_type: type, state_name: name, count: runs })),
    start_time: formatInstant(group.start),
    end_time: instantOrNull(group.end),
  };
}

export function decodeGroupKey(key: string): ShapeSpan {
  const [first = 0, last = 0] = key.split('-').map(Number);
  return { first, last };
}
