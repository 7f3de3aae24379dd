/**
 * Writes the record by which other commands find a server. When the disk takes nothing, the server serves meanwhile,
 * and the record is written as soon as possible.
 */

import type { ServerRecord } from '../platform/server-record.ts';
import { removeServerRecord, writeServerRecord } from '../platform/server-record.ts';
import { diskError } from '../platform/disk-errors.ts';

const AGAIN_AFTER_MS = 5000;

/**
 * @param say called once when the record could not be written
 * @returns a function that removes it
 */
export function leaveNote(
  home: string,
  facts: Pick<ServerRecord, 'url' | 'database' | 'startedAt'>,
  say: (line: string) => void,
  againAfterMs = AGAIN_AFTER_MS,
): () => void {
  const isLeft = (): unknown => {
    try {
      writeServerRecord(home, facts);
      return null;
    } catch (error) {
      return error;
    }
  };
  let timer: NodeJS.Timeout | null = null;
  const failure = isLeft();
  if (failure !== null) {
    say(
      `${diskError(failure, 'write the note by which other commands find this server, in', home).message} The server serves all the same, and tries again.\n`,
    );
    timer = setInterval(() => {
      if (isLeft() === null && timer !== null) clearInterval(timer);
    }, againAfterMs);
  }
  return () => {
    if (timer !== null) clearInterval(timer);
    try {
      removeServerRecord(home);
    } catch {
      // The record of a dead process is ignored.
    }
  };
}
