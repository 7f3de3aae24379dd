/**
 * Whether a process that holds leases is alive, and how that is known.
 *
 * The rules, in order (HOUSE decision 11; the seconds are in `core/process-record.ts`):
 *
 * 1. Same host, same boot, same pid namespace: the kernel is asked. No such pid, a zombie, or another start time: gone,
 *    at once, whatever the last beat says. The same start time: alive, even when it does not beat (a stopped process).
 * 2. Everything else (another host, another boot, another container, no `/proc`): gone after `LEASE_SECONDS` without a
 *    beat. Without `/proc` a pid that is not there is gone at once, too.
 */

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { LEASE_SECONDS, type ProcessRecord } from '../core/process-record.ts';
import { type Instant, secondsBetween } from '../core/time.ts';
import { errnoOf } from './disk-errors.ts';

export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** `<boot>.<pid namespace>.<start time in clock ticks since boot>`; `null` where the kernel does not tell. */
  readonly startMark: string | null;
}

export interface Liveness {
  readonly alive: boolean;
  /** One sentence for people, recorded on the runs of a dead process. */
  readonly evidence: string;
}

/** The facts that the rules use, so that they can be tested without real processes. */
export interface ProcessFacts {
  readonly host: string;
  /** `<boot>.<pid namespace>` of this process; `null` where there is no `/proc`. */
  readonly scope: string | null;
  /** Start time and state letter of a pid of this scope (proc(5), fields 22 and 3); `null` when there is none. */
  startOf(pid: number): { readonly ticks: string; readonly state: string } | null;
  /** Whether signal 0 reaches it. */
  exists(pid: number): boolean;
}

export function describeThisProcess(facts: ProcessFacts = systemFacts): ProcessMark {
  const start = facts.scope === null ? null : facts.startOf(process.pid);
  return { pid: process.pid, host: facts.host, startMark: start === null ? null : `${facts.scope}.${start.ticks}` };
}

type LivenessRecord = Pick<ProcessRecord, 'pid' | 'host' | 'startMark' | 'heartbeatAt'>;

export function livenessOf(record: LivenessRecord, now: Instant, facts: ProcessFacts = systemFacts): Liveness {
  const { pid, host, startMark } = record;
  if (host !== facts.host) return byLease(record, now, `on host ${host}, which cannot be looked at from ${facts.host}`);
  if (startMark !== null && facts.scope !== null) {
    if (!startMark.startsWith(`${facts.scope}.`))
      return byLease(record, now, `on ${host}, before a restart or in another container`);
    return byKernel(pid, startMark.slice(facts.scope.length + 1), facts);
  }
  if (!facts.exists(pid)) return { alive: false, evidence: `No process has the id ${pid} on ${host} any more.` };
  return byLease(record, now, `on ${host}; a process with the id ${pid} is there, but it may be another one`);
}

function byKernel(pid: number, ticks: string, facts: ProcessFacts): Liveness {
  const start = facts.startOf(pid);
  if (start === null) return { alive: false, evidence: `No process has the id ${pid} on ${facts.host} any more.` };
  if (start.ticks !== ticks)
    return {
      alive: false,
      evidence: `The process id ${pid} on ${facts.host} belongs to another process now: it started later.`,
    };
  if (start.state === 'Z' || start.state === 'X')
    return {
      alive: false,
      evidence: `The process ${pid} on ${facts.host} has ended (its parent has not collected it yet).`,
    };
  return { alive: true, evidence: `The process ${pid} is there on ${facts.host}.` };
}

function byLease(record: LivenessRecord, now: Instant, where: string): Liveness {
  const silentSeconds = Math.max(0, secondsBetween(record.heartbeatAt, now));
  const beat = `its last beat was ${Math.round(silentSeconds)} s ago (a lease lasts ${LEASE_SECONDS} s)`;
  return { alive: silentSeconds <= LEASE_SECONDS, evidence: `Process ${record.pid} ran ${where}; ${beat}.` };
}

function readScope(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().slice(0, 8);
    // For instance `pid:[4026531836]`.
    return `${boot}.${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'}`;
  } catch {
    return null;
  }
}

function startOf(pid: number): { readonly ticks: string; readonly state: string } | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command's name in brackets, which may itself contain spaces and brackets.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    const ticks = fields[19];
    return state === undefined || ticks === undefined ? null : { ticks, state };
  } catch {
    return null;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

let scope: string | null | undefined;

const systemFacts: ProcessFacts = {
  host: hostname(),
  get scope(): string | null {
    scope ??= readScope();
    return scope;
  },
  startOf,
  exists,
};
