/**
 * What a worker runs its runs in: processes of its machine, containers, or whatever somebody implements.
 *
 * A kind of infrastructure starts jobs, tells how they end, and ends them. All else is the same for all kinds: runs are
 * taken under a lease, cancelled in stages, their output becomes logs, and what they did not end themselves is Crashed.
 */

import type { Instant } from '../core/time.ts';
import type { OutputStream } from '../platform/child-group.ts';

/** A kind of worker. A module that exports one by default is what `ostinato worker start --type FILE` starts. */
export interface WorkerKind {
  /** The type of the work pools whose runs it takes, for instance `docker`. */
  readonly type: string;
  /**
   * What deployments may say of their jobs: the schema of each job variable, as JSON Schema. A pool that is made for
   * this kind gets it, so that the server refuses what does not fit. Default: none.
   */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Once, when the worker starts. @throws why it cannot work at all: the worker says so, and ends */
  open(place: WorkerPlace): Infrastructure | Promise<Infrastructure>;
}

/** Where a worker works. */
export interface WorkerPlace {
  /** The name of the work pool, and of the worker. */
  readonly pool: string;
  readonly worker: string;
  readonly apiUrl: string;
  /** The environment of the worker. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Says something where the worker runs. Levels as of logs: 20 is info, 30 a warning, 40 an error. */
  readonly say: (level: number, message: string) => void;
}

export interface Infrastructure {
  /**
   * Starts a job. @throws why there is none: the run is Crashed with the message. Nothing of it is left then.
   */
  start(job: Job, hearing: JobHearing): Promise<RunningJob>;
  /**
   * Before runs are taken. @throws `OstinatoError` why nothing can be started now: no run is taken until it is well.
   * Default: it is always well.
   */
  check?(): Promise<void>;
  /**
   * The jobs of this pool that are there: those of this worker, of others, and what a worker that was killed has left.
   * Asked for at the start and now and then. Default: none is left when a worker is gone.
   */
  find?(): Promise<readonly FoundJob[]>;
  /** When the worker ends, after its last job. */
  close?(): void | Promise<void>;
}

/** What is to be run. */
export interface Job {
  readonly runId: string;
  readonly runName: string;
  readonly deploymentId: string;
  /** The program that runs the run, and its words. It is found by `PATH`, and works in the folder of the code. */
  readonly command: readonly [program: string, ...words: string[]];
  /** What the program must find in its environment, beside what is there anyway. */
  readonly environment: Readonly<Record<string, string>>;
  /** The job variables: of the pool, the deployment and the run, later ones first, through the pool's job template. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Where the run begins, as pull steps of the deployment say it; `null`: nothing is said. */
  readonly folder: string | null;
  /** Says which run it is, for whom, and under which lease. Keep it with the job as it is: `FoundJob` gives it back. */
  readonly mark: string;
}

export interface JobHearing {
  /** A line that the job has written: it becomes a log of the run. */
  readonly onLine: (line: string, stream: OutputStream) => void;
  /** A line of the worker's own for the logs of the run, for instance of an image that is fetched. */
  readonly say: (level: number, text: string) => void;
  /** Whether somebody wants the run to stop: then nothing need be started any more. */
  readonly isEnding: () => boolean;
}

export interface RunningJob {
  /** What people find it by; on the run it is the `infrastructure_pid`. For instance `barn:4711`. */
  readonly place: string;
  /** As sentences name it: `process 4711`. */
  readonly name: string;
  /** When it has ended itself. Never rejects. */
  readonly ended: Promise<JobEnd>;
  /** When all that it wrote was told. Never rejects. Default: with its end. */
  readonly read?: Promise<void>;
  /** Asks it to end, or ends it by force. Asked again when it goes on. Does not throw. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /**
   * After its end: takes away what is left of it, by force. Answers what is still there, in words: it is asked again.
   * Default: nothing is left.
   */
  clear?(): Promise<readonly string[]>;
  /** What it uses now; `null`: that is not known. Default: never known. */
  use?(): JobUse | null | Promise<JobUse | null>;
  /** What is told beside its end, for instance `{ container: '8f3a…' }`. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface JobEnd {
  readonly exitCode: number | null;
  /** For instance `SIGKILL`. */
  readonly signal: string | null;
  /** Why it could not be started; `null`: it was. */
  readonly problem: string | null;
  /** What is known of the reason, as a sentence: that it ran out of memory. */
  readonly reason?: string | null;
}

export interface JobUse {
  /** The most memory that was seen in use at once, in bytes. */
  readonly peakBytes: number;
  /** Seconds of processor time. */
  readonly cpuSeconds: number;
}

/** A job that is there. */
export interface FoundJob {
  /** As `Job` had it. */
  readonly mark: string;
  /** As sentences name it. */
  readonly name: string;
  /** `unstarted`: it was made, and has not begun. */
  readonly stage: 'unstarted' | 'running' | 'ended';
  /**
   * Takes it over, also one that has ended.
   *
   * @param since what it wrote later is heard; `null`: all that it wrote
   */
  attach(hearing: JobHearing, since: Instant | null): Promise<RunningJob>;
  /** Ends it by force, and takes it away. */
  remove(): Promise<void>;
}
