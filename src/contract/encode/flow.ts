import type * as wire from '../schema/flow.ts';
import type { Flow, FlowRun } from '../../core/flow-run.ts';
import { formatInstant } from '../../core/time.ts';

export function encodeFlow({ id, name, tags, labels, description, createdAt, updatedAt = createdAt }: Flow): wire.Flow {
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    name,
    tags: [...tags],
    labels: { ...labels },
    description: description ?? null,
  };
}

export interface FlowWithLastRun extends Flow {
  readonly runCount: number;
  readonly lastRun: FlowRun | null;
}

export function encodeFlowSummary(flow: FlowWithLastRun): wire.FlowSummary {
  const { runCount, lastRun } = flow;
  return { ...encodeFlow(flow), run_count: runCount, last_run: lastRun && encodeLastRun(lastRun) };
}

function encodeLastRun({ id, name, state, createdAt }: FlowRun): NonNullable<wire.FlowSummary['last_run']> {
  return { id, name, state_type: state.type, state_name: state.name, created: formatInstant(createdAt) };
}
