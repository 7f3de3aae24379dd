/**
 * Whether the server answers, and whether the streams that the page listens to are up: shown to the person, because a
 * page that stands still looks like one where nothing happens.
 */
export type Connection = 'live' | 'down';

const streams = new Map<symbol, { readonly path: string; readonly status: Connection }>();
const listeners = new Set<() => void>();
const recoveries = new Set<() => void>();
let awaySince: number | null = null;

/** @returns says how that stream is now; `null` when it is gone */
export function reportConnection(path: string): (status: Connection | null) => void {
  const stream = Symbol(path);
  return (status) => {
    if (status === null) streams.delete(stream);
    else streams.set(stream, { path, status });
    if (status === 'live') noteReach(true);
    tell();
  };
}

/** Each request says whether the server answered it. */
export function noteReach(isThere: boolean, at = Date.now()): void {
  if (isThere === (awaySince === null)) return;
  awaySince = isThere ? null : at;
  tell();
  if (isThere) for (const recover of recoveries) recover();
}

/** Since when nothing has answered, in milliseconds since 1970; `null`: the server is there. */
export function serverAwaySince(): number | null {
  return awaySince;
}

/**
 * `null` while nothing is listened to, or nothing is known yet. Events decide: a server may have switched the stream of
 * logs off.
 */
export function connectionNow(): Connection | null {
  if (awaySince !== null) return 'down';
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

/** Hears each time that the server answers again. */
export function onRecovery(recover: () => void): () => void {
  recoveries.add(recover);
  return () => recoveries.delete(recover);
}

function tell(): void {
  for (const listener of listeners) listener();
}
