/** The answer to a proposed state; the four kinds are Prefect's. */

import type { State } from './state.ts';

export type Transition<Run> =
  /** The proposal was committed. */
  | {
      readonly status: 'accept';
      readonly state: State;
      readonly run: Run;
      /** Whether steps of the run are recorded; told when it is taken over. Absent: whoever asks has to look. */
      readonly hasSteps?: boolean | undefined;
    }
  /** Another state is in effect: a replacement that was committed (`written`), or the current one. */
  | {
      readonly status: 'reject';
      readonly state: State;
      readonly written: boolean;
      readonly reason: string;
      readonly run: Run;
    }
  /** Ask again after the delay. */
  | { readonly status: 'wait'; readonly delaySeconds: number; readonly reason: string; readonly run: Run }
  /** Do not repeat: the caller may not move the run. */
  | { readonly status: 'abort'; readonly reason: string; readonly run: Run };
