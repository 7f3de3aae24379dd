/**
 * The names of journal files, which tell the owner before anything in the file can be read.
 *
 * - `<process id>.<number>.journal`: its process writes to it
 * - `<process id>.<number>~<process id>~<pid>~<host>~<start mark>.journal`: claimed by that process, which replays it;
 *   when it is the maker itself, a draft that has not got its name yet
 */

import type { JournalOwner } from './journal-payload.ts';

const SUFFIX = '.journal';
const NUMBER_DIGITS = 6;

export function journalName(owner: JournalOwner, number: number): string {
  return `${owner.processId}.${String(number).padStart(NUMBER_DIGITS, '0')}${SUFFIX}`;
}

/** `<process id>.<number>`. */
export function journalNumber(name: string): string {
  return name.replace(/(?:~.*)?\.journal$/, '');
}

export function claimedName(name: string, claimer: JournalOwner): string {
  const { processId, pid, host, startMark } = claimer;
  return `${journalNumber(name)}~${[processId, String(pid), host, startMark ?? ''].map(encodePart).join('~')}${SUFFIX}`;
}

/** `null` when nobody has claimed it. */
export function claimerOf(name: string): JournalOwner | null {
  const parts = name.slice(0, -SUFFIX.length).split('~');
  if (parts.length !== 5) return null;
  const [, processId = '', pid = '', host = '', startMark = ''] = parts.map(decodePart);
  return { processId, pid: Number(pid), host, startMark: startMark === '' ? null : startMark };
}

/** Whether its process ended before the file got its name: then there is no record in it. */
export function isDraft(name: string): boolean {
  const claimer = claimerOf(name);
  return claimer !== null && name.startsWith(`${claimer.processId}.`);
}

export function sameOwner(a: JournalOwner, b: JournalOwner): boolean {
  return a.processId === b.processId && a.pid === b.pid && a.host === b.host;
}

/** `encodeURIComponent` leaves `~` and `.`, which have a meaning in our names. */
function encodePart(part: string): string {
  return encodeURIComponent(part).replaceAll('~', '%7E').replaceAll('.', '%2E');
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
