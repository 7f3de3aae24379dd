/** Automations in the store: their rows, and what lists can ask them by. */

import type { Automation, AutomationId } from '../../core/automation.ts';
import type { Instant } from '../../core/time.ts';
import { readId, type IdValue } from '../id-value.ts';
import { id, list, number, text } from './field.ts';

export interface AutomationRow {
  readonly id: IdValue;
  readonly name: string;
  readonly description: string;
  readonly enabled: number;
  /** JSON, as are the next four. */
  readonly tags: string;
  readonly trigger_body: string;
  readonly actions: string;
  readonly actions_on_trigger: string;
  readonly actions_on_resolve: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export function readAutomationRow(row: AutomationRow): Automation {
  return {
    id: readId<AutomationId>(row.id),
    name: row.name,
    description: row.description,
    isEnabled: row.enabled === 1,
    tags: JSON.parse(row.tags) as string[],
    trigger: row.trigger_body,
    actions: { always: row.actions, onTrigger: row.actions_on_trigger, onResolve: row.actions_on_resolve },
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

/** What is written of it is in `logic/automations.ts`, which a plain run does not load (ADR 064). */
export const automation = {
  table: {
    table: 'automation',
    fields: {
      id: id('automation.id'),
      name: text('automation.name'),
      isEnabled: { kind: 'boolean', column: 'automation.enabled' },
      tags: list('automation.tags'),
      createdAt: number('automation.created_at'),
      updatedAt: number('automation.updated_at'),
    },
  },
  read: readAutomationRow,
  writes: ['changeAutomation', 'deleteOwnedAutomations'],
} as const;
