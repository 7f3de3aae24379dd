/** Replays journals of dead processes into the store. */

import type { JournalOwner } from '../client/journal-payload.ts';
import { isOutage } from '../client/delivery.ts';
import { recoverJournals, type RecoveredJournal, type RecoverJournals } from '../client/journal-recovery.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { Clock, Instant } from '../core/time.ts';
import { checksum } from '../platform/hash.ts';
import type { openJournalFolder } from '../platform/journal-folder.ts';
import { livenessOf } from '../platform/process-liveness.ts';
import type { Storage } from '../store/port.ts';

export interface RecoveryParts {
  readonly storage: Storage;
  readonly folder: ReturnType<typeof openJournalFolder>;
  /** The owner whose own journal is left alone. */
  readonly owner: JournalOwner;
  readonly clock: Pick<Clock, 'now'>;
  /** Called with messages about journals that were recovered, or cannot be read. */
  readonly onNotice: (level: number, message: string) => void;
}

export interface JournalRecovery {
  /** At the start of a process: what the store does not take now stays in its file, for the next try. */
  atStart(): Promise<void>;
  /**
   * Before runs of dead processes are judged. @throws the store's error: then it lacks finished steps, and nobody may
   * continue from it
   */
  beforeJudging(): Promise<void>;
}

export function journalRecovery({ storage, folder, owner, clock, onNotice }: RecoveryParts): JournalRecovery {
  const recover = (): Promise<unknown> =>
    recoverInto(storage, {
      folder,
      self: owner,
      isDead: (other) => isDead(other, storage, clock.now()),
      onReport: ({ outcome, message, records }) => {
        if (outcome !== 'recovered' || records > 0)
          onNotice(outcome === 'recovered' ? LOG_LEVELS.info : LOG_LEVELS.error, message);
      },
    });
  return {
    atStart: async () => void (await recover()),
    async beforeJudging() {
      const failure = await recover();
      if (failure !== null) throw failure;
    },
  };
}

/** Returns the store's error; `null`: it has everything that can be read. */
export async function recoverInto(
  storage: Pick<Storage, 'description' | 'writeTaskRuns' | 'flush'>,
  {
    folder,
    self,
    isDead: judge,
    onReport,
  }: Pick<RecoverJournals, 'folder' | 'self' | 'isDead'> & { readonly onReport: (found: RecoveredJournal) => void },
): Promise<unknown> {
  let failure: unknown = null;
  const noted = async <T>(ask: () => T | Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (isOutage(error)) failure ??= error;
      throw error;
    }
  };
  const report = await recoverJournals({
    folder,
    checksum,
    self,
    store: storage.description,
    isDead: (owner) => noted(() => judge(owner)),
    replay: (records, logs) => noted(() => storage.writeTaskRuns(records, logs)),
    flushStore: () => noted(() => storage.flush()),
  });
  for (const found of report) onReport(found);
  return failure;
}

/** Whether a journal's owner is gone. It may have a row with a heartbeat, or none if it ended in good order. */
async function isDead(owner: JournalOwner, storage: Storage, now: Instant): Promise<boolean> {
  const row = (await storage.listProcesses()).find((process) => process.id === owner.processId);
  return !livenessOf(
    { pid: owner.pid, host: owner.host, startMark: owner.startMark, heartbeatAt: row?.heartbeatAt ?? (0 as Instant) },
    now,
  ).alive;
}
