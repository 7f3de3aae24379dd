/** What the address of the runs list means: which stretch of time, and which runs. Pure. */
import type { FlowRunSelection } from '../../api/flow-runs.ts';
import type { Period } from '../../components/time-bars.ts';
import { periodOf } from './buckets.ts';
import { DEFAULT_SPAN, type RunSearch } from './run-search.ts';

export function periodOfSearch({ span = DEFAULT_SPAN, from, to }: RunSearch, now: number): Period {
  if (from !== undefined && to !== undefined) return { start: Date.parse(from), end: Date.parse(to) };
  return periodOf(span, now);
}

/** @param withStates `false` for the chart, which shows all states beside each other */
export function selectionOf(search: RunSearch, period: Period | null, withStates = true): FlowRunSelection {
  const { name, states, flow, tags, subflows } = search;
  const window = period && {
    expected_start_time: { after_: new Date(period.start).toISOString(), before_: new Date(period.end).toISOString() },
  };
  return {
    flow_runs: {
      ...window,
      ...(name === undefined ? {} : { name: { like_: name } }),
      ...(tags === undefined ? {} : { tags: { all_: tags } }),
      ...(states === undefined || !withStates ? {} : { state: { type: { any_: states } } }),
      ...(subflows === true ? {} : { parent_task_run_id: { is_null_: true } }),
    },
    ...(flow === undefined ? {} : { flows: { id: { any_: [flow] } } }),
  };
}
