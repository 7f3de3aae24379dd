/** What our own page asks for of notification channels: see `contract/routes/ui-notification-channels.ts`. */

import { encodeActionRecord } from '../contract/action-receipt.ts';
import { NAMED_BLOCKS } from '../contract/filter/records.ts';
import {
  UI_NOTIFICATION_CHANNELS_PAGE,
  type NotificationChannel,
} from '../contract/routes/ui-notification-channels.ts';
import type { ActionRecord } from '../core/action-receipt.ts';
import { actionTarget, type ActionJson } from '../core/automations/action-words.ts';
import { allOf, EVERYTHING } from '../core/query.ts';
import { formatInstant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { ok, operation, type Operation } from './operation.ts';
import type { PageParts } from './ui-rows.ts';

const CHANNELS_MAX = 200;
const RECEIPTS_SHOWN = 5;
/** Looked through of each automation that notifies; further ones are older than what is shown of most channels. */
const RECEIPTS_READ = 50;
const AUTOMATIONS_MAX = 200;

export function uiNotificationChannelOperations({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_NOTIFICATION_CHANNELS_PAGE, async () => {
      const now = clock.now();
      const where = allOf([
        NAMED_BLOCKS,
        {
          op: 'exists',
          noun: 'block_schema',
          where: { op: 'hasAll', field: 'capabilities', values: ['notify'] },
        } as const,
      ]);
      const byName = [{ field: 'name', direction: 'asc' }] as const;
      const views = await useCases.findBlockDocuments(queryOf(where, byName, { limit: CHANNELS_MAX }), false);
      const sent = views.length === 0 ? [] : await sentByAutomations(useCases);
      const channels = views.map(({ document, type }): NotificationChannel => ({
        id: document.id,
        name: document.name,
        type: type?.name ?? null,
        updated: formatInstant(document.updatedAt),
        receipts: sent
          .filter(({ blockId }) => blockId === document.id)
          .toSorted((a, b) => b.record.createdAt - a.record.createdAt)
          .slice(0, RECEIPTS_SHOWN)
          .map(({ name, record }) => ({ automation_name: name, receipt: encodeActionRecord(record) })),
      }));
      return ok({ as_of: formatInstant(now), channels });
    }),
  ];
}

interface Sent {
  readonly name: string;
  readonly blockId: string;
  readonly record: ActionRecord;
}

/** The newest of each automation that has an action by a block. */
async function sentByAutomations(useCases: UseCases): Promise<readonly Sent[]> {
  const automations = await useCases.find('automation', queryOf(EVERYTHING, [], { limit: AUTOMATIONS_MAX }));
  const sent: Sent[] = [];
  for (const { id, name, actions } of automations) {
    const { always, onTrigger, onResolve } = actions;
    if (![always, onTrigger, onResolve].some((list) => list.includes('block_document_id'))) continue;
    for (const record of await useCases.listActionRecords(id, RECEIPTS_READ)) {
      const target = actionTarget(JSON.parse(record.order.action) as ActionJson);
      if (target?.kind === 'block-document') sent.push({ name, blockId: target.id, record });
    }
  }
  return sent;
}
