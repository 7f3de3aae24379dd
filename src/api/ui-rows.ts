/** Flow runs as our own pages show them: a row of a list, a bar beside others. */

import { instantOrNull, seconds } from '../contract/encode/instant.ts';
import type { FlowRunRow, RecentRun } from '../contract/routes/ui-pages.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { Condition } from '../core/query.ts';
import { formatInstant, type Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

export interface PageParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

/** Bars of a list's row. */
export const RECENT_RUNS_DEFAULT = 24;
/** On the page of one deployment or pool. */
export const RUNS_SHOWN = 20;
export const WAITING_SHOWN = 10;

export const WAITS: Condition = { op: 'eq', field: 'stateType', value: 'SCHEDULED' };
export const HAS_BEGUN: Condition = { op: 'not', of: WAITS };
export const SOONEST = [{ field: 'nextScheduledStartTime', direction: 'asc' }] as const;

const MESSAGE_MAX = 300;

/** A flow run as a row of a list. */
export function rowOf({
  id,
  name,
  flowId,
  flowName,
  state,
  tags,
  createdAt,
  expectedStartTime,
  startTime,
  totalRunTimeUs,
}: FlowRun): FlowRunRow {
  const { type, timestamp } = state;
  return {
    id,
    name,
    flow_id: flowId,
    flow_name: flowName,
    state_type: type,
    state_name: state.name,
    state: {
      id: state.id,
      type,
      name: state.name,
      timestamp: formatInstant(timestamp),
      message: shortMessage(state.message),
      data: null,
    },
    tags: [...tags],
    created: formatInstant(createdAt),
    expected_start_time: instantOrNull(expectedStartTime),
    start_time: instantOrNull(startTime),
    total_run_time: seconds(totalRunTimeUs),
  };
}

export function shortMessage(message: string | null): string | null {
  return message === null || message.length <= MESSAGE_MAX ? message : `${message.slice(0, MESSAGE_MAX)}…`;
}

/** A flow run as a bar beside others. */
export function recentOf({ id, name, state, createdAt, startTime, totalRunTimeUs, flowVersion }: FlowRun): RecentRun {
  return {
    id,
    name,
    state_type: state.type,
    state_name: state.name,
    created: formatInstant(createdAt),
    start_time: instantOrNull(startTime),
    total_run_time: seconds(totalRunTimeUs),
    flow_version: flowVersion,
  };
}
