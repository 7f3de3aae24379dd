/** Outboxes of dead processes of this home: sent by the next process that reaches the server. */

import type { JournalFolder } from '../../core/append-file.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { isTerminal } from '../../core/state.ts';
import { readFrames, type Checksum } from '../journal-frames.ts';
import { claimedName, claimerOf, sameOwner } from '../journal-names.ts';
import type { JournalHeader, JournalOwner } from '../journal-payload.ts';
import { unsentEntries } from './outbox.ts';
import type { OutboxEntry } from './remote.ts';
import { Unavailable } from './transport.ts';

export interface RecoverOutboxes {
  readonly folder: JournalFolder;
  readonly checksum: Checksum;
  /** The identity of this process, written into the names of claimed files. */
  readonly self: JournalOwner;
  /** The server's address; outboxes for other servers are left alone. */
  readonly store: string;
  readonly isDead: (owner: JournalOwner) => MaybePromise<boolean>;
  readonly tell: (entry: OutboxEntry) => Promise<void>;
  readonly onRefused: (entry: OutboxEntry, error: unknown) => void;
  /** Called before the entries of a process are sent, with its identity. */
  readonly onFound: (owner: JournalOwner) => Promise<void>;
  /** Called after they were sent, for each run that the process left unfinished. */
  readonly onUnfinished: (run: FlowRun, owner: JournalOwner) => Promise<void>;
}

/** Bound of an outbox that was not sent for days. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** @returns how many entries were told. @throws `Unavailable` when the server goes away meanwhile: the file stays */
export async function recoverOutboxes(request: RecoverOutboxes): Promise<number> {
  let told = 0;
  for (const name of request.folder.list()) told += await recoverOne(request, name);
  return told;
}

async function recoverOne(request: RecoverOutboxes, name: string): Promise<number> {
  const { folder, self, isDead } = request;
  const claimer = claimerOf(name);
  if (claimer !== null && !sameOwner(claimer, self) && !(await isDead(claimer))) return 0;
  const payloads = read(request, name);
  const header = payloads.length === 0 ? null : headerOf(payloads[0] ?? '');
  if (header === null || header.store !== request.store) return 0;
  if (claimer === null && (sameOwner(header, self) || !(await isDead(header)))) return 0;
  const claimed = claimedName(name, self);
  if (claimed !== name && !folder.claim(name, claimed)) return 0;
  const entries = unsentEntries(payloads.slice(1));
  if (entries.length > 0) await request.onFound(header);
  for (const entry of entries) await tell(request, entry);
  for (const run of unfinished(entries)) await request.onUnfinished(run, header);
  folder.remove(claimed);
  return entries.length;
}

async function tell(request: RecoverOutboxes, entry: OutboxEntry): Promise<void> {
  try {
    await request.tell(entry);
  } catch (error) {
    if (error instanceof Unavailable || !OstinatoError.is(error)) throw error;
    request.onRefused(entry, error);
  }
}

function unfinished(entries: readonly OutboxEntry[]): readonly FlowRun[] {
  const newest = new Map<FlowRun['id'], FlowRun>();
  for (const entry of entries)
    if (entry.kind === 'created' || entry.kind === 'moved') newest.set(entry.run.id, entry.run);
  return [...newest.values()].filter(({ lease, state }) => lease !== null && !isTerminal(state));
}

/** The payloads up to the first damage: a process that was killed may have left half an entry. */
function read({ folder, checksum }: RecoverOutboxes, name: string): readonly string[] {
  const bytes = folder.read(name, 0, FILE_BYTES_MAX);
  return bytes === null ? [] : readFrames(bytes, checksum).payloads;
}

function headerOf(payload: string): JournalHeader | null {
  const [kind, header] = JSON.parse(payload) as readonly [string, JournalHeader?];
  return kind === 'h' && header !== undefined ? header : null;
}
