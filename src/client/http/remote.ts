/** One server over the wire: the client port, with what a client that may be cut off needs beside. */

import type { Artifact } from '../../core/artifact.ts';
import type { CacheEntry } from '../../core/cache-record.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { CreateFlowRun, SetFlowRunState, UpdateFlowRun } from '../../core/flow-run-request.ts';
import type { ArtifactId, FlowRunId, ProcessId, TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { State } from '../../core/state.ts';
import type { TaskRunRecord } from '../../core/task-run.ts';
import type { Transition } from '../../core/transition.ts';
import type { OstinatoClient } from '../port.ts';
import type { ToldRun } from '../told-runs.ts';

export interface CacheSettlement {
  readonly key: string;
  readonly taskRunId: TaskRunId;
  readonly processId: ProcessId;
  readonly entry: CacheEntry | null;
}

/** What was decided here while the server was away, to be told when it is back. Safe to tell twice. */
export type OutboxEntry =
  /** `run` in its first state, under the id of the request. */
  | { readonly kind: 'created'; readonly request: CreateFlowRun; readonly run: FlowRun }
  /** `run` after the states that it entered, oldest first. */
  | { readonly kind: 'moved'; readonly run: FlowRun; readonly states: readonly State[]; /** What was told of it before: a server that was restored from a backup may have lost that. */ readonly before?: readonly State[] }
  | { readonly kind: 'updated'; readonly id: FlowRunId; readonly change: UpdateFlowRun }
  | { readonly kind: 'artifact'; readonly artifact: Artifact }
  | { readonly kind: 'artifact-changed'; readonly id: ArtifactId; readonly change: { readonly data?: unknown; readonly description?: string | null } }
  | { readonly kind: 'variable'; readonly request: { readonly name: string; readonly value: unknown; readonly tags: readonly string[]; readonly overwrite: boolean } }
  | { readonly kind: 'variable-unset'; readonly name: string }
  | { readonly kind: 'cache-settled'; readonly settlement: CacheSettlement };

export interface Remote extends Omit<OstinatoClient, 'results' | 'close' | 'setFlowRunState'> {
  readonly kind: 'ostinato' | 'prefect';
  /** @param known the run as this process knows it, when it holds it */
  setFlowRunState(request: SetFlowRunState, known?: FlowRun | null): Promise<Transition<FlowRun>>;
  /** Carries out what was decided here: it has happened, so no rule is asked any more. */
  replay(entry: OutboxEntry): Promise<void>;
  /** As `recordTaskRuns`, of what an earlier process may have told already; absent where that is safe anyway. */
  retellTaskRuns?(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): Promise<void>;
  /** After an absence: these runs are alive here, whatever the server has made of the silence, and of states that it has lost. */
  reclaim?(runs: readonly ToldRun[]): Promise<void>;
  /** For a server that does not look after lost runs itself. */
  endLost?(run: FlowRun, evidence: string): Promise<void>;
}
