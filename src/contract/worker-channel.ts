/**
 * What a worker of Prefect 3.9 and the server say to each other over the worker's socket: frames with an id and a time,
 * from `worker.hello.v1` on. Runs are still asked for by HTTP there.
 */

import { formatInstant, type Instant } from '../core/time.ts';
import type { WorkQueue } from '../core/work-pool.ts';
import { Action, Maybe, TimeIn, UuidIn } from './route.ts';
import { JsonObject, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import type { WorkPool } from './work-pool.ts';

export const WORKER_CHANNEL_PATH = '/work_pools/{work_pool_name}/workers/connect';
export const WORKER_CHANNEL_VERSION = 'work_pool_worker_channel.v1';
/** A worker that does not ask for both is none of this protocol. */
export const WORKER_CHANNEL_CAPABILITIES = ['worker_heartbeat.v1', 'work_pool_snapshot.v1'] as const;

/** Why a channel is closed: the code and the reason of the close frame. Of 1011, workers connect again. */
export const CHANNEL_CLOSES = {
  authentication_failed: 1008,
  authorization_failed: 1008,
  unsupported_version: 1008,
  protocol_error: 1002,
  heartbeat_persistence_failed: 1011,
} as const;
export type ChannelClose = keyof typeof CHANNEL_CLOSES;

const TextIn = Type.String({ minLength: 1, maxLength: 500 });
/** Seconds: a day. */
const IntervalIn = Whole({ minimum: 1, maximum: 86_400 });

export const WorkerHelloIn = Action({
  type: Type.Literal('worker.hello.v1'),
  id: UuidIn,
  sent_at: TimeIn,
  payload: Action({
    consumer_id: UuidIn,
    worker_name: TextIn,
    worker_type: TextIn,
    heartbeat_interval_seconds: IntervalIn,
    supported_channel_versions: Type.Array(TextIn, { minItems: 1, maxItems: 100 }),
    requested_capabilities: Type.Array(TextIn, { minItems: 1, maxItems: 100 }),
    work_queue_names: Type.Optional(Type.Array(TextIn, { maxItems: 1000 })),
    handled_cleanup_kinds: Type.Optional(Type.Array(TextIn, { maxItems: 100 })),
    max_cleanup_concurrency: Type.Optional(Whole({ minimum: 0 })),
    create_pool_if_not_found: Type.Optional(Type.Boolean()),
    default_base_job_template: Type.Optional(JsonObject),
    worker_metadata: Maybe(JsonObject),
  }),
});
export type WorkerHelloIn = Static<typeof WorkerHelloIn>;

export const WorkerHeartbeatIn = Action({
  type: Type.Literal('worker.heartbeat.v1'),
  id: UuidIn,
  sent_at: TimeIn,
  payload: Action({ consumer_id: UuidIn, worker_name: TextIn, heartbeat_interval_seconds: IntervalIn }),
});
export type WorkerHeartbeatIn = Static<typeof WorkerHeartbeatIn>;

export interface FrameHead {
  readonly id: string;
  readonly sentAt: Instant;
}

/** @param sequence from 1, which is the one that comes with `worker.ready.v1` */
export function encodeSnapshot(pool: WorkPool, sequence: number, reason: string) {
  return { snapshot_sequence: sequence, reason, work_pool: pool };
}

export function encodeSnapshotFrame(head: FrameHead, snapshot: ReturnType<typeof encodeSnapshot>) {
  return { type: 'work_pool.snapshot.v1', id: head.id, sent_at: formatInstant(head.sentAt), payload: snapshot };
}

/** Capabilities that were asked for and are not known here are said to be rejected. */
export function encodeReadyFrame(
  head: FrameHead,
  hello: WorkerHelloIn['payload'],
  queues: readonly Pick<WorkQueue, 'id' | 'name'>[],
  pool: WorkPool,
) {
  const known: readonly string[] = WORKER_CHANNEL_CAPABILITIES;
  return {
    type: 'worker.ready.v1',
    id: head.id,
    sent_at: formatInstant(head.sentAt),
    payload: {
      consumer_id: hello.consumer_id,
      worker_id: null,
      selected_channel_version: WORKER_CHANNEL_VERSION,
      effective_heartbeat_interval_seconds: hello.heartbeat_interval_seconds,
      accepted_capabilities: known,
      rejected_capabilities: [...new Set(hello.requested_capabilities)].filter((name) => !known.includes(name)),
      effective_max_cleanup_concurrency: 0,
      resolved_work_queues: queues.map(({ id, name }) => ({ id, name })),
      initial_snapshot: encodeSnapshot(pool, 1, 'initial'),
    },
  };
}
