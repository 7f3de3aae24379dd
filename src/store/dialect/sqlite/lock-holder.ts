/** Which process locks a database, where the system tells (Linux): for people who wait for it. */

import { readFileSync, statSync } from 'node:fs';

/** For instance `process 4711 (python3)`; `null` when unknown. */
export function lockHolder(path: string): string | null {
  try {
    // A writer's lock is on the index of the log, an exclusive lock on the database.
    const inodes = new Set(
      [path, `${path}-shm`].flatMap((each) => statSync(each, { throwIfNoEntry: false })?.ino ?? []),
    );
    const line = readFileSync('/proc/locks', 'latin1')
      .split('\n')
      .map((each) => each.trim().split(/\s+/))
      .find((words) => isWriteLock(words, inodes));
    if (line === undefined) return null;
    const pid = Number(line[4]);
    return pid > 0 ? `process ${pid}${commandOf(pid)}` : null;
  } catch {
    return null;
  }
}

/** `1: POSIX ADVISORY WRITE 4711 08:01:1234 120 120`, see proc_locks(5). Our own locks are left out. */
function isWriteLock(words: readonly string[], inodes: ReadonlySet<number>): boolean {
  return words[3] === 'WRITE' && words[4] !== String(process.pid) && inodes.has(Number(words[5]?.split(':')[2]));
}

function commandOf(pid: number): string {
  try {
    return ` (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
  } catch {
    return '';
  }
}
