/** Where Ostinato keeps its own files on this machine. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export function defaultHome(): string {
  return join(homedir(), '.ostinato');
}

/** An absolute path: `~` is the user's home directory, and a relative path starts at `base`. */
export function expandPath(path: string, base: string): string {
  if (path === '~') return homedir();
  if (path.startsWith('~/') || path.startsWith('~\\')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(base, path);
}

/** The journals of processes that run flows: what they promised and the database may not have yet. */
export function journalsPath(home: string): string {
  return join(home, 'journals');
}

/** What processes of this home have to tell a server that was away. */
export function outboxesPath(home: string): string {
  return join(home, 'outbox');
}

/** What a server would not take, for people to look at. */
export function setAsidePath(home: string): string {
  return join(home, 'outbox', 'set-aside');
}

/** Cached results of tasks, where the server keeps none. */
export function cachePath(home: string): string {
  return join(home, 'cache');
}
