/** What the engine is given: this folder never uses the clock, randomness, files or the console directly. */

import type { OstinatoClient } from '../client/port.ts';
import type { Recorder } from '../client/recorder.ts';
import type { Durability } from '../core/durability.ts';
import type { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { IdSource } from '../core/ids.ts';
import type { LargeParts } from '../core/large-parts.ts';
import type { LogRecord } from '../core/log.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import type { State } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Clock } from '../core/time.ts';
import type { IsolateHost } from './isolation/host.ts';
import type { Transaction } from './transaction.ts';

/** Where in the user's code a step was called. */
export interface CallSite {
  /** Stable while the calling line's text stays: part of the step identity. */
  readonly id: string;
  /** For people: `src/etl.ts · load · await getStars(repo)`. */
  readonly label: string;
  /** Absolute path, empty when the caller is not in a file. */
  readonly file: string;
}

export interface CallSites {
  /** The call site of the function that called `below`. */
  capture(below: (...args: never[]) => unknown): CallSite;
}

export interface EngineSettings {
  readonly durability: Durability;
  /** Tasks of one flow run that the default runner has in flight, not counting nested tasks. */
  readonly concurrency: number;
  /** How long cancelled work may take to stop by itself. */
  readonly cancelGraceSeconds: number;
  /** `console.*` inside runs becomes log records (and is still printed). */
  readonly captureConsole: boolean;
  /** Records below this level are neither stored nor shown; numbers as in `core/log.ts`. */
  readonly logLevel: number;
  /** Whether results are kept when neither task nor flow says so. */
  readonly persistResults: boolean;
}

/** Watches runs from outside: the console report, the testing recorder. Never throws into the engine. */
export interface RunObserver {
  flowRunChanged?(run: FlowRun, state: State): void;
  taskRunChanged?(run: TaskRun, state: State): void;
  mapProgressed?(progress: MapProgress): void;
  /** `printed`: it came from `console.*`, which has shown it already. */
  logged?(record: LogRecord, runName: string, printed: boolean): void;
  /** The run has ended, but its end could not be stored. */
  endUnrecorded?(run: FlowRun, error: OstinatoError): void;
  /** A message that belongs to no run: a recovered journal, a hook that threw. */
  noticed?(level: number, message: string): void;
}

export interface MapProgress {
  readonly taskName: string;
  readonly flowRunName: string;
  readonly mapId: string;
  readonly done: number;
  readonly failed: number;
  /** `null` while the items are still being counted. */
  readonly total: number | null;
  readonly finished: boolean;
  /** Seconds since the fan-out began. */
  readonly seconds: number;
}

/** Faults that a test injects: called before each attempt of each task body. Throws, or returns a delay. */
export type FaultInjector = (task: {
  readonly name: string;
  readonly attempt: number;
  readonly run: TaskRun;
}) => void | Promise<void>;

export interface EnginePorts {
  readonly client: OstinatoClient;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Text → 32 hexadecimal characters. */
  readonly hash: (text: string) => string;
  /** Parts of large arguments that this process has hashed already. */
  readonly largeParts: LargeParts;
  readonly callSites: CallSites;
  readonly process: ProcessRecord;
  readonly isolates: IsolateHost;
  readonly settings: EngineSettings;
  readonly observers: readonly RunObserver[];
  /**
   * Set in an isolate: runs that are started here run here, whatever their isolation. `hold` keeps the isolate alive
   * for them.
   */
  readonly within?:
    | {
        readonly hold: (work: Promise<unknown>) => void;
        readonly transaction: Transaction | null;
        /** Of the task whose body runs here: it holds their slots. */ readonly tags: readonly string[];
      }
    | undefined;
  readonly injectFault?: FaultInjector | undefined;
}
