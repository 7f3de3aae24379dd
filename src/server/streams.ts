/** Everything that streams, put together: the sockets, what they take in, and what they hear. */

import type { Server as HttpServer } from 'node:http';

import { eventIntake } from '../api/sockets/event-intake.ts';
import { eventsIn } from '../api/sockets/events-in.ts';
import { eventsOut } from '../api/sockets/events-out.ts';
import { logsOut } from '../api/sockets/logs-out.ts';
import { scheduledTasks } from '../api/sockets/scheduled-tasks.ts';
import { serveSockets, type Channel } from '../api/sockets/socket-server.ts';
import { sleep, type Clock } from '../core/time.ts';
import type { Reach } from '../core/web/caller-policy.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { EventBatches } from '../services/event-batches.ts';
import { forgetOldEvents } from '../services/event-retention.ts';
import { eventFeed, logFeed } from '../services/event-relay.ts';
import { requeueTasks } from '../services/requeue-tasks.ts';
import type { TaskQueues } from '../services/task-queues.ts';
import type { Storage } from '../store/port.ts';
import { inMeasure } from './in-measure.ts';

export interface StreamOptions {
  readonly storage: Storage;
  readonly useCases: UseCases;
  readonly taskQueues: TaskQueues;
  readonly clock: Clock;
  readonly authString: string | null;
  /** Default: this machine only, by its loopback names. */
  readonly reach?: Reach | undefined;
  readonly onFailure: (message: string, error: unknown) => void;
  readonly onNotice: (message: string) => void;
}

export interface Streams {
  /** Closes the sockets and writes what came in over them. */
  close(): Promise<void>;
}

/** How often new rows are looked for: of other processes, and of our own, since a look costs some microseconds. */
const RELAY_MS = 50;
const RETENTION_MS = 60_000;
/** Task workers come back within half a second, their events within two. */
const REQUEUE_AFTER_MS = 3000;

export function openStreams(http: HttpServer, options: StreamOptions): Streams {
  const { storage, useCases, clock, authString, taskQueues } = options;
  const batches = new EventBatches(storage, clock, options.onNotice);
  const events = eventFeed(storage, clock);
  const logs = logFeed(storage, clock);
  const sockets = serveSockets(http, {
    authString, reach: options.reach, channels: socketChannels({ batches, events, logs, useCases, taskQueues, clock, onNotice: options.onNotice }),
    onFailure: (error, path) => options.onFailure(`The socket ${path} failed`, error),
  });
  const relay = repeat(RELAY_MS, clock, async () => void (await Promise.all([events.tick(), logs.tick()])), options);
  const retention = repeat(RETENTION_MS, clock, () => forgetOldEvents(storage, clock), options);
  const closing = new AbortController();
  const requeued = requeueLater(options, closing.signal).catch((error: unknown) => options.onFailure('Deferred task runs were not queued again', error));
  return {
    async close() {
      closing.abort();
      await Promise.all([relay.stop(), retention.stop(), requeued]);
      await sockets.close();
      await Promise.all([events.close(), logs.close()]);
      await batches.close();
    },
  };
}

interface ChannelParts extends Pick<StreamOptions, 'useCases' | 'taskQueues' | 'clock' | 'onNotice'> {
  readonly batches: Pick<EventBatches, 'record'>;
  readonly events: ReturnType<typeof eventFeed>;
  readonly logs: ReturnType<typeof logFeed>;
}

/** The table of contents of the sockets. */
export function socketChannels({ batches, events, logs, useCases, taskQueues, clock, onNotice }: ChannelParts): readonly Channel[] {
  return [
    eventsIn(eventIntake({ clock, record: (report, settle) => batches.record(report, settle), onRefused: inMeasure(onNotice, clock) })),
    eventsOut({ feed: events, useCases, clock }),
    logsOut(logs),
    scheduledTasks(taskQueues, clock),
  ];
}

async function requeueLater({ storage, taskQueues, clock }: StreamOptions, closing: AbortSignal): Promise<void> {
  const startedAt = clock.now();
  await sleep(clock, REQUEUE_AFTER_MS, closing).catch(() => undefined);
  if (!closing.aborted) await requeueTasks(storage, taskQueues, startedAt);
}

/** Works, waits, works again; a failure is told, and the next turn comes. */
function repeat(everyMs: number, clock: Clock, work: () => Promise<void>, { onFailure }: StreamOptions): { readonly stop: () => Promise<void> } {
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer = clock.setTimer(everyMs, turn, { unref: true });
  function turn(): void {
    running = work()
      .catch((error: unknown) => onFailure('A service failed', error))
      .then(() => {
        if (!isStopped) timer = clock.setTimer(everyMs, turn, { unref: true });
      });
  }
  return {
    async stop() {
      isStopped = true;
      timer.cancel();
      await running;
    },
  };
}
