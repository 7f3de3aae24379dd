/** What narrows and moves the slots of a schedule: jitter, start, end, and times that are left out. */

import type { Migration } from './migration.ts';

export const slotRules: Migration = {
  version: 24,
  name: 'rules of slots',
  breaking: false,
  statements: ({ json }) => [`ALTER TABLE deployment_schedule ADD COLUMN slot_rules ${json}`],
};
