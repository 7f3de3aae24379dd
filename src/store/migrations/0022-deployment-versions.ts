/** What was applied of deployments, version by version. */

import type { Migration } from './migration.ts';

export const deploymentVersions: Migration = {
  version: 22,
  name: 'versions of deployments',
  breaking: false,
  statements: ({ id, integer, json, clusteredTable }) => [
    `CREATE TABLE deployment_version (
  deployment_id ${id} NOT NULL,
  number ${integer} NOT NULL,
  body ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  PRIMARY KEY (deployment_id, number)
)${clusteredTable}`,
  ],
};
