/** The answer to a proposed state. */

import type { State } from '../../core/state.ts';
import type { Transition } from '../../core/transition.ts';
import { encodeState } from './state.ts';

export interface WireTransition {
  readonly state: unknown;
  readonly status: 'ACCEPT' | 'REJECT' | 'WAIT' | 'ABORT';
  readonly details: Readonly<Record<string, unknown>>;
}

export function encodeTransition(answer: Transition<{ readonly state: State }>): WireTransition {
  switch (answer.status) {
    case 'accept':
      return { state: encodeState(answer.state), status: 'ACCEPT', details: { type: 'accept_details' } };
    case 'reject':
      return {
        state: encodeState(answer.state),
        status: 'REJECT',
        details: { type: 'reject_details', reason: answer.reason },
      };
    case 'wait':
      return {
        state: encodeState(answer.run.state),
        status: 'WAIT',
        // Whole seconds on the wire: rounded up, so that nobody asks again too early.
        details: { type: 'wait_details', delay_seconds: Math.ceil(answer.delaySeconds), reason: answer.reason },
      };
    case 'abort':
      return {
        state: encodeState(answer.run.state),
        status: 'ABORT',
        details: { type: 'abort_details', reason: answer.reason },
      };
  }
}
