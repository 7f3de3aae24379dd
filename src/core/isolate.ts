/**
 * The port to places where code can run and be ended by force: worker threads and child processes. Messages are
 * structured clones.
 */

export type IsolateKind = 'thread' | 'process';

/** One thread or process, seen from the program that started it. */
export interface Isolate {
  /** Of a process; `null` of a thread, which has none of its own. */
  readonly pid: number | null;
  /** Throws (a `DataCloneError`) when the message cannot be cloned. */
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when it is gone for whatever reason; `why` is a sentence part such as `exit code 1` or `SIGKILL`. */
  onExit(listener: (why: string) => void): void;
  /** Ends it now, with its child processes where the system can; resolves when it is gone. */
  terminate(): Promise<void>;
  /** Keeps the program alive while the isolate lives; the initial state. */
  ref(): void;
  /** Lets the program end while the isolate lives. */
  unref(): void;
}

export interface IsolateHost {
  /** How many isolates can compute at once: the default size of a pool. */
  readonly parallelism: number;
  spawn(kind: IsolateKind): Isolate;
}

/** The connection to the program, seen from inside an isolate. */
export interface ParentChannel {
  /** Throws when the message cannot be cloned. */
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** An error that no code caught: the isolate ends after the listener's promise settles. */
  onUncaught(listener: (error: unknown) => unknown): void;
  /** Imports a module by its absolute path. */
  importFile(path: string): Promise<unknown>;
}
