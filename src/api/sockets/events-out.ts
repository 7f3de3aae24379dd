/**
 * `/events/out`: the client says what it wants, gets what happened in the last quarter of an hour (unless it does not
 * want it), then what happens. Nothing comes twice and nothing is left out: the past ends at the row from which the
 * feed goes on.
 *
 * Each frame of what happens has its position. A client that was away gives the last one that it has (`after`): it is
 * told whether all that it missed follows (`resumed`), and gets it in the order of commits, however long ago it
 * happened. The past has no positions: it comes in the order of time.
 */

import type { WebSocket } from 'ws';

import { EventFilterIn } from '../../contract/body/event-filter.ts';
import { check } from '../../contract/checker.ts';
import { eventFilter, liveEventFilter } from '../../contract/decode/event-filter.ts';
import { encodeEvent } from '../../contract/encode/event.ts';
import { writePosition } from '../../contract/feed-position.ts';
import { wireText } from '../../contract/wire-json.ts';
import { includesEvent, isInTime, type EventFilter } from '../../core/event-filter.ts';
import type { Event } from '../../core/event.ts';
import { addSeconds, type Clock } from '../../core/time.ts';
import type { UseCases } from '../../orchestrator/use-cases.ts';
import { invalidFilter } from './event-intake.ts';
import { dropSocket, isWritable, resumption, textOnce, type Feed, type Subscriber } from './feed.ts';
import { closeSocket, PROTOCOL_ERROR, type Frames, type Message } from './frames.ts';
import type { Channel } from './socket-server.ts';

export const BACKFILL_SECONDS_MAX = 15 * 60;
const BACKFILL_PAGE = 250;
const PAUSE_MS = 20;

type SequencedEvent = Event & { readonly seq: number };

export interface EventsOutParts {
  readonly feed: Feed<SequencedEvent>;
  readonly useCases: Pick<UseCases, 'findEvents'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function eventsOut(parts: EventsOutParts): Channel {
  const textOf = textOnce((event: SequencedEvent) => textOfEvent(event, `,"position":"${writePosition(event)}"`));
  return { path: '/events/out', run: (socket, frames) => stream(socket, frames, parts, textOf) };
}

function textOfEvent(event: Event, more = ''): string {
  return `{"type":"event","event":${wireText(encodeEvent(event))}${more}}`;
}

async function stream(
  socket: WebSocket,
  frames: Frames,
  parts: EventsOutParts,
  textOf: (event: SequencedEvent) => string,
): Promise<void> {
  const { feed, clock } = parts;
  const message = await frames.nextJson();
  if (message === null) return;
  const asked = filterOf(socket, message);
  if (asked === null) return;
  const filter = liveEventFilter(asked, clock.now());
  const { after, tell } = resumption(socket, message);
  const past = lately(filter, clock);
  let window = past;
  let isLive = false;
  const subscriber: Subscriber<SequencedEvent> = {
    // Filters that only differ in their period are equal for live events.
    key: JSON.stringify(filter.where),
    wants: (event) => includesEvent(filter, event),
    isReady: () => isLive && isWritable(socket),
    take: (events) => {
      for (const event of events) if (isInTime(window, event)) socket.send(textOf(event));
    },
    drop: (reason) => dropSocket(socket, reason),
  };
  const { seq, isResumed, leave } = await feed.subscribe(subscriber, after);
  socket.on('close', leave);
  if (socket.readyState !== socket.OPEN) return leave();
  tell(isResumed);
  if (isResumed) window = filter;
  else if (message['backfill'] !== false && past.since <= clock.now()) {
    const { where } = eventFilter(asked, clock.now());
    await sendPast(socket, { ...past, where }, seq, parts);
  }
  isLive = true;
  feed.wake();
  // Further frames have no meaning, but must not pile up in memory.
  while ((await frames.next()) !== null);
}

function filterOf(socket: WebSocket, message: Message): EventFilterIn | null {
  if (message['type'] !== 'filter') {
    closeSocket(socket, PROTOCOL_ERROR, "Expected 'filter' message");
    return null;
  }
  const checked = check(EventFilterIn, message['filter'], 'body');
  if (!checked.ok) {
    closeSocket(socket, PROTOCOL_ERROR, invalidFilter(checked.problems));
    return null;
  }
  return checked.value as EventFilterIn;
}

/** A new client gets the last quarter of an hour. */
function lately(filter: EventFilter, clock: Pick<Clock, 'now'>): EventFilter {
  const earliest = addSeconds(clock.now(), -BACKFILL_SECONDS_MAX);
  return { ...filter, since: filter.since < earliest ? earliest : filter.since };
}

/** In pages, each when the client has taken the one before. */
async function sendPast(
  socket: WebSocket,
  filter: EventFilter,
  seqMax: number,
  { useCases }: EventsOutParts,
): Promise<void> {
  for (let after: SequencedEvent | undefined; ;) {
    while (!isWritable(socket)) {
      if (socket.readyState !== socket.OPEN) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const events = await useCases.findEvents({ filter, limit: BACKFILL_PAGE, after, seqMax });
    for (const event of events) socket.send(textOfEvent(event));
    after = events.at(-1);
    if (events.length < BACKFILL_PAGE) return;
  }
}
