import { READ_COLLECTION_VIEW } from '../contract/routes/administration.ts';
import { OstinatoError } from '../core/errors.ts';
import { COLLECTION_VIEWS } from './collections/views.ts';
import { ok, operation, type Operation } from './operation.ts';

export function collectionOperations(): readonly Operation[] {
  return [
    operation(READ_COLLECTION_VIEW, ({ params }) => {
      const view = params['view'] as string;
      if (!Object.hasOwn(COLLECTION_VIEWS, view))
        throw new OstinatoError('not-found', `View ${view} not found in registry`);
      return ok(COLLECTION_VIEWS[view]);
    }),
  ];
}
