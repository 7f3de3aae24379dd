/** What a process and all that it has started use, as the kernel tells while they live. */

import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessUse {
  /** The most memory that was resident at once, in bytes: of the process itself. */
  readonly peakBytes: number;
  /** Seconds of processor time, with those of children that were waited for. */
  readonly cpuSeconds: number;
}

/** Of Linux on all its architectures, for `/proc`. */
const TICKS_A_SECOND = 100;

/** `null`: it is not there any more, or the system does not tell. */
export function useOfProcess(pid: number): ProcessUse | null {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (peak === undefined) return null;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which may hold blanks: utime, stime, cutime, cstime are fields 14 to 17 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { peakBytes: Number(peak) * 1024, cpuSeconds: ticks / TICKS_A_SECOND };
  } catch {
    return null;
  }
}

/**
 * The living processes whose environment has this entry, or which are in the process group: those that left the group
 * (`setsid`, a double fork) have the entry. Where the system does not show them, none is found.
 */
export function findProcesses(name: string, value: string, group: number | null): readonly number[] {
  const mark = `${name}=${value}`;
  return allProcesses().filter(
    (pid) => pid !== process.pid && !isDead(pid) && (isInGroup(pid, group) || environmentOf(pid).includes(mark)),
  );
}

/** What processes of this machine have under this name in their environment; each once. */
export function valuesInEnvironments(name: string): readonly string[] {
  const values = new Set<string>();
  for (const pid of allProcesses())
    for (const entry of environmentOf(pid)) if (entry.startsWith(`${name}=`)) values.add(entry.slice(name.length + 1));
  return [...values];
}

/** The words that it was started with, or has put in their place. Empty: it is not there, or not to be seen. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** `null`: the process is not there. */
export function parentOf(pid: number): number | null {
  const parent = statOf(pid)[1];
  return parent === undefined ? null : Number(parent);
}

function allProcesses(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number);
  } catch {
    return [];
  }
}

/** A zombie runs nothing any more: its parent has not collected it. */
function isDead(pid: number): boolean {
  const [state] = statOf(pid);
  return state === undefined || state === 'Z' || state === 'X';
}

function isInGroup(pid: number, group: number | null): boolean {
  return group !== null && statOf(pid)[2] === String(group);
}

/** From the state on: state, parent, group (fields 3 to 5). */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // It has ended, or is another user's.
    return [];
  }
}
