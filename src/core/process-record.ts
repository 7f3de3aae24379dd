/** One operating-system process that runs flows: one row and one heartbeat for all the runs it holds. */

import type { ProcessId } from './ids.ts';
import type { Instant } from './time.ts';

export interface ProcessRecord {
  readonly id: ProcessId;
  readonly pid: number;
  readonly host: string;
  /** The kernel's start time of the pid where it can be read: a reused pid is not taken for the old process. */
  readonly startMark: string | null;
  readonly command: string;
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
}

/** A beat is written this often while the process has active runs. */
export const HEARTBEAT_SECONDS = 2;
/** A process on another host (or one whose pid cannot be looked at) counts as gone after this long without a beat. */
export const LEASE_SECONDS = 15;
