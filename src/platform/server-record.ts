/** The note that a server leaves in its home, by which other commands find it: who serves, and where. */

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

/** Where a server in the background writes what it has to say. */
export function serverLogPath(home: string): string {
  return join(home, 'server.log');
}

/** For this process. */
export function writeServerRecord(home: string, facts: Pick<ServerRecord, 'url' | 'database' | 'startedAt'>): void {
  const record: ServerRecord = { ...describeThisProcess(), ...facts };
  writeWhole(recordPath(home), `${JSON.stringify(record, null, 2)}\n`);
}

/** The server that is alive, or `null`: a note of one that is gone does not count. */
export function findServer(home: string, now: Instant): ServerRecord | null {
  const record = readRecord(home);
  if (record === null) return null;
  const isAlive = isWithinReach(record, now) ? livenessOf({ ...record, heartbeatAt: now }, now).alive : isServerLockHeld(home);
  return isAlive ? record : null;
}

/** Whether this system knows the process: not one of another host, or of another container that shares the home. */
export function isWithinReach(record: ServerRecord, now: Instant): boolean {
  return livenessOf({ ...record, heartbeatAt: now }, now).alive === livenessOf({ ...record, heartbeatAt: 0 as Instant }, now).alive;
}

/** By the process that wrote it: the note of another stays. */
export function removeServerRecord(home: string): void {
  const record = readRecord(home);
  const { pid, host } = describeThisProcess();
  if (record?.pid === pid && record.host === host) rmSync(recordPath(home), { force: true });
}

function readRecord(home: string): ServerRecord | null {
  try {
    const record = JSON.parse(readFileSync(recordPath(home), 'utf8')) as Partial<ServerRecord>;
    return typeof record.pid === 'number' && typeof record.url === 'string' && typeof record.host === 'string' ? (record as ServerRecord) : null;
  } catch {
    return null;
  }
}
