/** What lists can be narrowed by, and how they page. All parts of one filter must hold. */

import type { ArtifactType } from './artifact.ts';
import type { FlowRunId, ProcessId, TaskRunId } from './ids.ts';
import type { StateType } from './state.ts';

/** Lists page by key: `after` is the id of the last row of the page before; newest first unless said. */
export interface Page<Id extends string> {
  /** 1…1000, default 50. */
  readonly limit?: number;
  readonly after?: Id | undefined;
}

export interface FlowRunFilter {
  readonly ids?: readonly FlowRunId[];
  /** Ids that start so: people type the first characters. */
  readonly idPrefix?: string;
  readonly name?: string;
  readonly flowName?: string;
  readonly stateTypes?: readonly StateType[];
  readonly stateNames?: readonly string[];
  /** Runs that carry all of these. */
  readonly tags?: readonly string[];
  readonly parentTaskRunId?: TaskRunId;
  /** Only runs that no other flow run started. */
  readonly rootOnly?: boolean;
  readonly processId?: ProcessId;
}

export interface TaskRunFilter {
  readonly ids?: readonly TaskRunId[];
  readonly idPrefix?: string;
  readonly name?: string;
  readonly flowRunId?: FlowRunId;
  readonly stateTypes?: readonly StateType[];
  readonly stateNames?: readonly string[];
  readonly taskKey?: string;
}

export interface LogFilter {
  readonly flowRunId?: FlowRunId;
  readonly taskRunId?: TaskRunId;
  readonly levelMin?: number;
  /** Case-insensitive part of the message. */
  readonly text?: string;
}

export interface ArtifactFilter {
  readonly key?: string;
  readonly type?: ArtifactType;
  readonly flowRunId?: FlowRunId;
  readonly taskRunId?: TaskRunId;
  /** Only the newest version of each key. */
  readonly latest?: boolean;
}
