/**
 * Listens for runs that are due (`contract/due-channel.ts`), for as long as it is wanted: a connection that breaks is
 * made again, with growing pauses. Only after one that has listened for a while does the shortest pause come again: a
 * pool that is not there yet is not asked for three times a second. What was missed meanwhile is for whoever listens to
 * ask for: it is told of each break and of each return.
 */

import { DUE_CHANNEL_PATH, type DueChannelFrame, type DueRunFrame, type ListenIn } from '../../contract/due-channel.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { Clock, Timer } from '../../core/time.ts';

/** The part of the web's WebSocket that is used here. */
export interface ChannelSocket {
  addEventListener(type: 'open' | 'close', hear: () => void): void;
  addEventListener(type: 'message', hear: (event: { readonly data: unknown }) => void): void;
  send(text: string): void;
  close(): void;
}

export interface DueRun {
  readonly id: FlowRunId;
  readonly name: string;
  /** `null`: of no deployment. */
  readonly deploymentId: string | null;
}

export interface DueChannelOptions {
  /** For instance `http://127.0.0.1:4200/api`. */
  readonly apiUrl: string;
  /** The auth string or the key; `null`: none. */
  readonly secret: string | null;
  readonly listenFor: ListenIn;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Opens a socket with this subprotocol. */
  readonly connect: (url: string, protocol: string) => ChannelSocket;
  readonly onDue: (runs: readonly DueRun[]) => void;
  readonly onCancelling: (ids: readonly FlowRunId[]) => void;
  /** Called when it has begun to listen, and when that has ended. */
  readonly onListening: (isListening: boolean) => void;
}

const PAUSE_MS = { first: 250, max: 10_000 };
/** A connection that listens for so long is a good one. */
const GOOD_MS = 10_000;
/** Milliseconds; a server that takes the connection and says nothing is as good as away. */
const GREETING_MS_MAX = 10_000;

export interface DueChannel {
  close(): void;
}

export function openDueChannel(options: DueChannelOptions): DueChannel {
  const url = `${options.apiUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}${DUE_CHANNEL_PATH}`;
  let pauseMs = PAUSE_MS.first;
  let isWanted = true;
  let timer: Timer | null = null;
  let socket: ChannelSocket | null = null;
  const open = (): void => {
    const opened = options.connect(url, 'prefect');
    socket = opened;
    let isListening = false;
    let good: Timer | null = null;
    const late = options.clock.setTimer(GREETING_MS_MAX, () => opened.close(), { unref: true });
    opened.addEventListener('open', () => opened.send(JSON.stringify({ type: 'auth', token: options.secret ?? '' })));
    opened.addEventListener('message', ({ data }) => {
      if (!isWanted) return;
      const frame = JSON.parse(String(data)) as DueChannelFrame | { readonly type: 'auth_success' };
      if (frame.type === 'auth_success') opened.send(JSON.stringify(options.listenFor));
      else if (frame.type === 'due') options.onDue(frame.flow_runs.map(dueRunOf));
      else if (frame.type === 'cancelling') options.onCancelling(frame.flow_run_ids as readonly FlowRunId[]);
      else if (frame.type === 'listening') {
        late.cancel();
        isListening = true;
        good ??= options.clock.setTimer(GOOD_MS, () => (pauseMs = PAUSE_MS.first), { unref: true });
        options.onListening(true);
      }
    });
    opened.addEventListener('close', () => {
      late.cancel();
      good?.cancel();
      if (!isWanted) return;
      if (isListening) options.onListening(false);
      timer = options.clock.setTimer(pauseMs, open, { unref: true });
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS.max);
    });
  };
  open();
  return {
    close() {
      isWanted = false;
      timer?.cancel();
      socket?.close();
    },
  };
}

function dueRunOf({ id, name, deployment_id: deploymentId }: DueRunFrame): DueRun {
  return { id: id as FlowRunId, name, deploymentId };
}
