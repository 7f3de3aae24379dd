/**
 * `/events/in`: one event a frame, never answered. A ping is answered when all events before it are on the disk.
 *
 * 1. A socket is read only while there is room: for its own events that are on their way to the disk, and for those of all.
 * 2. While there is none, a client that goes takes what was not read yet with it: it knows what was not confirmed.
 */

import type { WebSocket } from 'ws';

import { EVENT_BYTES_MAX } from '../../contract/body/event.ts';
import type { EventIntake } from './event-intake.ts';
import type { Channel } from './socket-server.ts';
import type { Frames } from './frames.ts';
import { Room } from './room.ts';

/** Above the largest event, since what a client escapes becomes shorter here. */
const FRAME_BYTES_MAX = 4 * EVENT_BYTES_MAX;
/** Of one socket. */
const WAITING_MAX = 1000;
const WAITING_CHARACTERS_MAX = 4 * 1024 * 1024;
/** Of all sockets, also of those that are gone: on a disk that is full for hours, clients come again and again with all they have. */
const ALL_WAITING_CHARACTERS_MAX = 32 * 1024 * 1024;

export function eventsIn(intake: EventIntake, all = new Room(Infinity, ALL_WAITING_CHARACTERS_MAX)): Channel {
  return {
    path: '/events/in',
    frameBytesMax: FRAME_BYTES_MAX,
    run: (socket, frames) => receive(socket, frames, intake, all),
  };
}

async function receive(socket: WebSocket, frames: Frames, intake: EventIntake, all: Room): Promise<void> {
  const own = new Room(WAITING_MAX, WAITING_CHARACTERS_MAX);
  frames.settled = () => own.whenGivenBack();
  for (;;) {
    const text = frames.nextOfWaiting() ?? (await frames.next());
    if (text === null) return;
    const { length } = text;
    const isUnderWay = intake(text, () => {
      own.giveBack(length);
      all.giveBack(length);
    });
    if (!isUnderWay) continue;
    own.take(length);
    all.take(length);
    if (own.isFull) await own.whenFree();
    if (all.isFull && !(await isReadOn(socket, all))) return;
  }
}

/** Waits for room; `false` when the client goes first. */
async function isReadOn(socket: WebSocket, all: Room): Promise<boolean> {
  const gone = Promise.withResolvers<void>();
  socket.once('close', gone.resolve);
  if (socket.readyState === socket.OPEN) await Promise.race([all.whenFree(), gone.promise]);
  socket.off('close', gone.resolve);
  return !all.isFull;
}
