/**
 * A subflow whose transaction was rolled back is done again, as another run. Hooks that the body of the earlier one
 * gave, and that have not run, are brought by the body of this one: by the call of the same step.
 */

import type { TaskDefinition } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import type { Frame } from './run-context.ts';

/** Takes back what the earlier run did in this step, if that is still to be done. */
export function takeBackReplaced(
  flow: FlowScope,
  step: string,
  definition: TaskDefinition,
  frame: Frame,
): Promise<unknown> | undefined {
  for (let scope = flow; scope.parent !== null; scope = scope.parent)
    if (scope.replaced !== null) {
      const { book, depth } = scope.parent;
      return book?.takeBackInside(scope.replaced, step, definition, frame, depth);
    }
  return undefined;
}
