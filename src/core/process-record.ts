/** One operating-system process that runs flows: one row and one heartbeat for all the runs it holds. */

import type { ProcessId } from './ids.ts';
import type { Instant } from './time.ts';

export interface ProcessRecord {
  readonly id: ProcessId;
  readonly pid: number;
  readonly host: string;
  /** The kernel's start time of the pid where it can be read: tells the process from a later one with the same pid. */
  readonly startMark: string | null;
  readonly command: string;
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
}

/** Interval of heartbeats while the process has active runs. */
export const HEARTBEAT_SECONDS = 2;
/**
 * Seconds without a heartbeat after which a process counts as gone, if it is on another host or its pid cannot be
 * checked.
 */
export const LEASE_SECONDS = 15;
