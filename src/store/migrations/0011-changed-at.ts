/** When somebody last changed a flow or a flow run, other than by a state. */

import type { Migration } from './migration.ts';

export const changedAt: Migration = {
  version: 11,
  name: 'when flows and flow runs were changed',
  breaking: false,
  // Absent: never; most are not.
  statements: ({ integer }) =>
    ['flow', 'flow_run'].map((table) => `ALTER TABLE ${table} ADD COLUMN updated_at ${integer}`),
};
