/** A task run as it is recorded: one row for its whole life, plus one row a state. */

import type { CacheRecord } from './cache-record.ts';
import type { Durability } from './durability.ts';
import type { Labels } from './flow-run.ts';
import type { FlowRunId, ProcessId, TaskRunId } from './ids.ts';
import type { Participation } from './participation.ts';
import type { State } from './state.ts';
import type { Instant } from './time.ts';

/** One edge into a task run. A million-item map feeds one edge, not a million: `map` names the fan-out as a whole. */
export type TaskInput =
  | { readonly kind: 'task_run'; readonly id: TaskRunId }
  | { readonly kind: 'flow_run'; readonly id: FlowRunId }
  | { readonly kind: 'map'; readonly id: MapId; readonly count: number }
  | { readonly kind: 'parameter'; readonly name: string }
  /** A literal argument; Prefect's clients record its type. */
  | { readonly kind: 'constant'; readonly type: string };

/** Identifies one `task.map(…)` call inside a flow run; recorded with its task runs. */
export type MapId = string;

/** The item of a fan-out that a mapped run belongs to. */
export interface MapItem {
  /** From 0, in the order of the items. */
  readonly index: number;
  /** The item, as `previewValue` shows it; `null` when it could not be computed because its source failed. */
  readonly input: string | null;
}

/** Description and version from the task's options, for people. */
export interface TaskAbout {
  readonly version?: string | undefined;
  readonly description?: string | undefined;
}

export interface TaskRunPolicy {
  readonly retries: number;
  readonly retryDelaySeconds: readonly number[];
  readonly retryJitterFactor: number;
  readonly timeoutSeconds: number | null;
}

/** How the body could be stopped: by its signal only, or by ending the thread or process that it ran in. */
export type Isolation = 'signal' | 'thread' | 'process';

/** Further fields that Prefect's clients record of a task run, as they send them. */
export interface PrefectClientFields {
  /** Finds the run when its id is unknown: unique for flow run, task key and dynamic key. */
  readonly naturalKey: string | null;
  readonly labels: Labels;
  readonly taskVersion: string | null;
  readonly cacheKey: string | null;
  readonly cacheExpiration: Instant | null;
  readonly expectedStartTime: Instant | null;
  readonly nextScheduledStartTime: Instant | null;
  /** JSON object, as it was sent. */
  readonly empiricalPolicy: string;
}

export interface TaskRun {
  readonly id: TaskRunId;
  /** `null` for a task called outside any flow. */
  readonly flowRunId: FlowRunId | null;
  /** The process that runs a task outside any flow, which has no lease; `null` inside a flow. */
  readonly processId: ProcessId | null;
  /** The task run in whose body this one was called. */
  readonly parentTaskRunId: TaskRunId | null;
  readonly name: string;
  readonly taskName: string;
  /** Identifies the task across processes: `name-<hash of file and name>`. */
  readonly taskKey: string;
  /** Unique among the runs of one task in one flow run (Prefect's wire needs it). */
  readonly dynamicKey: string;
  /** Step identity, see `core/step-identity.ts`: by it a resumed run finds finished work. */
  readonly step: string;
  /** Readable half of the step identity, for `flow-run retry --plan`: `file:function:text of the calling line`. */
  readonly callSite: string;
  /** Hash of the task's source when it ran. */
  readonly sourceHash: string;
  readonly mapId: MapId | null;
  /** Absent outside fan-outs. */
  readonly item?: MapItem | undefined;
  /** Absent when neither was given. */
  readonly about?: TaskAbout | undefined;
  readonly tags: readonly string[];
  /** Edges by argument name (`waitFor` for the ones that carry no value). */
  readonly inputs: Readonly<Record<string, readonly TaskInput[]>>;
  readonly policy: TaskRunPolicy;
  readonly durability: Durability;
  readonly isolation: Isolation;
  readonly cache: CacheRecord | null;
  /** How it takes part in the transactions around it; absent outside any. */
  readonly participation?: Participation | undefined;
  /** `null` for task runs of our own engine. */
  readonly prefectClient: PrefectClientFields | null;
  readonly state: State;
  readonly runCount: number;
  /** `runCount` of the flow run when this attempt ran. */
  readonly flowRunRunCount: number;
  readonly createdAt: Instant;
  readonly startTime: Instant | null;
  readonly endTime: Instant | null;
  readonly totalRunTimeUs: number;
}

/** What recorders send: the current run, and the states that it entered since it was last sent, oldest first. */
export interface TaskRunRecord {
  readonly run: TaskRun;
  readonly states: readonly State[];
}

/** A step of an earlier attempt, as a resumed run reads it. */
export interface RecordedStep {
  readonly id: TaskRunId;
  readonly step: string;
  readonly state: State;
  readonly runCount: number;
  readonly sourceHash: string;
  readonly taskKey: string;
  readonly dynamicKey: string;
  readonly createdAt: Instant;
  readonly parentTaskRunId?: TaskRunId | null | undefined;
  readonly participation?: Participation | undefined;
}
