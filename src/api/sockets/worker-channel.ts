/**
 * `/work_pools/{name}/workers/connect`: a worker of Prefect 3.9 says hello and is told of its pool, then of each change
 * of the pool; its heartbeats come over the socket.
 *
 * 1. Snapshots are numbered, and the newest is the pool as it is: of changes that come together, one is sent.
 * 2. A change that was missed is found with the next heartbeat.
 */

import type { WebSocket } from 'ws';

import { check } from '../../contract/checker.ts';
import { encodeWorkPool, storageConfigurationText } from '../../contract/work-pool.ts';
import {
  CHANNEL_CLOSES,
  encodeReadyFrame,
  encodeSnapshot,
  encodeSnapshotFrame,
  WORKER_CHANNEL_CAPABILITIES,
  WORKER_CHANNEL_PATH,
  WORKER_CHANNEL_VERSION,
  WorkerHeartbeatIn,
  WorkerHelloIn,
  type ChannelClose,
} from '../../contract/worker-channel.ts';
import { wireText } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { resourceIdOf, type Event } from '../../core/event.ts';
import type { IdSource } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import type { Clock, Instant } from '../../core/time.ts';
import type { WorkPool, WorkQueue } from '../../core/work-pool.ts';
import { jobTemplateProblem } from '../../core/work-pool-rules.ts';
import type { UseCases } from '../../orchestrator/use-cases.ts';
import { dropSocket, isWritable, type Feed } from './feed.ts';
import { closeSocket, jsonObject, type Frames } from './frames.ts';
import type { Channel } from './socket-server.ts';

/** Bytes; a template of jobs comes with the hello. */
const FRAME_BYTES_MAX = 2 * 1024 * 1024;

export interface WorkerChannelParts {
  readonly feed: Feed<Event & { readonly seq: number }>;
  readonly useCases: Pick<UseCases, 'readWorkPool' | 'createWorkPool' | 'updateWorkPool' | 'beatWorker' | 'countSlots'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
}

export function workerChannel(parts: WorkerChannelParts): Channel {
  return {
    path: WORKER_CHANNEL_PATH,
    frameBytesMax: FRAME_BYTES_MAX,
    needsHandshake: true,
    refusal: 'authentication_failed' satisfies ChannelClose,
    run: async (socket, frames, names) => {
      try {
        await new Conversation(socket, frames, names['work_pool_name'] ?? '', parts).run();
      } catch (error) {
        if (!(error instanceof Ended)) throw error;
        closeSocket(socket, CHANNEL_CLOSES[error.reason], error.reason);
      }
    },
  };
}

/** The channel has to be closed, for this reason. */
class Ended extends Error {
  readonly reason: ChannelClose;

  constructor(reason: ChannelClose) {
    super(reason);
    this.reason = reason;
  }
}

interface Facts {
  readonly pool: WorkPool;
  readonly queues: readonly WorkQueue[];
}

class Conversation {
  readonly #socket: WebSocket;
  readonly #frames: Frames;
  readonly #poolName: string;
  readonly #parts: WorkerChannelParts;
  #isLive = false;
  #sequence = 1;
  #toldUpdatedAt: Instant | null = null;
  /** The pool as the worker knows it. */
  #told = '';
  #isTelling = false;
  #isChanged = false;
  /** Rejects with what went wrong while a change was told. */
  readonly #failed = Promise.withResolvers<never>();

  constructor(socket: WebSocket, frames: Frames, poolName: string, parts: WorkerChannelParts) {
    this.#socket = socket;
    this.#frames = frames;
    this.#poolName = poolName;
    this.#parts = parts;
    // One that comes when the channel is over has nobody to hear it.
    this.#failed.promise.catch(() => {});
  }

  async run(): Promise<void> {
    const text = await this.#frames.next();
    if (text === null) return;
    const hello = helloOf(text);
    const { pool } = await this.#ensurePool(hello);
    const { leave } = await this.#parts.feed.subscribe(
      {
        key: `pool ${pool.id}`,
        wants: (event) => resourceIdOf(event) === `prefect.work-pool.${pool.id}`,
        isReady: () => this.#isLive && isWritable(this.#socket),
        take: () => this.#changed(),
        drop: (reason) => dropSocket(this.#socket, reason),
      },
      null,
    );
    this.#socket.on('close', leave);
    try {
      await this.#welcome(hello);
      await Promise.race([this.#listen(hello.payload), this.#failed.promise]);
    } finally {
      leave();
    }
  }

  async #welcome({ payload }: Hello): Promise<void> {
    const { useCases } = this.#parts;
    const { worker_name: name, heartbeat_interval_seconds: intervalSeconds } = payload;
    await useCases.beatWorker({ poolName: this.#poolName, name, intervalSeconds });
    const facts = await this.#facts();
    const queues = queuesOf(facts.queues, payload.work_queue_names ?? []);
    this.#toldUpdatedAt = facts.pool.updatedAt;
    const encoded = await this.#encoded(facts);
    this.#told = wireText(encoded);
    this.#send(encodeReadyFrame(this.#head(), payload, queues, encoded));
    this.#isLive = true;
    this.#parts.feed.wake();
  }

  async #listen({ consumer_id: consumer, worker_name: name }: Hello['payload']): Promise<void> {
    for (let text = await this.#frames.next(); text !== null; text = await this.#frames.next()) {
      const sent = parsed(text);
      const checked = check(WorkerHeartbeatIn, sent, 'body');
      if (!checked.ok) throw new Ended('protocol_error');
      const { payload } = checked.value as WorkerHeartbeatIn;
      if (payload.consumer_id !== consumer || payload.worker_name !== name) throw new Ended('protocol_error');
      try {
        await this.#parts.useCases.beatWorker({
          poolName: this.#poolName,
          name,
          intervalSeconds: payload.heartbeat_interval_seconds,
        });
      } catch (error) {
        if (!OstinatoError.is(error)) throw error;
        throw new Ended('heartbeat_persistence_failed');
      }
      const facts = await this.#parts.useCases.readWorkPool({ name: this.#poolName });
      if (facts !== null && facts.pool.updatedAt !== this.#toldUpdatedAt) this.#changed();
    }
  }

  #changed(): void {
    this.#isChanged = true;
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#tell()
      .catch((error: unknown) => this.#failed.reject(error))
      .finally(() => (this.#isTelling = false));
  }

  async #tell(): Promise<void> {
    while (this.#isChanged && this.#socket.readyState === this.#socket.OPEN) {
      this.#isChanged = false;
      const facts = await this.#facts();
      this.#toldUpdatedAt = facts.pool.updatedAt;
      const encoded = await this.#encoded(facts);
      const text = wireText(encoded);
      if (text === this.#told) continue;
      this.#told = text;
      this.#sequence += 1;
      this.#send(encodeSnapshotFrame(this.#head(), encodeSnapshot(encoded, this.#sequence, 'work_pool_updated')));
    }
  }

  /** A pool that has no template yet gets the worker's. */
  async #ensurePool({ payload, exactTemplate }: Hello): Promise<Facts> {
    const { useCases } = this.#parts;
    const name = this.#poolName;
    const found = await useCases.readWorkPool({ name });
    const template = payload.default_base_job_template ?? {};
    const isGiven = Object.keys(template).length > 0;
    if (isGiven && jobTemplateProblem(template) !== null) throw new Ended('protocol_error');
    try {
      if (found === null && payload.create_pool_if_not_found === true)
        await useCases.createWorkPool({
          name,
          description: null,
          type: payload.worker_type,
          baseJobTemplate: exactTemplate,
          isPaused: false,
          concurrencyLimit: null,
          storageConfiguration: storageConfigurationText(null),
        });
      else if (found !== null && isGiven && found.pool.baseJobTemplate === '{}')
        await useCases.updateWorkPool(name, { baseJobTemplate: exactTemplate });
      else if (found !== null) return found;
    } catch (error) {
      // Another worker was first; a name that is kept back cannot be used.
      if (!OstinatoError.is(error) || (error.code !== 'conflict' && error.code !== 'forbidden')) throw error;
    }
    return await this.#facts();
  }

  async #facts(): Promise<Facts> {
    const facts = await this.#parts.useCases.readWorkPool({ name: this.#poolName });
    if (facts === null) throw new Ended('authorization_failed');
    return facts;
  }

  async #encoded({ pool, queues }: Facts) {
    const counts = pool.concurrencyLimit === null ? null : await this.#parts.useCases.countSlots(queues);
    return encodeWorkPool(pool, counts === null ? 0 : [...counts.values()].reduce((sum, count) => sum + count, 0));
  }

  #head() {
    return { id: this.#parts.ids.next(), sentAt: this.#parts.clock.now() };
  }

  #send(frame: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(wireText(frame));
  }
}

interface Hello {
  readonly payload: WorkerHelloIn['payload'];
  /** The template of jobs with its numbers as they were written. */
  readonly exactTemplate: string;
}

function helloOf(text: string): Hello {
  const checked = check(WorkerHelloIn, parsed(text), 'body');
  if (!checked.ok) throw new Ended('protocol_error');
  const { payload } = checked.value as WorkerHelloIn;
  if (!payload.supported_channel_versions.includes(WORKER_CHANNEL_VERSION)) throw new Ended('unsupported_version');
  if (!WORKER_CHANNEL_CAPABILITIES.every((name) => payload.requested_capabilities.includes(name)))
    throw new Ended('protocol_error');
  const exact = exactValue(text) as { readonly payload: { readonly default_base_job_template?: unknown } };
  return { payload, exactTemplate: JSON.stringify(exact.payload.default_base_job_template ?? {}) };
}

function queuesOf(all: readonly WorkQueue[], names: readonly string[]): readonly WorkQueue[] {
  if (names.length === 0) return all;
  return [...new Set(names)].map((name) => {
    const queue = all.find((one) => one.name === name);
    if (queue === undefined) throw new Ended('authorization_failed');
    return queue;
  });
}

function parsed(text: string): unknown {
  const value = jsonObject(text);
  if (value === null) throw new Ended('protocol_error');
  return value;
}
