/**
 * A WebSocket of the API that stays: handshake, then messages, then again after a break.
 *
 * The handshake is Prefect's: subprotocol `prefect`, `auth` answered by `auth_success`, then a `filter`. A browser can
 * give a socket no header, so the auth string goes with the handshake.
 */
import { onRecovery, reportConnection } from './connection.ts';
import { authString } from './credentials.ts';
import { getJson } from './http.ts';
import { suspect } from './probe.ts';

export interface StreamOptions {
  readonly path: string;
  /** Made anew for each connection: it may say since when. */
  readonly filter: () => object;
  /** Whether the first connection also tells what happened since the time that its filter says. Default `false`. */
  readonly backfills?: boolean;
  /**
   * Whether it hears, after a break, what came during it. Default `false`: for what is rather read again as a whole.
   */
  readonly resumes?: boolean;
  readonly onMessage: (message: unknown) => void;
  /**
   * From now on everything is heard. What happened before the connection, or since a break, was not: read again. Not
   * told after a break of which everything is heard.
   * @param isFirst it is no break that is over
   */
  readonly onLive?: (isFirst: boolean) => void;
}

const BACKOFF_MS = { first: 500, factor: 2, max: 15_000 };
/** The server closes a socket so whose handshake it does not take. */
const POLICY_VIOLATION = 1008;

/** @returns closes it for good */
export function openStream(options: StreamOptions): () => void {
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isClosed = false;
  let isFirst = true;
  /** Of the last message, for `resumes`. */
  let position: string | null = null;
  const report = reportConnection(options.path);

  const connect = (): void => {
    clearTimeout(retry);
    retry = undefined;
    const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api${options.path}`, 'prefect');
    socket = opened;
    opened.onopen = () => opened.send(JSON.stringify({ type: 'auth', token: authString() }));
    opened.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as { type?: string; position?: string; complete?: boolean };
      if (message.type === 'resumed') {
        if (message.complete !== true) options.onLive?.(false);
        return;
      }
      if (message.type !== 'auth_success') {
        position = message.position ?? position;
        return options.onMessage(message);
      }
      const resumed = options.resumes === true && position !== null ? { after: position } : {};
      const backfill = isFirst && options.backfills === true;
      opened.send(JSON.stringify({ type: 'filter', filter: options.filter(), backfill, ...resumed }));
      failures = 0;
      report('live');
      if (!('after' in resumed)) options.onLive?.(isFirst);
      isFirst = false;
    };
    opened.onclose = ({ code }) => {
      if (isClosed) return;
      report('down');
      if (code === POLICY_VIOLATION) void getJson('/admin/version').then(comeAgain, comeAgain);
      else {
        void suspect(Date.now());
        comeAgain();
      }
    };
  };
  const comeAgain = (): void => {
    if (isClosed) return;
    const waitMs = Math.min(BACKOFF_MS.max, BACKOFF_MS.first * BACKOFF_MS.factor ** failures);
    failures += 1;
    // Many tabs that lost one server should not come back in one moment.
    retry = setTimeout(connect, waitMs * (0.5 + Math.random() / 2));
  };
  connect();
  const leave = onRecovery(() => {
    if (retry !== undefined) connect();
  });

  return () => {
    isClosed = true;
    leave();
    clearTimeout(retry);
    report(null);
    socket?.close();
  };
}
