/** How task runs take part in the transactions around them. */

import type { Migration } from './migration.ts';

export const participations: Migration = {
  version: 15,
  name: 'participations in transactions',
  breaking: false,
  statements: () => [`ALTER TABLE task_run ADD COLUMN participation TEXT`],
};
