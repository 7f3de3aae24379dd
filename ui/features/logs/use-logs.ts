/** Lines of a run from the server: pages as they are wanted, new ones as they are written. */
import { useCallback, useEffect, useEffectEvent, useReducer, useRef, useState } from 'react';

import { isStreamLive } from '../../api/connection.ts';
import { LOG_PAGE_SIZE, readLogs, useLogStream, type Log, type LogSelection } from '../../api/logs.ts';
import { EMPTY_LOGS, reduceLogs, type LogAction, type LogEnd } from './log-store.ts';

/** A server may have its stream of logs switched off; then it is asked. */
const POLL_MS = 3000;
/** The last lines are written as the run ends, and come after its state. */
const LAST_LINES_MS = 1500;
/**
 * So long the first page waits for the stream: what is read once one listens has no gap, and need not be read again.
 */
const LISTEN_FIRST_MS = 1000;
const HEARD_MS = 50;
/** Lines that come in a burst are shown together. */
const BATCH_MS = 100;

export function useLogs(selection: LogSelection, from: LogEnd, isActive: boolean) {
  const [store, dispatch] = useReducer(reduceLogs, EMPTY_LOGS);
  const [isLoading, setLoading] = useState(true);
  const [tries, setTries] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const key = JSON.stringify([selection, from]);
  const current = useRef(key);

  /** What comes after the selection has changed is not wanted any more. */
  const load = useCallback(async (read: () => Promise<LogAction>, wanted: string): Promise<void> => {
    setLoading(true);
    try {
      const action = await read();
      if (current.current === wanted) dispatch(action);
      setError(null);
    } catch (cause) {
      if (current.current === wanted) setError(cause as Error);
    } finally {
      if (current.current === wanted) setLoading(false);
    }
  }, []);

  const start = useEffectEvent(() =>
    load(async () => {
      const page = await readLogs(selection, from === 'first' ? 'TIMESTAMP_ASC' : 'TIMESTAMP_DESC', 0);
      return { type: 'loaded', from, page, isLast: page.length < LOG_PAGE_SIZE };
    }, key),
  );
  const [isListening, setListening] = useState(!isActive);
  useEffect(() => {
    const timer = setTimeout(() => setListening(true), LISTEN_FIRST_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    current.current = key;
    if (isListening) void start();
  }, [key, tries, isListening]);

  const loadMore = (type: 'newer' | 'older'): Promise<void> =>
    load(async () => {
      const page = await readLogs(selection, type === 'newer' ? 'TIMESTAMP_ASC' : 'TIMESTAMP_DESC', store.lines.length);
      return { type, page, isLast: page.length < LOG_PAGE_SIZE };
    }, key);

  const hear = useCallback((lines: readonly Log[]) => dispatch({ type: 'live', lines }), []);
  useLiveLines(selection, !isLoading, isActive, hear, () => {
    // What is said on the stream and what is asked beside it may overtake each other.
    if (!isListening) setTimeout(() => setListening(true), HEARD_MS);
    return isListening;
  });
  return { ...store, isLoading, error, loadMore, retry: () => setTries(tries + 1) };
}

/**
 * @param isShown lines that come before the first page wait for it
 * @param onListening says whether the first page was read before one listened: then lines may be missing
 */
function useLiveLines(
  selection: LogSelection,
  isShown: boolean,
  isActive: boolean,
  onLines: (lines: readonly Log[]) => void,
  onListening: () => boolean,
): void {
  const waiting = useRef<Log[]>([]);
  const tick = useEffectEvent(() => {
    if (isShown && waiting.current.length > 0) onLines(waiting.current.splice(0));
  });
  const readLast = async (): Promise<void> => {
    const page = await readLogs(selection, 'TIMESTAMP_DESC', 0).catch(() => []);
    onLines(page.reverse());
  };
  const look = useEffectEvent(readLast);
  useLogStream(
    isActive ? selection : null,
    (log) => void waiting.current.push(log),
    () => {
      if (onListening()) void readLast();
    },
  );
  useEffect(() => {
    if (!isActive) return;
    const timers = [
      setInterval(() => tick(), BATCH_MS),
      setInterval(() => void (isStreamLive('/logs/out') || look()), POLL_MS),
    ];
    return () => {
      for (const timer of timers) clearInterval(timer);
      setTimeout(() => void look(), LAST_LINES_MS);
    };
  }, [isActive]);
}
