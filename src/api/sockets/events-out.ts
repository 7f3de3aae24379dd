/**
 * `/events/out`: the client says what it wants, gets what happened in the last quarter of an hour (unless it does not want
 * it), then what happens. Nothing comes twice and nothing is left out: the past ends at the row from which the feed goes on.
 */

import type { WebSocket } from 'ws';

import { EventFilterIn } from '../../contract/body/event-filter.ts';
import { check } from '../../contract/checker.ts';
import { eventFilter } from '../../contract/decode/event-filter.ts';
import { encodeEvent } from '../../contract/encode/event.ts';
import { wireText } from '../../contract/wire-json.ts';
import { includesEvent, isInTime, type EventFilter } from '../../core/event-filter.ts';
import type { Event } from '../../core/event.ts';
import { addSeconds, type Clock } from '../../core/time.ts';
import type { UseCases } from '../../orchestrator/use-cases.ts';
import { invalidFilter } from './event-intake.ts';
import { dropSocket, isWritable, textOnce, type Feed } from './feed.ts';
import { closeSocket, PROTOCOL_ERROR, type Frames, type Message } from './frames.ts';
import type { Channel } from './socket-server.ts';

const BACKFILL_SECONDS_MAX = 15 * 60;
const BACKFILL_PAGE = 250;
const PAUSE_MS = 20;

type SequencedEvent = Event & { readonly seq: number };

export interface EventsOutParts {
  readonly feed: Feed<SequencedEvent>;
  readonly useCases: Pick<UseCases, 'findEvents'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function eventsOut(parts: EventsOutParts): Channel {
  const textOf = textOnce((event: SequencedEvent) => `{"type":"event","event":${wireText(encodeEvent(event))}}`);
  return { path: '/events/out', run: (socket, frames) => stream(socket, frames, parts, textOf) };
}

async function stream(socket: WebSocket, frames: Frames, parts: EventsOutParts, textOf: (event: SequencedEvent) => string): Promise<void> {
  const { feed, clock } = parts;
  const message = await frames.nextJson();
  if (message === null) return;
  const filter = filterOf(socket, message, parts);
  if (filter === null) return;
  let isLive = message['backfill'] === false;
  const send = (events: readonly SequencedEvent[]): void => {
    for (const event of events) if (isInTime(filter, event)) socket.send(textOf(event));
  };
  // Who asks for the same at another time wants the same.
  const { since: _since, until: _until, ...sameFor } = filter;
  const { seq, leave } = await feed.subscribe({
    key: JSON.stringify(sameFor),
    wants: (event) => includesEvent(filter, event),
    isReady: () => isLive && isWritable(socket),
    take: send,
    drop: (reason) => dropSocket(socket, reason),
  });
  socket.on('close', leave);
  if (socket.readyState !== socket.OPEN) return leave();
  if (!isLive && filter.since <= clock.now()) await sendPast(socket, filter, seq, parts, send);
  isLive = true;
  // What the client says further is of no meaning, but must not wait in memory.
  while ((await frames.next()) !== null);
}

function filterOf(socket: WebSocket, message: Message, { clock }: EventsOutParts): EventFilter | null {
  if (message['type'] !== 'filter') {
    closeSocket(socket, PROTOCOL_ERROR, "Expected 'filter' message");
    return null;
  }
  const checked = check(EventFilterIn, message['filter'], 'body');
  if (!checked.ok) {
    closeSocket(socket, PROTOCOL_ERROR, invalidFilter(checked.problems));
    return null;
  }
  const now = clock.now();
  const filter = eventFilter(checked.value as EventFilterIn, now);
  const earliest = addSeconds(now, -BACKFILL_SECONDS_MAX);
  return { ...filter, since: filter.since < earliest ? earliest : filter.since, order: 'asc', isDistinct: false };
}

/** In pages, each when the client has taken the one before. */
async function sendPast(
  socket: WebSocket, filter: EventFilter, seqMax: number, { useCases }: EventsOutParts, send: (events: readonly SequencedEvent[]) => void,
): Promise<void> {
  for (let after: SequencedEvent | undefined; ;) {
    while (!isWritable(socket)) {
      if (socket.readyState !== socket.OPEN) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const events = await useCases.findEvents({ filter, limit: BACKFILL_PAGE, after, seqMax });
    send(events);
    after = events.at(-1);
    if (events.length < BACKFILL_PAGE) return;
  }
}
