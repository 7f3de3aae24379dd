/**
 * Names of runs: by the definition's template or function. A name that cannot be made never keeps a run from running.
 */

import { renderRunName } from '../core/run-name.ts';
import { thrownText } from '../core/show-value.ts';

type Inputs = Readonly<Record<string, unknown>>;

/** @param onProblem called with the reason when the name could not be made; then `undefined` is returned */
export function runNameOf(
  given: string | ((inputs: Inputs) => string) | undefined,
  inputs: () => Inputs,
  onProblem: (message: string) => void,
): string | undefined {
  if (given === undefined) return undefined;
  try {
    const name: unknown = typeof given === 'function' ? given(inputs()) : renderRunName(given, inputs());
    if (typeof name === 'string' && name !== '') return name;
    onProblem(`runName gave ${name === '' ? 'an empty text' : typeof name}, so the run has its default name.`);
  } catch (error) {
    onProblem(`The run has its default name, since runName failed: ${thrownText(error)}`);
  }
  return undefined;
}
