/** Whether the streams that the page listens to are up: shown to the person, because a page that stands still looks like one where nothing happens. */
export type Connection = 'live' | 'down';

const streams = new Map<symbol, { readonly path: string; readonly status: Connection }>();
const listeners = new Set<() => void>();

/** @returns says how that stream is now; `null` when it is gone */
export function reportConnection(path: string): (status: Connection | null) => void {
  const stream = Symbol(path);
  return (status) => {
    if (status === null) streams.delete(stream);
    else streams.set(stream, { path, status });
    for (const listener of listeners) listener();
  };
}

/** `null` while nothing is listened to, or nothing is known yet. Events decide: a server may have switched the stream of logs off. */
export function connectionNow(): Connection | null {
  const statuses = [...streams.values()].filter(({ path }) => path.startsWith('/events')).map(({ status }) => status);
  if (statuses.length === 0) return null;
  return statuses.includes('down') ? 'down' : 'live';
}

export function isStreamLive(path: string): boolean {
  return [...streams.values()].some((stream) => stream.path === path && stream.status === 'live');
}

export function onConnectionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
