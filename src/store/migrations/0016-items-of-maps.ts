/** The item of a fan-out that a mapped run belongs to, with a preview; descriptions of flows. */

import type { Migration } from './migration.ts';

export const itemsOfMaps: Migration = {
  version: 16,
  name: 'items of fan-outs, descriptions of flows',
  breaking: false,
  statements: ({ integer }) => [
    `ALTER TABLE task_run ADD COLUMN map_index ${integer}`,
    `ALTER TABLE task_run ADD COLUMN map_input TEXT`,
    `ALTER TABLE flow ADD COLUMN description TEXT`,
  ],
};
