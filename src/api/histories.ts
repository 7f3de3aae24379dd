/** Histories: runs by interval of time and by state. */

import type { Static } from '../contract/type.ts';

import type { History } from '../contract/body/list.ts';
import { instantIn } from '../contract/decode/state.ts';
import { seconds } from '../contract/encode/instant.ts';
import type { Condition } from '../core/query.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import type { Answer } from './operation.ts';
import { ok } from './operation.ts';

/** Most intervals; a longer period is cut. */
const INTERVALS_MAX = 500;
const SECOND_US = 1_000_000;

export interface HistoryIn {
  readonly history_start: string;
  readonly history_end: string;
  readonly history_interval_seconds: number;
}

const TOO_SHORT: Answer = Object.freeze({
  status: 422,
  body: { detail: 'History interval must not be less than 1 second.' },
});

export async function runHistory(
  useCases: UseCases,
  noun: 'flow_run' | 'task_run',
  body: HistoryIn,
  where: Condition,
): Promise<Answer> {
  const intervalUs = Math.round(body.history_interval_seconds * SECOND_US);
  if (!(intervalUs >= SECOND_US)) return TOO_SHORT;
  const start = instantIn(body.history_start) as Instant;
  const end = instantIn(body.history_end) as Instant;
  const count = Math.max(0, Math.min(Math.ceil((end - start) / intervalUs), INTERVALS_MAX));
  if (count === 0) return ok([]);
  // The last interval may reach further than an instant can.
  const lastEnd = start + intervalUs * count;
  if (!Number.isSafeInteger(lastEnd)) return { status: 422, body: { detail: 'The history reaches too far.' } };
  const history: Static<typeof History> = Array.from({ length: count }, (_, index) => ({
    interval_start: formatInstant((start + index * intervalUs) as Instant),
    interval_end: formatInstant((start + (index + 1) * intervalUs) as Instant),
    states: [],
  }));
  for (const found of await useCases.runHistory(noun, {
    where,
    field: 'expectedStartTime',
    start,
    intervalUs,
    buckets: count,
  })) {
    history[found.bucket]?.states.push({
      state_type: found.stateType,
      state_name: found.stateName,
      count_runs: found.count,
      sum_estimated_run_time: seconds(found.runTimeUs),
      sum_estimated_lateness: seconds(found.latenessUs),
    });
  }
  return ok(history);
}
