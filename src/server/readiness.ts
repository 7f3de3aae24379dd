/**
 * Whether the server can take work. Monitoring asks each second, so the answer is cheap and never late.
 *
 * 1. Something small is really written, through the same door as everything else: a full disk, a database that is gone
 *    and a lock that others hold come out as they are.
 * 2. Those who ask at once share one try; one that takes long is told as such, and goes on meanwhile.
 */

import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { sleep, type Clock } from '../core/time.ts';
import type { Storage } from '../store/port.ts';

export interface ReadinessParts {
  readonly storage: Pick<Storage, 'writeConfiguration'>;
  readonly clock: Clock;
  /** Path of the database; `null`: it is in memory. */
  readonly path: string | null;
  /** Free bytes for the file; `null` when unknown. */
  readonly freeBytes?: (path: string) => Promise<number | null>;
}

/** Why the server cannot take work; `null` when it can. */
export type Readiness = () => Promise<OstinatoError | null>;

/** Milliseconds for which an answer is reused. */
const AGAIN_AFTER_MS = 500;
const ANSWER_MS_MAX = 1000;
/** A write-ahead log begins with some pages: with less free space, the next write fails. */
const FREE_BYTES_MIN = 64 * 1024;
const KEY = 'readiness';

export function readiness({ storage, clock, path, freeBytes = freeOn }: ReadinessParts): Readiness {
  let last: { readonly atMs: number; readonly error: OstinatoError | null } | null = null;
  let trial: { readonly begunMs: number; readonly end: Promise<void> } | null = null;
  const nowMs = (): number => clock.now() / 1000;

  const probe = async (): Promise<void> => {
    if (path !== null) {
      const free = await freeBytes(path);
      if (free !== null && free < FREE_BYTES_MIN)
        throw new OstinatoError('store-full', 'The disk of the database is full.', {
          remedy: 'Free some space: the server goes on by itself.',
        });
    }
    await storage.writeConfiguration(KEY, String(clock.now()), clock.now());
  };
  const start = (): { readonly begunMs: number; readonly end: Promise<void> } => ({
    begunMs: nowMs(),
    end: probe()
      .then(
        () => null,
        (error: unknown) => error,
      )
      .then((error) => {
        last = { atMs: nowMs(), error: error === null ? null : told(error, path) };
        trial = null;
      }),
  });

  return async () => {
    if (trial === null && last !== null && nowMs() - last.atMs < AGAIN_AFTER_MS) return last.error;
    trial ??= start();
    const { begunMs, end } = trial;
    const leftMs = ANSWER_MS_MAX - (nowMs() - begunMs);
    const stop = new AbortController();
    const isOver =
      leftMs > 0 &&
      (await Promise.race([
        end.then(() => true),
        sleep(clock, leftMs, stop.signal).then(
          () => false,
          () => false,
        ),
      ]));
    stop.abort();
    return isOver && last !== null ? last.error : late((nowMs() - begunMs) / 1000);
  };
}

function late(seconds: number): OstinatoError {
  return new OstinatoError(
    'store-unavailable',
    `A small write has waited for ${seconds.toFixed(1)} s: the database is locked by another process, or its disk does not answer.`,
    { remedy: 'End what holds the database locked, or look after its disk; the server goes on by itself.' },
  );
}

/** Everybody may ask, so the path of the database is left out. */
function told(error: unknown, path: string | null): OstinatoError {
  if (!OstinatoError.is(error))
    return new OstinatoError('store-unavailable', 'The database does not take writes.', {
      cause: error,
      remedy: 'Look at the log of the server: it says why.',
    });
  const bare = (text: string): string => (path === null ? text : text.replaceAll(` ${path}`, ''));
  return new OstinatoError(error.code, bare(error.message), { remedy: bare(error.remedy), cause: error });
}

async function freeOn(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dirname(path));
    return bavail * bsize;
  } catch {
    return null;
  }
}
