/**
 * The runs inside a flow run and what leads from one to the next: what the timeline and the table of task runs are made
 * from.
 */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type {
  InsideGroup as WireGroup,
  InsideRun as WireRun,
  InsideSegment,
} from '../../src/contract/routes/ui-inside.ts';
import type { StateChange } from './events.ts';
import { getJson, postJson } from './http.ts';
import { isTerminal } from './states.ts';

/** A subflow's label is `flow / run`. */
export type InsideRun = Readonly<WireRun>;
export type InsideGroup = Readonly<WireGroup>;

export interface Inside {
  readonly as_of: string;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly task_run_count: number;
  /** Above ten thousand: groups in place of runs. */
  readonly is_folded: boolean;
  readonly runs: readonly InsideRun[];
  readonly groups: readonly InsideGroup[];
}

export function insideQuery(flowRunId: string) {
  return queryOptions({
    queryKey: ['inside', flowRunId],
    queryFn: ({ signal }) => getJson<Inside>(`/ui/pages/flow_runs/${flowRunId}/inside`, { signal }),
  });
}

/** Where a page of a group goes on; `null` for its beginning, where the failed ones are. */
export type GroupPlace = { readonly is_bad: boolean; readonly after: string | null } | null;

export interface GroupPage {
  readonly runs: readonly InsideRun[];
  readonly next: GroupPlace;
}

const GROUP_PAGE_SIZE = 50;

export function groupPageQuery(flowRunId: string, key: string, from: GroupPlace) {
  return queryOptions({
    queryKey: ['inside', flowRunId, 'group', key, from],
    queryFn: ({ signal }) => readGroupPage(flowRunId, key, from, signal),
  });
}

export async function readGroupPage(
  flowRunId: string,
  key: string,
  from: GroupPlace,
  signal: AbortSignal,
): Promise<GroupPage> {
  return postJson(`/ui/pages/flow_runs/${flowRunId}/inside/group`, { key, from, limit: GROUP_PAGE_SIZE }, { signal });
}

export interface InsideRows {
  readonly rows: readonly { readonly run: InsideRun | null; readonly group: InsideGroup | null }[];
  /** A page is of so many groups. */
  readonly group_count: number;
}

export function insideRowsQuery(flowRunId: string, page: { readonly limit: number; readonly offset: number }) {
  return queryOptions({
    queryKey: ['inside', flowRunId, 'rows', page],
    queryFn: ({ signal }) => postJson<InsideRows>(`/ui/pages/flow_runs/${flowRunId}/inside/rows`, page, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** The inside as events say it is now. Runs that it does not have yet come with the next answer. */
export function movedInside(inside: Inside, changes: readonly StateChange[]): Inside {
  const byRun = Map.groupBy(changes, ({ runId }) => runId);
  return { ...inside, runs: inside.runs.map((run) => (byRun.get(run.id) ?? []).reduce(movedRun, run)) };
}

/** A shorter wait is what making a run takes, and tells nothing: the server leaves it out, too. */
const WAIT_SHOWN_MS = 20;

/**
 * With one more stretch. What is over stays as it is: the next answer tells of a run that was opened again, or taken
 * back.
 */
export function movedRun(run: InsideRun, { stateType, stateName, occurred }: StateChange): InsideRun {
  if (isTerminal(run.state_type) || occurred < (run.segments.at(-1)?.start_time ?? '')) return run;
  const isRunning = stateType === 'RUNNING';
  const isOver = isTerminal(stateType);
  const attempt = isRunning ? run.run_count + 1 : run.run_count;
  const first: InsideSegment = {
    state_type: run.state_type,
    state_name: run.state_name,
    attempt: run.run_count,
    start_time: run.start_time,
    end_time: null,
  };
  const ended = (run.segments.length > 0 ? run.segments : [first]).map((segment) => ({
    ...segment,
    end_time: segment.end_time ?? occurred,
  }));
  const next: InsideSegment = {
    state_type: stateType,
    state_name: stateName,
    attempt,
    start_time: occurred,
    end_time: null,
  };
  const segments = [...ended, ...(isOver ? [] : [next])].filter(isTold);
  return {
    ...run,
    state_type: stateType,
    state_name: stateName,
    run_count: attempt,
    end_time: isOver ? occurred : null,
    message: null,
    start_time: isRunning && run.run_count === 0 ? occurred : run.start_time,
    running_since: isRunning ? occurred : null,
    // One that began at once and was tried once says all by its bar.
    segments: segments.length > 1 ? segments : [],
  };
}

function isTold({ state_type: type, start_time: start, end_time: end }: InsideSegment): boolean {
  return type === 'RUNNING' || end === null || Date.parse(end) - Date.parse(start) >= WAIT_SHOWN_MS;
}
