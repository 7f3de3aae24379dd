/**
 * At the start of a process: replays the journals of dead processes into the store.
 *
 * 1. A journal of a living process is left alone, a journal of an unknown store too.
 * 2. A journal is claimed by renaming it, so that of several starting processes one replays it. The new name says who
 *    claimed it: when that process dies half-way, the next one claims it again. Replaying twice is harmless.
 * 3. It is removed only when the store has flushed its records. Damaged ones are read as far as they go, then set
 *    aside.
 */

import type { JournalFolder } from '../core/append-file.ts';
import { OstinatoError } from '../core/errors.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { deliver, isOutage, type RecordSink } from './delivery.ts';
import type { Checksum } from './journal-frames.ts';
import { claimedName, claimerOf, isDraft, journalNumber, sameOwner } from './journal-names.ts';
import type { JournalHeader, JournalOwner } from './journal-payload.ts';
import { JournalReader } from './journal-reader.ts';

/** Records in one transaction: enough to be quick, few enough to let others write in between. */
const BATCH_RECORDS = 512;
/** Suffix that hides a file from `list`; it is kept for people. */
const DAMAGED_SUFFIX = '.damaged';

export interface RecoverJournals {
  readonly folder: JournalFolder;
  readonly checksum: Checksum;
  /** The identity of this process, written into the names of claimed files. */
  readonly self: JournalOwner;
  /** Journals for other stores are left alone; as in `JournalHeader.store`. */
  readonly store: string;
  readonly isDead: (owner: JournalOwner) => MaybePromise<boolean>;
  readonly replay: RecordSink;
  /** Makes what was replayed survive a power loss. */
  readonly flushStore: () => MaybePromise<void>;
}

export interface RecoveredJournal {
  readonly name: string;
  /** `null` when the header could not be read. */
  readonly header: JournalHeader | null;
  /** Task run records that were handed to the store (it may have had some of them). */
  readonly records: number;
  /**
   * - `recovered`: replayed and removed; `damaged`: replayed as far as it could be read, and set aside under `keptAs`
   * - `failed`: the store did not take it; it stays for the next start
   */
  readonly outcome: 'recovered' | 'damaged' | 'failed';
  readonly keptAs: string | null;
  /** One sentence for people. */
  readonly message: string;
  readonly error?: unknown;
}

/** Never throws for one bad journal: the report says what became of each. Empty when there was nothing to do. */
export async function recoverJournals(request: RecoverJournals): Promise<readonly RecoveredJournal[]> {
  const report: RecoveredJournal[] = [];
  for (const name of namesIn(request.folder, report)) {
    try {
      const found = await recoverOne(request, name);
      if (found !== null) report.push(found);
    } catch (error) {
      report.push(unreadable(request.folder, name, error));
    }
  }
  return report;
}

function namesIn(folder: JournalFolder, report: RecoveredJournal[]): readonly string[] {
  try {
    return folder.list();
  } catch (error) {
    const message = `Steps that earlier processes may have left cannot be looked for: ${wordsOf(error)}`;
    report.push({ name: '', header: null, records: 0, outcome: 'failed', keptAs: null, message, error });
    return [];
  }
}

/** A file that is no journal is set aside; one that cannot be read now may be readable later, and stays. */
function unreadable(folder: JournalFolder, name: string, error: unknown): RecoveredJournal {
  if (OstinatoError.is(error) && error.code === 'value-corrupt') {
    try {
      return { ...setAsideUnknown(folder, name), error };
    } catch {
      /* Then it stays, and is reported at each start. */
    }
  }
  const message = `The journal ${name} cannot be read, and stays where it is: ${wordsOf(error)}`;
  return { name, header: null, records: 0, outcome: 'failed', keptAs: name, message, error };
}

function wordsOf(error: unknown): string {
  if (OstinatoError.is(error)) return `${error.message} ${error.remedy}`.trim();
  return error instanceof Error ? error.message : String(error);
}

async function recoverOne(request: RecoverJournals, name: string): Promise<RecoveredJournal | null> {
  const { folder, checksum, isDead, self } = request;
  const claimer = claimerOf(name);
  if (claimer !== null && !sameOwner(claimer, self) && !(await isDead(claimer))) return null;
  const { header, isEmpty, end } = new JournalReader(folder, name, checksum);
  if (header === null) return isEmpty || isDraft(name) ? dropEmpty(folder, name) : setAsideUnknown(folder, name);
  if (header.store !== request.store) return null;
  if (end === 'newer') return (await isDead(header)) ? fromNewer(folder, name, header) : null;
  if (claimer === null && !(await isDead(header))) return null;
  const claimed = claimedName(name, self);
  if (claimed !== name && !folder.claim(name, claimed)) return null;
  return replayClaimed(request, name, claimed, header);
}

function fromNewer(folder: JournalFolder, name: string, header: JournalHeader): RecoveredJournal {
  const message = `Steps of process ${header.pid} stay in ${folder.description}/${name}: a newer version of Ostinato wrote them, and records them at its next start.`;
  return { name, header, records: 0, outcome: 'failed', keptAs: name, message };
}

async function replayClaimed(
  request: RecoverJournals,
  name: string,
  claimed: string,
  header: JournalHeader,
): Promise<RecoveredJournal> {
  const { folder, checksum, replay, flushStore } = request;
  const reader = new JournalReader(folder, claimed, checksum);
  let records = 0;
  const refusals: unknown[] = [];
  try {
    for (let batch = reader.next(BATCH_RECORDS); batch !== null; batch = reader.next(BATCH_RECORDS)) {
      await deliver(replay, batch.records, batch.logs, (error) => refusals.push(error));
      records += batch.records.length;
    }
    await flushStore();
    const sound = reader.end !== 'corrupt' && refusals.length === 0;
    if (!sound) return { ...setAside(folder, claimed, header, records, refusals), name };
    folder.remove(claimed);
    return {
      name,
      header,
      records,
      outcome: 'recovered',
      keptAs: null,
      message: `${records} steps of process ${header.pid}, which ended without recording them, are in the store now.`,
    };
  } catch (error) {
    return {
      name,
      header,
      records,
      outcome: 'failed',
      keptAs: claimed,
      error,
      message: `Steps of process ${header.pid} could not be recorded${isOutage(error) ? ' now' : ''}: ${wordsOf(error)} They stay in ${folder.description}/${claimed}.`,
    };
  }
}

/** A journal always has a header: an empty file, or half a draft, is left by a crash before the first record. */
function dropEmpty(folder: JournalFolder, name: string): null {
  folder.remove(name);
  return null;
}

function setAsideUnknown(folder: JournalFolder, name: string): RecoveredJournal {
  return { ...setAside(folder, name, null, 0, []), name };
}

function setAside(
  folder: JournalFolder,
  name: string,
  header: JournalHeader | null,
  records: number,
  refusals: readonly unknown[],
): RecoveredJournal {
  const keptAs = `${journalNumber(name)}${DAMAGED_SUFFIX}`;
  folder.claim(name, keptAs);
  const why =
    refusals.length > 0
      ? `${refusals.length} of its records were refused by the store (${String(refusals[0])})`
      : header === null
        ? 'its first bytes are damaged'
        : `it is damaged after ${records} records`;
  return {
    name,
    header,
    records,
    outcome: 'damaged',
    keptAs,
    message: `The journal ${name} was set aside as ${folder.description}/${keptAs}: ${why}.`,
    ...(refusals.length > 0 ? { error: refusals[0] } : {}),
  };
}
