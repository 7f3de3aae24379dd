/** What becomes of slots that are late, or due while a run is under way; and which slots are still to be looked at. */

import type { Migration } from './migration.ts';

export const slotPolicies: Migration = {
  version: 23,
  name: 'policies of slots',
  breaking: false,
  statements: ({ integer, json }) => [
    `ALTER TABLE deployment_schedule ADD COLUMN policy ${json}`,
    `ALTER TABLE schedule_slot ADD COLUMN settled ${integer} NOT NULL DEFAULT 0`,
    `CREATE INDEX schedule_slot_open ON schedule_slot (schedule_id, due_at) WHERE settled = 0`,
  ],
};
