/** The auth string of a server that asks for one: kept for this browser tab, never in the address or in a cookie. */
const KEY = 'ostinato.auth';

type Listener = () => void;
const listeners = new Set<Listener>();
let isDemanded = false;

export function authString(): string | null {
  return sessionStorage.getItem(KEY);
}

/** The header of HTTP Basic authentication over the whole auth string, as Prefect's clients send it. */
export function authorization(): string | null {
  const auth = authString();
  if (auth === null) return null;
  const bytes = new TextEncoder().encode(auth);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** The server refused: asks the person, through whoever listens. */
export function demandAuth(): void {
  isDemanded = true;
  for (const listener of listeners) listener();
}

export function giveAuth(auth: string): void {
  sessionStorage.setItem(KEY, auth);
  isDemanded = false;
  for (const listener of listeners) listener();
}

export function isAuthDemanded(): boolean {
  return isDemanded;
}

export function onAuthChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
