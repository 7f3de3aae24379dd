/** What a flow says of its deployments, wherever they are made from; each of them may say something else. */

import type { OnCrash } from '../core/deployment.ts';
import { keyTextOf } from './concurrency-key.ts';
import type { Flow } from './flow.ts';

/** In the words of a deployment's file. */
export interface SaidByFlow {
  readonly concurrency_key?: string;
  readonly on_crash?: OnCrash;
}

/** @throws `bad-input` for a concurrency key that names no parameters */
export function saidByFlow({
  flowName,
  definition,
}: Pick<Flow<unknown, unknown>, 'flowName' | 'definition'>): SaidByFlow {
  const { concurrencyKey, onCrash } = definition.options;
  return {
    ...(concurrencyKey === undefined ? {} : { concurrency_key: keyTextOf(`flow "${flowName}"`, concurrencyKey) }),
    ...(onCrash === undefined ? {} : { on_crash: onCrash }),
  };
}
