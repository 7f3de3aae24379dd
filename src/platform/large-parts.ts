/** One memory of large inputs a process: see `core/large-parts.ts`. */

import { inspect } from 'node:util';
import { LargeParts } from '../core/large-parts.ts';
import { hashText } from './hash.ts';

export function createLargeParts(): LargeParts {
  return new LargeParts(hashText, hasNames);
}

const NO_ELEMENTS = {
  maxArrayLength: 0,
  depth: 0,
  customInspect: false,
  showHidden: false,
  colors: false,
  compact: true,
  breakLength: Infinity,
  numericSeparator: false,
} as const;

/**
 * Whether a list has own enumerable properties besides its elements. JavaScript can only list them after all elements
 * (7 ms for 200,000); the inspector gives them alone.
 */
export function hasNames(list: readonly unknown[]): boolean {
  return (
    inspect(list, NO_ELEMENTS) !==
    (list.length === 0 ? '[]' : `[ ... ${list.length} more item${list.length === 1 ? '' : 's'} ]`)
  );
}
