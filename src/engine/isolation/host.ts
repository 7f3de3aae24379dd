/** The port to worker threads and child processes; it lies in `core`, so that `platform` can implement it. */

export type { Isolate, IsolateHost, IsolateKind, ParentChannel } from '../../core/isolate.ts';
