import { encodeHeldLimit, limitedOf, READ_HELD_LIMIT } from '../contract/held-limit.ts';
import { OstinatoError } from '../core/errors.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { ok, operation, type Operation } from './operation.ts';

export function heldLimitOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(READ_HELD_LIMIT, async ({ body: { what, name } }) => {
      const held = await useCases.readHeldLimit({ what: limitedOf(what), name });
      if (held === null)
        throw new OstinatoError('not-found', `No limit is on the ${limitedOf(what)} ${JSON.stringify(name)}.`, {
          remedy: 'Nothing holds its runs up, then; or it is called otherwise.',
        });
      return ok(encodeHeldLimit(held));
    }),
  ];
}
