import {
  DELETE_SAVED_SEARCH,
  encodeSavedSearch,
  FILTER_SAVED_SEARCHES,
  READ_SAVED_SEARCH,
  SAVE_SEARCH,
} from '../contract/saved-search.ts';
import { EVERYTHING } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

export function savedSearchOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(SAVE_SEARCH, async ({ body, exact }) => {
      const { search, isNew } = await useCases.saveSearch(body.name, JSON.stringify(exact['filters'] ?? []));
      return isNew ? created(encodeSavedSearch(search)) : ok(encodeSavedSearch(search));
    }),
    operation(FILTER_SAVED_SEARCHES, async ({ body }) =>
      ok(
        (await useCases.find('saved_search', queryOf(EVERYTHING, [{ field: 'name', direction: 'asc' }], body))).map(
          encodeSavedSearch,
        ),
      ),
    ),
    operation(READ_SAVED_SEARCH, async ({ params }) => {
      const [search] = await useCases.find(
        'saved_search',
        queryOf({ op: 'eq', field: 'id', value: params['id'] as string }, [], { limit: 1 }),
      );
      return ok(encodeSavedSearch(found(search ?? null, 'Saved search')));
    }),
    operation(DELETE_SAVED_SEARCH, async ({ params }) => {
      found((await useCases.deleteSavedSearch(params['id'] as string)) || null, 'Saved search');
      return NO_CONTENT;
    }),
  ];
}
