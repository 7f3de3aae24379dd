/**
 * The storage that callers use: a wrapper of the one on a connection, which may meet locks or lose its file.
 *
 * 1. A call that meets the lock of another process is made again by timers (`lock-patience.ts`).
 * 2. What was written is answered when the file was looked at afterwards (`replaceable-database.ts`).
 */

import { isPromise } from '../../../core/maybe-promise.ts';
import type { Storage } from '../../port.ts';
import type { Connection } from './connection.ts';
import { CommitGroup, WRITES } from './grouped.ts';
import { LOCK_WAIT_MS, type LockPatience } from './lock-patience.ts';
import type { Opened, ReplaceableDatabase } from './replaceable-database.ts';

/**
 * Milliseconds of waiting for writes that may come later: the recorder keeps its records, the next heartbeat comes
 * soon.
 */
const SOON_MS: Partial<Readonly<Record<keyof Storage, number>>> = { writeTaskRuns: 2000, beat: 2000 };
/** Milliseconds of waiting for all others, which a run needs to begin or end. */
const WAIT_MS = 20_000;
/** Milliseconds that calls wait while the database is being replaced. */
const AWAY_MS = 1500;

type Method = (...args: readonly unknown[]) => unknown;

const IS_WRITE: ReadonlySet<string> = new Set<string>([...WRITES, 'flush']);
const NEVER_WAITS: ReadonlySet<string> = new Set(['flush', 'close', 'description']);

export interface ResilientParts<S extends Storage> {
  readonly replaceable: ReplaceableDatabase<S>;
  readonly patience: LockPatience;
}

/** For one caller at a time: a call that needs no waiting returns synchronously. */
export function resilientStorage<S extends Storage>({ replaceable, patience }: ResilientParts<S>): S {
  return wrapped(replaceable, (name) => {
    const call = IS_WRITE.has(name)
      ? checkedCall(replaceable, name)
      : (args: readonly unknown[]) => methodOf(replaceable, name)(...args);
    if (NEVER_WAITS.has(name)) return (...args) => call(args);
    const boundMs = SOON_MS[name as keyof Storage] ?? WAIT_MS;
    const awayMs = name in SOON_MS ? 0 : AWAY_MS;
    return (...args) => patience.run(() => call(args), boundMs, awayMs);
  });
}

function checkedCall<S extends Storage>(
  replaceable: ReplaceableDatabase<S>,
  name: string,
): (args: readonly unknown[]) => unknown {
  return (args) => {
    const answer = methodOf(replaceable, name)(...args);
    if (isPromise(answer)) return answer.then((settled) => (replaceable.check(), settled));
    replaceable.check();
    return answer;
  };
}

/** For many callers: a write is acknowledged when its group is on the disk. */
export function resilientGroups<S extends Storage>(
  { replaceable, patience }: ResilientParts<S>,
  onFailure: () => void,
): S {
  const group = new CommitGroup(groupedConnection(replaceable), onFailure, patience);
  const storage = wrapped(replaceable, (name) => {
    if (name === 'flush') return checkedFlush(replaceable);
    if (IS_WRITE.has(name)) return (...args) => group.run(() => methodOf(replaceable, name)(...args));
    return (...args) => patience.run(() => methodOf(replaceable, name)(...args), LOCK_WAIT_MS);
  });
  return { ...storage, close: () => group.close(() => replaceable.close()) };
}

/**
 * A commit is on the disk only after its connection was flushed, and counts only if that connection is still in use.
 */
function groupedConnection<S extends Storage>(
  replaceable: ReplaceableDatabase<S>,
): Pick<Connection, 'group' | 'flush'> {
  let on: Opened<S> | null = null;
  let isUnflushed = false;
  let hasOlder = false;
  return {
    group(works) {
      const opened = replaceable.use();
      hasOlder ||= isUnflushed && on !== opened;
      opened.connection.group(works);
      on = opened;
      isUnflushed = true;
    },
    async flush() {
      const opened = on ?? replaceable.use();
      const wasLost = hasOlder;
      hasOlder = false;
      isUnflushed = false;
      await opened.connection.flush();
      if (wasLost || replaceable.last !== opened) throw replaceable.replaced();
      replaceable.check();
    },
  };
}

function checkedFlush<S extends Storage>(replaceable: ReplaceableDatabase<S>): Method {
  const call = checkedCall(replaceable, 'flush');
  return () => call([]);
}

function methodOf<S extends Storage>(replaceable: ReplaceableDatabase<S>, name: string): Method {
  return (replaceable.use().storage as unknown as Record<string, Method>)[name] as Method;
}

function wrapped<S extends Storage>(replaceable: ReplaceableDatabase<S>, wrap: (name: string) => Method): S {
  const { storage } = replaceable.last;
  const own: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(storage)) own[name] = typeof member === 'function' ? wrap(name) : member;
  // Listeners stay, whichever database is open.
  return { ...(own as unknown as S), onCommit: storage.onCommit, close: () => replaceable.close() };
}
