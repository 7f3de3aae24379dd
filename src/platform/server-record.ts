/** The file in a home by which other commands find the running server: its process and its URL. */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Instant } from '../core/time.ts';
import { describeThisProcess, livenessOf } from './process-liveness.ts';
import { isServerLockHeld } from './server-lock.ts';
import { writeWhole } from './whole-file.ts';

export interface ServerRecord {
  readonly pid: number;
  readonly host: string;
  readonly startMark: string | null;
  /** For instance `http://127.0.0.1:4200`. */
  readonly url: string;
  readonly database: string;
  readonly startedAt: Instant;
}

function recordPath(home: string): string {
  return join(home, 'server.json');
}

/** The log file of a background server. */
export function serverLogPath(home: string): string {
  return join(home, 'server.log');
}

/** Writes the record of this process. */
export function writeServerRecord(home: string, facts: Pick<ServerRecord, 'url' | 'database' | 'startedAt'>): void {
  const record: ServerRecord = { ...describeThisProcess(), ...facts };
  writeWhole(recordPath(home), `${JSON.stringify(record, null, 2)}\n`);
}

/** The running server; `null` if there is none: the record of a dead process does not count. */
export function findServer(home: string, now: Instant): ServerRecord | null {
  const record = readRecord(home);
  if (record === null) return null;
  const isAlive = isWithinReach(record, now)
    ? livenessOf({ ...record, heartbeatAt: now }, now).alive
    : isServerLockHeld(home);
  return isAlive ? record : null;
}

/** Whether this system can see the process: it is on this host, and not in another container that shares the home. */
export function isWithinReach(record: ServerRecord, now: Instant): boolean {
  return (
    livenessOf({ ...record, heartbeatAt: now }, now).alive ===
    livenessOf({ ...record, heartbeatAt: 0 as Instant }, now).alive
  );
}

/** Called by the process that wrote it: another's record stays. */
export function removeServerRecord(home: string): void {
  const record = readRecord(home);
  const { pid, host } = describeThisProcess();
  if (record?.pid === pid && record.host === host) rmSync(recordPath(home), { force: true });
}

function readRecord(home: string): ServerRecord | null {
  try {
    const record = JSON.parse(readFileSync(recordPath(home), 'utf8')) as Partial<ServerRecord>;
    return typeof record.pid === 'number' && typeof record.url === 'string' && typeof record.host === 'string'
      ? (record as ServerRecord)
      : null;
  } catch {
    return null;
  }
}
