/** Where Ostinato keeps its own files on this machine. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

import { OstinatoError } from '../core/errors.ts';

/** @throws `bad-input` for a user without a home directory: where runs are kept is not guessed, least of all in a folder that is emptied */
export function defaultHome(): string {
  return join(userHome('OSTINATO_HOME does not say where to keep runs'), '.ostinato');
}

/**
 * An absolute path: `~` is the user's home directory, and a relative path starts at `base`.
 *
 * @throws `bad-input` when it begins with `~` and this user has no home directory
 */
export function expandPath(path: string, base: string): string {
  const rest = path === '~' ? '' : path.startsWith('~/') || path.startsWith('~\\') ? path.slice(2) : null;
  if (rest !== null) return join(userHome(`"${path}" begins with it`), rest);
  return isAbsolute(path) ? path : resolve(base, path);
}

/** In a container with a user id of its own there may be none: no HOME, and no entry in the list of users. */
function userHome(why: string): string {
  const home = homeOrNothing();
  if (home !== '') return home;
  throw new OstinatoError('bad-input', `This user${process.getuid ? ` (id ${process.getuid()})` : ''} has no home directory, and ${why}.`, {
    remedy: 'Set OSTINATO_HOME to an absolute path that this user may write, or HOME.',
  });
}

function homeOrNothing(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
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
