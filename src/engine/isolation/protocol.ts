/** Messages between a program and its isolates. Values travel as structured clones, failures as `FailureInfo`. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { LogRecord } from '../../core/log.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type { State } from '../../core/state.ts';
import type { TaskRun, TaskRunRecord } from '../../core/task-run.ts';
import type { FailureInfo } from '../../core/value.ts';
import type { StopKind } from '../cancellation.ts';
import type { DistantTransaction } from './distant-share.ts';
import type { EngineSettings, MapProgress } from '../ports.ts';

/**
 * The flow run around a body, and the outermost one; sent when it is another one than last time, since parameters may
 * be large.
 */
export interface SurroundingFlow {
  readonly run: FlowRun;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The run itself when no other is around it. */
  readonly root: FlowRun;
}

export interface RunBodyMessage {
  readonly type: 'run';
  /** Number of the job; grows with every body that the isolate runs. */
  readonly job: number;
  readonly file: string;
  readonly taskKey: string;
  readonly sourceHash: string;
  /** Tags whose slots the run holds. */
  readonly heldTags: readonly string[];
  readonly args: readonly unknown[];
  /** Errors among the arguments, which a clone would strip of their class and fields. */
  readonly errors: readonly ErrorAt[];
  /**
   * Lists among the arguments that can be read as streams, which a clone loses. They are sent in one clone with the
   * arguments, so that each is still the same object there.
   */
  readonly readable: readonly unknown[][];
  readonly taskRun: TaskRun;
  /** `null`: outside any flow. `same`: as for the job before. */
  readonly flow: SurroundingFlow | 'same' | null;
  /** The transaction around the call; `null` outside any. */
  readonly transaction: DistantTransaction | null;
  /** Tags from `withTags` around the call; runs that the body starts get them, too. */
  readonly tags: readonly string[];
  /** `console.*` becomes log records. */
  readonly captureConsole: boolean;
  /**
   * Somebody may read what the generator yields: each value is acknowledged with `taken`, and the generator waits for
   * that.
   */
  readonly streams: boolean;
  readonly process: ProcessRecord;
  readonly settings: EngineSettings;
}

/** Argument number, and the item's number where the argument is an array. */
export interface ErrorAt {
  readonly at: number;
  readonly item: number | null;
  readonly failure: FailureInfo;
}

export type ToIsolate =
  | RunBodyMessage
  | { readonly type: 'abort'; readonly job: number; readonly kind: StopKind; readonly message: string }
  /** Acknowledges a `yield`. `more: false`: the reader has gone away, and the generator ends. */
  | { readonly type: 'taken'; readonly job: number; readonly more: boolean }
  /** The answer to a `call`. */
  | { readonly type: 'answer'; readonly call: number; readonly value?: unknown; readonly failure?: FailureInfo };

/** A state that the body returned in place of a value. */
export interface ReturnedMessage {
  readonly type: 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CRASHED';
  readonly name: string | undefined;
  readonly message: string | null;
  readonly failure: FailureInfo | undefined;
}

export type FromIsolate =
  /** The module is loaded and the body begins. */
  | { readonly type: 'started'; readonly job: number }
  | {
      readonly type: 'log';
      readonly job: number;
      readonly level: number;
      readonly message: string;
      readonly printed: boolean;
    }
  | { readonly type: 'yield'; readonly job: number; readonly value: unknown }
  | {
      readonly type: 'done';
      readonly job: number;
      readonly value: unknown;
      readonly returned: ReturnedMessage | null;
      readonly kept: string | null;
    }
  | { readonly type: 'failed'; readonly job: number; readonly failure: FailureInfo }
  /** The isolate ends because of an error that nobody caught. */
  | { readonly type: 'dying'; readonly failure: FailureInfo }
  /** A request to the program. */
  | {
      readonly type: 'call';
      readonly job: number;
      readonly call: number;
      readonly method: ProgramMethod;
      readonly args: readonly unknown[];
    }
  /** A task run that the body started has moved. */
  | { readonly type: 'record'; readonly job: number; readonly record: TaskRunRecord }
  /** For observers of the program's runs. */
  | { readonly type: 'seen'; readonly job: number; readonly sight: Sight }
  /** A step that an earlier attempt finished was not done again. */
  | { readonly type: 'reused'; readonly job: number };

/** What an observer in the program is told about the runs that a body started. */
export type Sight =
  | { readonly what: 'logged'; readonly record: LogRecord; readonly runName: string; readonly printed: boolean }
  | { readonly what: 'flowRunChanged'; readonly run: FlowRun; readonly state: State }
  | { readonly what: 'mapProgressed'; readonly progress: MapProgress }
  | { readonly what: 'noticed'; readonly level: number; readonly message: string };

/** Methods of the program's client that may be called from inside an isolate as they are. */
export const CLIENT_METHODS = [
  'createFlowRun',
  'setFlowRunState',
  'resumeFlowRun',
  'readFlowRun',
  'list',
  'listFlowRunStates',
  'readTaskRun',
  'listRecordedSteps',
  'beat',
  'claimCacheKey',
  'settleCacheClaim',
  'takeTagSlots',
  'releaseLease',
] as const;
export type ClientMethod = (typeof CLIENT_METHODS)[number];

/** Further requests of a body: control plane, result store, recorder, the flow run's list of steps. */
export const STEP_METHODS = ['askControl', 'writeResult', 'readResult', 'settle', 'flush', 'openStep'] as const;
export type StepMethod = (typeof STEP_METHODS)[number];

export type ProgramMethod = ClientMethod | StepMethod;

export function isClientMethod(name: unknown): name is ClientMethod {
  return (CLIENT_METHODS as readonly unknown[]).includes(name);
}
