/** A call of a task: the task, its arguments, and the surrounding run. */

import type { MapId, TaskInput } from '../core/task-run.ts';
import type { Cancellation } from './cancellation.ts';
import type { TaskDefinition } from './definitions.ts';
import type { TaskFuture } from './future.ts';
import type { CallSite } from './ports.ts';
import type { Frame } from './run-context.ts';
import type { SharedInputs } from './shared-inputs.ts';
import type { OnYield } from './stream.ts';

/** See `core/step-identity.ts`. */
export interface BranchStep {
  readonly step: string;
  /** What it answers has failed anew: what was recorded of it earlier does not count. */
  readonly isFresh: boolean;
}

export interface TaskCall {
  readonly definition: TaskDefinition;
  readonly thisArg: unknown;
  readonly args: readonly unknown[];
  readonly site: CallSite;
  readonly future: TaskFuture<unknown>;
  /** The surrounding frame; `null` outside any run. */
  readonly frame: Frame | null;
  readonly tags: readonly string[];
  /** Calls it off: the surrounding run, or the process outside any. */
  readonly around: Cancellation;
  readonly mapId: MapId | null;
  /** Its index in the fan-out; `null` outside any. */
  readonly itemIndex: number | null;
  /** Edges that every item of a fan-out shares. */
  readonly mapEdges: Readonly<Record<string, readonly TaskInput[]>> | null;
  readonly onYield: OnYield | null;
  /** Of a step that is begun because another one failed. */
  readonly branch?: BranchStep;
  /** The branches that its options ask for are looked after by who called. */
  readonly isPlain?: true;
  /** It waits for something outside, and needs no slot of the runner. */
  readonly isWaiting?: true;
  /** Arguments that all items of a fan-out share. */
  readonly shared?: SharedInputs;
}
