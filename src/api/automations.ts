/** There are no automations yet, and none can be made: none is about anything, and none is left to be deleted. */

import { DELETE_OWNED_AUTOMATIONS, LIST_RELATED_AUTOMATIONS } from '../contract/automation.ts';
import { ok, operation, type Operation } from './operation.ts';

export function automationOperations(): readonly Operation[] {
  return [
    operation(LIST_RELATED_AUTOMATIONS, () => ok([])),
    operation(DELETE_OWNED_AUTOMATIONS, () => ({ status: 202 })),
  ];
}
