/** `/events/in`: one event a frame, never answered. A ping is answered when all events before it are on the disk. */

import { EVENT_BYTES_MAX } from '../../contract/body/event.ts';
import type { EventIntake } from './event-intake.ts';
import type { Channel } from './socket-server.ts';
import type { Frames } from './frames.ts';

/** Above the largest event, since what a client escapes becomes shorter here. */
const FRAME_BYTES_MAX = 4 * EVENT_BYTES_MAX;
/** Events of one socket that are on their way to the disk; the socket is not read while there are more. */
const WAITING_MAX = 1000;
const WAITING_CHARACTERS_MAX = 4 * 1024 * 1024;

export function eventsIn(intake: EventIntake): Channel {
  return {
    path: '/events/in',
    frameBytesMax: FRAME_BYTES_MAX,
    run: (_socket, frames) => receive(frames, intake),
  };
}

async function receive(frames: Frames, intake: EventIntake): Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let characters = 0;
  let onRoom: (() => void) | null = null;
  frames.settled = () => last;
  for (let text = await frames.next(); text !== null; text = await frames.next()) {
    const { length } = text;
    waiting += 1;
    characters += length;
    last = intake(text).finally(() => {
      waiting -= 1;
      characters -= length;
      onRoom?.();
    });
    if (waiting < WAITING_MAX && characters < WAITING_CHARACTERS_MAX) continue;
    await new Promise<void>((resolve) => {
      onRoom = resolve;
    });
    onRoom = null;
  }
}
