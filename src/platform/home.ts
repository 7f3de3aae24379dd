/** Where Ostinato keeps its own files on this machine. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

import { OstinatoError } from '../core/errors.ts';

/** @throws `bad-input` for a user without a home directory: a fallback folder might be emptied */
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

/** In a container with an arbitrary user id there may be none: no HOME, and no entry in the user database. */
function userHome(why: string): string {
  const home = homeOrNothing();
  if (home !== '') return home;
  throw new OstinatoError(
    'bad-input',
    `This user${process.getuid ? ` (id ${process.getuid()})` : ''} has no home directory, and ${why}.`,
    { remedy: 'Set OSTINATO_HOME to an absolute path that this user may write, or HOME.' },
  );
}

function homeOrNothing(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** The journals of processes that run flows: finished steps that the database may not have yet. */
export function journalsPath(home: string): string {
  return join(home, 'journals');
}

/** Outboxes of this home's processes: what a server that was away has not been sent yet. */
export function outboxesPath(home: string): string {
  return join(home, 'outbox');
}

/** Entries that a server refused, for people to look at. */
export function setAsidePath(home: string): string {
  return join(home, 'outbox', 'set-aside');
}

/** Cached results of tasks, for servers that keep none. */
export function cachePath(home: string): string {
  return join(home, 'cache');
}
