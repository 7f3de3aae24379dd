/** What a flow is told of a failure. */

import type { State } from './state.ts';

/** A failure as branches, fallbacks and `match` get it. After a restart it is the recorded one. */
export interface Failure {
  /** Of its class, for instance `TypeError`; `NonErrorThrown` for a thrown value that is no error. */
  readonly name: string;
  readonly message: string;
  /** `null`: it has none. */
  readonly code: string | null;
  /** Its class and those that it extends, the nearest first. Empty for what is no error. */
  readonly classes: readonly string[];
  /** What was thrown; from a record an error like it, of the nearest class that can be built. */
  readonly error: unknown;
  /** The final state of the run that failed; `null` for an error that belongs to none. */
  readonly state: State | null;
}
