/** One server over HTTP: the client port, and what a client that may be disconnected needs besides. */

import type { CacheEntry } from '../../core/cache-record.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { CreateFlowRun, SetFlowRunState, UpdateFlowRun } from '../../core/flow-run-request.ts';
import type { FlowRunId, ProcessId, TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { State } from '../../core/state.ts';
import type { TaskRunRecord } from '../../core/task-run.ts';
import type { Transition } from '../../core/transition.ts';
import type { OstinatoClient } from '../port.ts';
import type { ToldRun } from '../told-runs.ts';
import type { ControlEntry } from './tolerant-control.ts';

export interface CacheSettlement {
  readonly key: string;
  readonly taskRunId: TaskRunId;
  readonly processId: ProcessId;
  readonly entry: CacheEntry | null;
}

/** A decision made here while the server was away, to be sent when it is back. Safe to send twice. */
export type OutboxEntry =
  /** `run` in its first state, with the id of the request. */
  | { readonly kind: 'created'; readonly request: CreateFlowRun; readonly run: FlowRun }
  /** `run` after the states that it entered, oldest first. */
  | {
      readonly kind: 'moved';
      readonly run: FlowRun;
      readonly states: readonly State[];
      /** States that were sent before: a server that was restored from a backup may have lost them. */
      readonly before?: readonly State[];
    }
  | { readonly kind: 'updated'; readonly id: FlowRunId; readonly change: UpdateFlowRun }
  | ControlEntry
  | { readonly kind: 'cache-settled'; readonly settlement: CacheSettlement };

export interface Remote extends Omit<OstinatoClient, 'results' | 'close' | 'setFlowRunState'> {
  readonly kind: 'ostinato' | 'prefect';
  /** @param known the run as this process knows it, when it holds it */
  setFlowRunState(request: SetFlowRunState, known?: FlowRun | null): Promise<Transition<FlowRun>>;
  /** Records a decision that was carried out here: it has happened, so the server applies no rules. */
  replay(entry: OutboxEntry): Promise<void>;
  /** As `recordTaskRuns`, for records that an earlier process may have sent already; absent where repeating is safe. */
  retellTaskRuns?(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): Promise<void>;
  /** After an outage: tells the server that these runs are alive, and sends states that it has lost. */
  reclaim?(runs: readonly ToldRun[]): Promise<void>;
  /** Marks a lost run, for servers that do not do it themselves. */
  endLost?(run: FlowRun, evidence: string): Promise<void>;
}
