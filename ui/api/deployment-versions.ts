/** The versions of a deployment, and what became of the slots of its schedules. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { VersionFacts } from '../../src/contract/deployment-version.ts';
import type { VersionDifference } from '../../src/contract/routes/ui-deployment-versions.ts';
import type { SlotOfSchedule } from '../../src/contract/schedule-slot.ts';
import { postJson } from './http.ts';

export type { SlotOfSchedule, VersionDifference, VersionFacts };

export interface VersionsPage {
  readonly as_of: string;
  readonly versions: readonly VersionFacts[];
  readonly differences: readonly VersionDifference[];
  readonly drift: readonly VersionDifference[];
}

/** @param from the number of a version; `null`: the deployment as it is */
export function versionsQuery(id: string, from: number | null, to: number | null) {
  return queryOptions({
    queryKey: ['deployments', 'versions', id, from, to],
    queryFn: ({ signal }) => postJson<VersionsPage>(`/ui/pages/deployments/${id}/versions`, { from, to }, { signal }),
    placeholderData: keepPreviousData,
  });
}

export async function rollBack(id: string, version: number): Promise<void> {
  await postJson(`/ostinato/deployments/${id}/rollback`, { version, source: { by: 'a page' } });
}

export const SLOTS_SHOWN = 50;

/** @param before only those that are due earlier; `null`: from the last on */
export function slotsQuery(id: string, before: string | null) {
  return queryOptions({
    queryKey: ['deployments', 'slots', id, before],
    queryFn: async ({ signal }) =>
      (
        await postJson<{ readonly slots: readonly SlotOfSchedule[] }>(
          `/deployments/${id}/slots/filter`,
          { limit: SLOTS_SHOWN, before },
          { signal },
        )
      ).slots,
    placeholderData: keepPreviousData,
  });
}
