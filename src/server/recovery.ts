/** Brings what dead processes had promised (their journals) into the store. */

import type { JournalOwner } from '../client/journal-payload.ts';
import { recoverJournals } from '../client/journal-recovery.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Clock, Instant } from '../core/time.ts';
import { checksum } from '../platform/hash.ts';
import type { openJournalFolder } from '../platform/journal-folder.ts';
import { livenessOf } from '../platform/process-liveness.ts';
import type { Storage } from '../store/port.ts';

export interface RecoveryParts {
  readonly storage: Storage;
  readonly folder: ReturnType<typeof openJournalFolder>;
  /** Whose own journal is left alone. */
  readonly owner: JournalOwner;
  readonly clock: Pick<Clock, 'now'>;
  /** Hears of journals that were recovered, and of ones that cannot be read. */
  readonly onNotice: (level: number, message: string) => void;
}

export function journalRecovery({ storage, folder, owner, clock, onNotice }: RecoveryParts): () => Promise<void> {
  return async () => {
    const report = await recoverJournals({
      folder, checksum, self: owner, store: storage.description,
      isDead: (other) => isDead(other, storage, clock.now()),
      replay: (records, logs) => storage.writeTaskRuns(records, logs),
      flushStore: () => storage.flush(),
    });
    for (const { outcome, message, records } of report) {
      if (outcome !== 'recovered' || records > 0) onNotice(outcome === 'recovered' ? LOG_LEVELS.info : LOG_LEVELS.error, message);
    }
  };
}

/** The owner of a journal may be known by its row (with a heartbeat) or, when it ended in good order, no more. */
async function isDead(owner: JournalOwner, storage: Storage, now: Instant): Promise<boolean> {
  const row = (await storage.listProcesses()).find((process) => process.id === owner.processId);
  return !livenessOf({ pid: owner.pid, host: owner.host, startMark: owner.startMark, heartbeatAt: row?.heartbeatAt ?? (0 as Instant) }, now).alive;
}
