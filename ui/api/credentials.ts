/**
 * The auth string of a server that asks for one: kept for this browser tab, never in the address or in a cookie.
 *
 * 1. A request that is refused waits until the person has signed in, and is sent again: nothing that was asked for or
 *    pressed is lost.
 * 2. What is kept is what the server took: a string is tried before anything waits no longer.
 * 3. A tab that is asked while another one of this browser knows the string is told it by that one.
 */
const KEY = 'ostinato.auth';

/** Why the person is asked: nothing is known yet, or what was known is not taken any more. */
export type Demand = 'unknown' | 'outdated';

type Listener = () => void;
const listeners = new Set<Listener>();
const waiting = new Set<Listener>();
let demanded: Demand | null = null;

export function authString(): string | null {
  return sessionStorage.getItem(KEY);
}

/**
 * The header of HTTP Basic authentication over the whole auth string, as Prefect's clients send it; by default of the
 * one that is kept.
 */
export function authorization(auth: string | null = authString()): string | null {
  if (auth === null) return null;
  const bytes = new TextEncoder().encode(auth);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/**
 * Resolves when there is another string than the one that was refused: at once, where somebody has signed in meanwhile.
 *
 * @param refused what `authorization` gave for the request
 */
export function signedIn(refused: string | null, signal?: AbortSignal): Promise<void> {
  if (demanded === null && authorization() !== refused) return Promise.resolve();
  if (demanded === null) {
    demanded = refused === null ? 'unknown' : 'outdated';
    tabs?.postMessage({ type: 'ask' } satisfies Word);
    tell();
  }
  return new Promise((resolve, reject) => {
    const done = (): void => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.delete(done);
      reject(signal?.reason as Error);
    };
    waiting.add(done);
    if (signal?.aborted === true) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
}

/** The server took it: whoever waits goes on. */
export function keepAuth(auth: string): void {
  sessionStorage.setItem(KEY, auth);
  demanded = null;
  for (const goOn of waiting) goOn();
  waiting.clear();
  tell();
}

/** Forgets it, here and in the other tabs of this browser, with all that the pages show. */
export function signOut(): void {
  tabs?.postMessage({ type: 'out' } satisfies Word);
  leave();
}

export function authDemand(): Demand | null {
  return demanded;
}

export function onAuthChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}

function leave(): void {
  sessionStorage.removeItem(KEY);
  location.reload();
}

type Word = { readonly type: 'ask' | 'out' } | { readonly type: 'say'; readonly auth: string };

/** In a browser alone: elsewhere an open channel keeps the process alive that reads this file for its tests. */
const tabs =
  typeof document === 'undefined' || typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(KEY);

/** @param onSaid another tab knows this string, and this one is asked for one */
export function hearTabs(onSaid: (auth: string) => void): void {
  if (tabs === null) return;
  tabs.onmessage = ({ data }: MessageEvent<Word>) => {
    const own = authString();
    if (data.type === 'out' && own !== null) leave();
    else if (data.type === 'ask' && own !== null && demanded === null)
      tabs.postMessage({ type: 'say', auth: own } satisfies Word);
    else if (data.type === 'say' && demanded !== null && data.auth !== own) onSaid(data.auth);
  };
}
