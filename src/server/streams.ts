/** Composes everything that streams: the sockets, their intake, and their feeds. */

import type { Server as HttpServer } from 'node:http';

import { dueRuns } from '../api/sockets/due-runs.ts';
import { eventIntake } from '../api/sockets/event-intake.ts';
import { eventsIn } from '../api/sockets/events-in.ts';
import { eventsOut } from '../api/sockets/events-out.ts';
import { logsOut } from '../api/sockets/logs-out.ts';
import { scheduledTasks } from '../api/sockets/scheduled-tasks.ts';
import { workerChannel } from '../api/sockets/worker-channel.ts';
import { serveSockets, type Channel } from '../api/sockets/socket-server.ts';
import type { IdSource } from '../core/ids.ts';
import { sleep, type Clock } from '../core/time.ts';
import type { Reach } from '../core/web/caller-policy.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { DueWatch } from '../services/due-watch.ts';
import { EventBatches } from '../services/event-batches.ts';
import { forgetOldEvents } from '../services/event-retention.ts';
import { eventFeed, logFeed } from '../services/event-relay.ts';
import { ANOTHER_DATABASE } from '../services/live-feed.ts';
import { requeueTasks } from '../services/requeue-tasks.ts';
import type { TaskQueues } from '../services/task-queues.ts';
import type { Storage } from '../store/port.ts';
import { rateLimited } from './rate-limited.ts';

export interface StreamOptions {
  readonly storage: Storage;
  readonly useCases: UseCases;
  readonly taskQueues: TaskQueues;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly authString: string | null;
  /** Default: this machine only, by its loopback names. */
  readonly reach?: Reach | undefined;
  readonly onFailure: (message: string, error: unknown) => void;
  readonly onNotice: (message: string) => void;
  /** Interval of polling for rows of other processes, in milliseconds. Default: 50. */
  readonly relayMs?: number;
}

export interface Streams {
  /** Call when schedules have made runs, of which no event tells. */
  lookForDue(): void;
  /** Call when another database is open, with other events and logs: subscribers reconnect. */
  comeAgain(): void;
  /** Closes the sockets and writes the events that came in over them. */
  close(): Promise<void>;
}

/** Milliseconds between polls for rows of other processes. The store itself reports our own commits. */
const RELAY_MS = 50;
const RETENTION_MS = 60_000;
/** Milliseconds; task workers reconnect within half a second, their events within two. */
const REQUEUE_AFTER_MS = 3000;

export function openStreams(http: HttpServer, options: StreamOptions): Streams {
  const { storage, useCases, clock, ids, authString, taskQueues } = options;
  const batches = new EventBatches(storage, clock, options.onNotice);
  const events = eventFeed(storage, clock);
  const logs = logFeed(storage, clock);
  const due = new DueWatch({ useCases, clock, feed: events });
  const sockets = serveSockets(http, {
    authString,
    reach: options.reach,
    channels: socketChannels({
      batches,
      events,
      logs,
      due,
      useCases,
      taskQueues,
      clock,
      ids,
      onNotice: options.onNotice,
    }),
    onFailure: (error, path) => options.onFailure(`The socket ${path} failed`, error),
  });
  const stopHearing = storage.onCommit(() => {
    events.wake();
    logs.wake();
  });
  const relayMs = options.relayMs ?? RELAY_MS;
  const relay = repeat(relayMs, clock, async () => void (await Promise.all([events.tick(), logs.tick()])), options);
  const retention = repeat(RETENTION_MS, clock, () => forgetOldEvents(storage, clock), options);
  const closing = new AbortController();
  const requeued = requeueLater(options, closing.signal).catch((error: unknown) =>
    options.onFailure('Deferred task runs were not queued again', error),
  );
  return {
    lookForDue: () => due.lookAgain(),
    comeAgain() {
      events.dropAll(ANOTHER_DATABASE);
      logs.dropAll(ANOTHER_DATABASE);
    },
    async close() {
      closing.abort();
      stopHearing();
      due.close();
      await Promise.all([relay.stop(), retention.stop(), requeued]);
      await sockets.close();
      await Promise.all([events.close(), logs.close()]);
      await batches.close();
    },
  };
}

interface ChannelParts extends Pick<StreamOptions, 'useCases' | 'taskQueues' | 'clock' | 'ids' | 'onNotice'> {
  readonly batches: Pick<EventBatches, 'record'>;
  readonly events: ReturnType<typeof eventFeed>;
  readonly logs: ReturnType<typeof logFeed>;
  readonly due: DueWatch;
}

/** The handlers of all sockets. */
export function socketChannels({
  batches,
  events,
  logs,
  due,
  useCases,
  taskQueues,
  clock,
  ids,
  onNotice,
}: ChannelParts): readonly Channel[] {
  return [
    eventsIn(
      eventIntake({
        clock,
        record: (report, settle) => batches.record(report, settle),
        onRefused: rateLimited(onNotice, clock),
      }),
    ),
    eventsOut({ feed: events, useCases, clock }),
    logsOut(logs),
    scheduledTasks(taskQueues, clock),
    dueRuns({ source: due, feed: events, clock }),
    workerChannel({ feed: events, useCases, clock, ids }),
  ];
}

async function requeueLater({ storage, taskQueues, clock }: StreamOptions, closing: AbortSignal): Promise<void> {
  const startedAt = clock.now();
  await sleep(clock, REQUEUE_AFTER_MS, closing).catch(() => undefined);
  if (!closing.aborted) await requeueTasks(storage, taskQueues, startedAt);
}

/** Repeats the work with pauses; a failure is reported, and the work repeated. */
function repeat(
  everyMs: number,
  clock: Clock,
  work: () => Promise<void>,
  { onFailure }: StreamOptions,
): { readonly stop: () => Promise<void> } {
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
