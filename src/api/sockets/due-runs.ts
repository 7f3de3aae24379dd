/** `/ostinato/runs/due`: tells workers which runs are due, at their time, and which are to stop. */

import type { WebSocket } from 'ws';

import { check } from '../../contract/checker.ts';
import { DUE_CHANNEL_PATH, encodeDueRunFrame, ListenIn, type DueChannelFrame } from '../../contract/due-channel.ts';
import { OstinatoError } from '../../core/errors.ts';
import { resourceIdOf, type Event } from '../../core/event.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { DeploymentId } from '../../core/ids.ts';
import type { Clock, Instant } from '../../core/time.ts';
import { problemText } from './event-intake.ts';
import { dropSocket, isWritable, type Feed } from './feed.ts';
import { closeSocket, POLICY_VIOLATION, PROTOCOL_ERROR, type Frames } from './frames.ts';
import type { Channel } from './socket-server.ts';

export type DueListenFor =
  | { readonly poolName: string; readonly queueNames: readonly string[]; readonly prefetchSeconds: number }
  | { readonly deploymentIds: readonly DeploymentId[] };

/** Who knows what is due (`services/due-watch.ts`). */
export interface DueSource {
  listen(
    selection: DueListenFor,
    listener: {
      /** It was looked, and what is selected is there. */
      readonly looked: () => void;
      /** All that is due now. */
      readonly due: (runs: readonly FlowRun[]) => void;
      readonly failed: (error: unknown) => void;
    },
  ): () => void;
}

export interface DueChannelParts {
  readonly source: DueSource;
  readonly feed: Feed<Event & { readonly seq: number }>;
  readonly clock: Pick<Clock, 'now'>;
}

export function dueRuns(parts: DueChannelParts): Channel {
  return { path: DUE_CHANNEL_PATH, needsHandshake: true, run: (socket, frames) => serve(socket, frames, parts) };
}

async function serve(socket: WebSocket, frames: Frames, { source, feed, clock }: DueChannelParts): Promise<void> {
  const message = await frames.nextJson();
  if (message === null) return;
  const checked = check(ListenIn, message, 'body');
  if (!checked.ok) return closeSocket(socket, PROTOCOL_ERROR, problemText(checked.problems));
  const send = (frame: DueChannelFrame): void => socket.send(JSON.stringify(frame));
  const { leave } = await feed.subscribe(
    {
      key: 'runs that are to stop',
      wants: ({ name }) => name === CANCELLING,
      isReady: () => isWritable(socket),
      take: (events) => send({ type: 'cancelling', flow_run_ids: events.map(runOf) }),
      drop: (reason) => dropSocket(socket, reason),
    },
    null,
  );
  const told = new Told();
  let isListening = false;
  const stop = source.listen(selectionOf(checked.value as ListenIn), {
    // A pool that is not there is no reason to say that it is listened to.
    looked: () => {
      if (isListening || socket.readyState !== socket.OPEN) return;
      isListening = true;
      send({ type: 'listening' });
    },
    due: (runs) => {
      // Whoever does not read asks when there is room for more.
      const fresh = isWritable(socket) ? told.fresh(runs, clock.now()) : [];
      if (fresh.length > 0) send({ type: 'due', flow_runs: fresh.map(encodeDueRunFrame) });
    },
    failed: (error) => {
      const isGone = OstinatoError.is(error) && error.code === 'not-found';
      // The service of the database is told of elsewhere; a client that comes again finds out.
      closeSocket(socket, isGone ? POLICY_VIOLATION : TRY_AGAIN, isGone ? error.message : 'The store does not answer.');
    },
  });
  const end = (): void => {
    leave();
    stop();
  };
  socket.on('close', end);
  if (socket.readyState !== socket.OPEN) return end();
  // Further frames have no meaning, but must not pile up in memory.
  while ((await frames.next()) !== null);
}

const TRY_AGAIN = 1013;
const CANCELLING = 'prefect.flow-run.Cancelling';

function runOf(event: Event): string {
  return resourceIdOf(event).replace('prefect.flow-run.', '');
}

/**
 * Runs that the client was told of, in the states that they had. Of those that are not due any more none is kept. One
 * that it was told of before its time, and may not have got, it is told of at its time again.
 */
class Told {
  #marks = new Set<string>();

  fresh(runs: readonly FlowRun[], now: Instant): readonly FlowRun[] {
    const before = this.#marks;
    const markOf = ({ state }: FlowRun): string =>
      state.type === 'SCHEDULED' && state.scheduledTime > now ? `${state.id} early` : state.id;
    this.#marks = new Set(runs.map(markOf));
    return runs.filter((run) => !before.has(markOf(run)));
  }
}

function selectionOf(sent: ListenIn): DueListenFor {
  return 'deployment_ids' in sent
    ? { deploymentIds: sent.deployment_ids.map((id) => id.toLowerCase() as DeploymentId) }
    : { poolName: sent.work_pool, queueNames: sent.work_queues, prefetchSeconds: sent.prefetch_seconds ?? 0 };
}
