/** What a run that was asked for over the API is called with. */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { heldValue } from '../core/written-number.ts';
import type { Flow } from './flow.ts';
import { typedParameters } from './typed-parameters.ts';

type AskedFlow = Pick<Flow<unknown, unknown>, 'parameterSchema' | 'parameterNames'>;

/**
 * The caller's JSON, by what the flow's schema wants; what does not fit fails the run, in the words of the flow. A
 * whole number that JavaScript's numbers cannot hold is a `bigint`.
 */
export function askedParameters({ parameters }: FlowRun, flow: AskedFlow): unknown {
  if (parameters.kind !== 'foreign') return undefined;
  const whole = { text: parameters.text, source: 'the parameters of the run' };
  try {
    return typedParameters({ named: new Map(), whole }, flow.parameterSchema, flow.parameterNames);
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
    return heldValue(parameters.text);
  }
}
