/** What a proposal of a state is answered with; the four answers are Prefect's. */

import type { State } from './state.ts';

export type Transition<Run> =
  /** The proposal was committed. */
  | { readonly status: 'accept'; readonly state: State; readonly run: Run }
  /** Another state stands instead: a replacement that was committed (`written`), or the current one. */
  | { readonly status: 'reject'; readonly state: State; readonly written: boolean; readonly reason: string; readonly run: Run }
  /** Ask again after the delay. */
  | { readonly status: 'wait'; readonly delaySeconds: number; readonly reason: string; readonly run: Run }
  /** Give up: the run is not yours to move. */
  | { readonly status: 'abort'; readonly reason: string; readonly run: Run };
