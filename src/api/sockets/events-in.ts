/**
 * `/events/in`: one event a frame, never answered. A ping is answered when all events before it are on the disk.
 *
 * 1. A socket is read only while there is room: for its own events that are on their way to the disk, and for those of
 *    all.
 * 2. While there is none, a client that goes takes what was not read yet with it: it knows what was not confirmed.
 */

import type { WebSocket } from 'ws';

import { EVENT_BYTES_MAX } from '../../contract/body/event.ts';
import type { EventIntake } from './event-intake.ts';
import type { Channel } from './socket-server.ts';
import type { Frames } from './frames.ts';
import { InFlightBudget } from './in-flight-budget.ts';

/** Bytes; above the largest event, since escapes of the client become shorter here. */
const FRAME_BYTES_MAX = 4 * EVENT_BYTES_MAX;
/** Events of one socket. */
const WAITING_MAX = 1000;
const WAITING_CHARACTERS_MAX = 4 * 1024 * 1024;
/**
 * Characters of all sockets, also of closed ones: on a disk that is full for hours, clients reconnect again and again
 * with everything they have.
 */
const ALL_WAITING_CHARACTERS_MAX = 32 * 1024 * 1024;

export function eventsIn(intake: EventIntake, all = new InFlightBudget(Infinity, ALL_WAITING_CHARACTERS_MAX)): Channel {
  return {
    path: '/events/in',
    frameBytesMax: FRAME_BYTES_MAX,
    run: (socket, frames) => receive(socket, frames, intake, all),
  };
}

async function receive(socket: WebSocket, frames: Frames, intake: EventIntake, all: InFlightBudget): Promise<void> {
  const own = new InFlightBudget(WAITING_MAX, WAITING_CHARACTERS_MAX);
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

/** Waits for free budget; `false` when the client disconnects first. */
async function isReadOn(socket: WebSocket, all: InFlightBudget): Promise<boolean> {
  const gone = Promise.withResolvers<void>();
  socket.once('close', gone.resolve);
  if (socket.readyState === socket.OPEN) await Promise.race([all.whenFree(), gone.promise]);
  socket.off('close', gone.resolve);
  return !all.isFull;
}
