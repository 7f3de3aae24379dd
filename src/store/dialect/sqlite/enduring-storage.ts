/**
 * The storage as its callers have it: in front of the one on a connection, which may meet locks and lose its file.
 *
 * 1. A call that meets the lock of another process is made again by timers (`lock-patience.ts`).
 * 2. What was written is answered when the file was looked at afterwards (`standing.ts`).
 */

import { isPromise } from '../../../core/maybe-promise.ts';
import type { Storage } from '../../port.ts';
import type { Connection } from './connection.ts';
import { CommitGroup, WRITES } from './grouped.ts';
import { LOCK_WAIT_MS, type LockPatience } from './lock-patience.ts';
import type { Opened, Standing } from './standing.ts';

/** What may be told later goes on without waiting for long: the recorder keeps its records, the next beat comes soon. */
const SOON_MS: Partial<Readonly<Record<keyof Storage, number>>> = { writeTaskRuns: 2000, beat: 2000 };
/** Others wait for their run to begin or to end. */
const WAIT_MS = 20_000;
/** A database that is being replaced: the same calls wait for the other one. */
const AWAY_MS = 1500;

type Method = (...args: readonly unknown[]) => unknown;

const IS_WRITE: ReadonlySet<string> = new Set<string>([...WRITES, 'flush']);
const NEVER_WAITS: ReadonlySet<string> = new Set(['flush', 'close', 'description']);

export interface EnduringParts<S extends Storage> {
  readonly standing: Standing<S>;
  readonly patience: LockPatience;
}

/** For one caller at a time: what needs no waiting is answered at once. */
export function enduring<S extends Storage>({ standing, patience }: EnduringParts<S>): S {
  return wrapped(standing, (name) => {
    const call = IS_WRITE.has(name) ? checkedCall(standing, name) : (args: readonly unknown[]) => methodOf(standing, name)(...args);
    if (NEVER_WAITS.has(name)) return (...args) => call(args);
    const boundMs = SOON_MS[name as keyof Storage] ?? WAIT_MS;
    const awayMs = name in SOON_MS ? 0 : AWAY_MS;
    return (...args) => patience.run(() => call(args), boundMs, awayMs);
  });
}

function checkedCall<S extends Storage>(standing: Standing<S>, name: string): (args: readonly unknown[]) => unknown {
  return (args) => {
    const answer = methodOf(standing, name)(...args);
    if (isPromise(answer)) return answer.then((settled) => (standing.check(), settled));
    standing.check();
    return answer;
  };
}

/** For many callers: writes are answered when their group is on the disk. */
export function enduringGroups<S extends Storage>({ standing, patience }: EnduringParts<S>, onFailure: () => void): S {
  const group = new CommitGroup(groupedConnection(standing), onFailure, patience);
  const storage = wrapped(standing, (name) => {
    if (name === 'flush') return checkedFlush(standing);
    if (IS_WRITE.has(name)) return (...args) => group.run(() => methodOf(standing, name)(...args));
    return (...args) => patience.run(() => methodOf(standing, name)(...args), LOCK_WAIT_MS);
  });
  return { ...storage, close: () => group.close(() => standing.close()) };
}

/** What was committed on a connection is on the disk only when that connection was flushed, and is still the one in use. */
function groupedConnection<S extends Storage>(standing: Standing<S>): Pick<Connection, 'group' | 'flush'> {
  let on: Opened<S> | null = null;
  let isUnflushed = false;
  let hasOlder = false;
  return {
    group(works) {
      const opened = standing.use();
      hasOlder ||= isUnflushed && on !== opened;
      opened.connection.group(works);
      on = opened;
      isUnflushed = true;
    },
    async flush() {
      const opened = on ?? standing.use();
      const wasLost = hasOlder;
      hasOlder = false;
      isUnflushed = false;
      await opened.connection.flush();
      if (wasLost || standing.last !== opened) throw standing.replaced();
      standing.check();
    },
  };
}

function checkedFlush<S extends Storage>(standing: Standing<S>): Method {
  const call = checkedCall(standing, 'flush');
  return () => call([]);
}

function methodOf<S extends Storage>(standing: Standing<S>, name: string): Method {
  return (standing.use().storage as unknown as Record<string, Method>)[name] as Method;
}

function wrapped<S extends Storage>(standing: Standing<S>, wrap: (name: string) => Method): S {
  const { storage } = standing.last;
  const own: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(storage)) own[name] = typeof member === 'function' ? wrap(name) : member;
  return { ...(own as unknown as S), close: () => standing.close() };
}
