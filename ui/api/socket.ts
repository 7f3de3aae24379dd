/**
 * A WebSocket of the API that stays: handshake, then messages, then again after a break.
 *
 * The handshake is Prefect's: subprotocol `prefect`, `auth` answered by `auth_success`, then a `filter`.
 */
import { authString } from './credentials.ts';
import { reportConnection } from './connection.ts';

export interface StreamOptions {
  readonly path: string;
  /** Made anew for each connection: it may say since when. */
  readonly filter: () => object;
  readonly onMessage: (message: unknown) => void;
  /** From now on everything is heard. What happened since the page read its first answers, or since a break, was not: read again. */
  readonly onLive?: () => void;
}

const BACKOFF_MS = { first: 500, factor: 2, max: 15_000 };

/** @returns closes it for good */
export function openStream(options: StreamOptions): () => void {
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isClosed = false;
  const report = reportConnection(options.path);

  const connect = (): void => {
    socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api${options.path}`, 'prefect');
    socket.onopen = () => socket?.send(JSON.stringify({ type: 'auth', token: authString() }));
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as { type?: string };
      if (message.type !== 'auth_success') return options.onMessage(message);
      socket?.send(JSON.stringify({ type: 'filter', filter: options.filter(), backfill: false }));
      failures = 0;
      report('live');
      options.onLive?.();
    };
    socket.onclose = () => {
      if (isClosed) return;
      report('down');
      const waitMs = Math.min(BACKOFF_MS.max, BACKOFF_MS.first * BACKOFF_MS.factor ** failures);
      failures += 1;
      // Many tabs that lost one server should not come back in one moment.
      retry = setTimeout(connect, waitMs * (0.5 + Math.random() / 2));
    };
  };
  connect();

  return () => {
    isClosed = true;
    clearTimeout(retry);
    report(null);
    socket?.close();
  };
}
