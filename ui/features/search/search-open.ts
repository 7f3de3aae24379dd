/** Whether the search over everything is open, and with which words. Anything on a page may open it. */
let words: string | null = null;
const listeners = new Set<() => void>();

/** `null` while it is closed. */
export function searchWords(): string | null {
  return words;
}

export function openSearch(given = ''): void {
  set(given);
}

export function closeSearch(): void {
  set(null);
}

export function onSearchChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: string | null): void {
  words = next;
  for (const listener of listeners) listener();
}
