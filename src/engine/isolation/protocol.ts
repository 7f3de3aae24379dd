/** What a program and its isolates say to each other. Values travel as structured clones, failures as `FailureInfo`. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { FailureInfo } from '../../core/value.ts';
import type { StopKind } from '../cancellation.ts';
import type { EngineSettings } from '../ports.ts';

/** The flow run around a body; sent when it is another one than last time, since parameters may be large. */
export interface SurroundingFlow {
  readonly run: FlowRun;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface RunBodyMessage {
  readonly type: 'run';
  /** Grows with every body that the isolate runs. */
  readonly job: number;
  readonly file: string;
  readonly taskKey: string;
  readonly sourceHash: string;
  readonly args: readonly unknown[];
  /** Errors among the arguments, which a clone would strip of their class and fields. */
  readonly errors: readonly ErrorAt[];
  readonly taskRun: TaskRun;
  /** `null`: outside any flow. `same`: as for the job before. */
  readonly flow: SurroundingFlow | 'same' | null;
  /** `console.*` becomes log records. */
  readonly captureConsole: boolean;
  /** Somebody may read what it yields: each value is answered by `taken`, and the generator waits for that. */
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
  /** The answer to a `yield`; without `more` the reader has gone away, and the generator ends. */
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
  | { readonly type: 'log'; readonly job: number; readonly level: number; readonly message: string; readonly printed: boolean }
  | { readonly type: 'yield'; readonly job: number; readonly value: unknown }
  | { readonly type: 'done'; readonly job: number; readonly value: unknown; readonly returned: ReturnedMessage | null }
  | { readonly type: 'failed'; readonly job: number; readonly failure: FailureInfo }
  /** The isolate ends because of an error that nobody caught. */
  | { readonly type: 'dying'; readonly failure: FailureInfo }
  /** Asks the program's client. */
  | {
      readonly type: 'call';
      readonly job: number;
      readonly call: number;
      readonly method: ClientMethod;
      readonly args: readonly unknown[];
    };

/** What a body may ask of the client from inside an isolate. */
export const CLIENT_METHODS = [
  'createArtifact',
  'updateArtifact',
  'readArtifact',
  'listArtifacts',
  'readVariable',
  'setVariable',
  'unsetVariable',
  'listVariables',
] as const;
export type ClientMethod = (typeof CLIENT_METHODS)[number];

export function isClientMethod(name: unknown): name is ClientMethod {
  return (CLIENT_METHODS as readonly unknown[]).includes(name);
}
