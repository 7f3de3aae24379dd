/** Everything that streams, put together: the sockets, what they take in, and what they hear. */

import type { Server as HttpServer } from 'node:http';

import { eventIntake } from '../api/sockets/event-intake.ts';
import { eventsIn } from '../api/sockets/events-in.ts';
import { serveSockets } from '../api/sockets/socket-server.ts';
import type { Clock } from '../core/time.ts';
import { EventBatches } from '../services/event-batches.ts';
import type { Storage } from '../store/port.ts';

export interface StreamOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly authString: string | null;
  readonly onFailure: (message: string, error: unknown) => void;
  readonly onNotice: (message: string) => void;
}

export interface Streams {
  /** Closes the sockets and writes what came in over them. */
  close(): Promise<void>;
}

export function openStreams(http: HttpServer, options: StreamOptions): Streams {
  const { storage, clock, authString } = options;
  const batches = new EventBatches(storage, clock);
  const sockets = serveSockets(http, {
    authString,
    channels: [eventsIn(eventIntake({ clock, record: (report) => batches.record(report), onRefused: options.onNotice }))],
    onFailure: (error, path) => options.onFailure(`The socket ${path} failed`, error),
  });
  return {
    async close() {
      await sockets.close();
      await batches.drain();
    },
  };
}
