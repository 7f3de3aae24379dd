/**
 * Our own socket for those that run runs: it tells which are due, at their time, and which somebody wants to stop.
 *
 * The client says once what it listens for (`listen`), and hears `listening`. Of each run that is due it hears once,
 * until the run's state is another one; whether it gets the run, the claim says (`contract/claim.ts`).
 */

import type { FlowRun } from '../core/flow-run.ts';
import { PREFETCH_SECONDS_MAX } from '../core/work-pool-rules.ts';
import { UuidIn } from './route.ts';
import { Type, type Static } from './type.ts';

export const DUE_CHANNEL_PATH = '/ostinato/runs/due';

const LISTENED_MAX = 1000;

export const ListenIn = Type.Union([
  Type.Object({
    type: Type.Literal('listen'),
    work_pool: Type.String({ minLength: 1 }),
    /** Empty: all of the pool. */
    work_queues: Type.Array(Type.String(), { maxItems: LISTENED_MAX }),
    /** Runs that are due within so many seconds are told of, too, where they may be taken early. Default 0. */
    prefetch_seconds: Type.Optional(Type.Number({ minimum: 0, maximum: PREFETCH_SECONDS_MAX })),
  }),
  Type.Object({
    type: Type.Literal('listen'),
    deployment_ids: Type.Array(UuidIn, { minItems: 1, maxItems: LISTENED_MAX }),
  }),
]);
export type ListenIn = Static<typeof ListenIn>;

export interface DueRunFrame {
  readonly id: string;
  readonly name: string;
  /** `null`: of no deployment. */
  readonly deployment_id: string | null;
}

export type DueChannelFrame =
  | { readonly type: 'listening' }
  | { readonly type: 'due'; readonly flow_runs: readonly DueRunFrame[] }
  | { readonly type: 'cancelling'; readonly flow_run_ids: readonly string[] };

export function encodeDueRunFrame({ id, name, submission }: FlowRun): DueRunFrame {
  return { id, name, deployment_id: submission?.deploymentId ?? null };
}
