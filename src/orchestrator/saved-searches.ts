/** Saved searches, bound to their ports. */

import type { OrchestratorPorts } from './ports.ts';

export function savedSearchUseCases({ storage, ids, clock }: OrchestratorPorts) {
  return {
    /** Whether it is new: else it took the place of the one with its name. */
    async saveSearch(name: string, filters: string) {
      const now = clock.now();
      const id = ids.next();
      const search = await storage.writeSavedSearch({ id, name, filters, createdAt: now, updatedAt: now });
      return { search, isNew: search.id === id };
    },
    deleteSavedSearch: (id: string) => storage.deleteSavedSearch(id),
  };
}
