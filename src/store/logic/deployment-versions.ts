/** What was applied of deployments. Several are changed in one transaction, each with its next version. */

import { OstinatoError } from '../../core/errors.ts';
import type { DeploymentVersion } from '../../core/deployment-definition.ts';
import type { DeploymentId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { readId, uuidBytes, type IdValue } from '../id-value.ts';
import {
  DEPLOYMENT_VERSIONS_MAX,
  type DeploymentVersionStorage,
  type VersionedFacts,
} from '../port/deployment-versions.ts';
import type { DeploymentKey } from '../port/deployments.ts';
import { findFacts, writeDeploymentChange } from './deployments.ts';

interface VersionRow {
  readonly deployment_id: IdValue;
  readonly number: number;
  readonly body: string;
  readonly created_at: number;
}

export function deploymentVersionsOn(database: Database): DeploymentVersionStorage {
  return {
    readVersionedDeployment: (key) => database.read((db) => findVersioned(db, key)),
    listDeploymentVersions: (id) => database.read((db) => newest(db, id, DEPLOYMENT_VERSIONS_MAX)),
    changeVersionedDeployments: (keys, change) =>
      database.write(function* (db) {
        const facts: VersionedFacts[] = [];
        for (const key of keys) facts.push(yield* findVersioned(db, key));
        const { changes, answer } = change(facts);
        for (const [index, each] of changes.entries()) {
          yield* writeDeploymentChange(db, facts[index]?.found ?? null, each);
          if (each.version) yield* writeVersion(db, each.version);
        }
        return answer;
      }),
  };
}

function* findVersioned(db: Statements, key: DeploymentKey): Work<VersionedFacts> {
  const facts = yield* findFacts(db, key);
  const [version = null] = facts.found === null ? [] : yield* newest(db, facts.found.deployment.id, 1);
  return { ...facts, version };
}

function* newest(db: Statements, id: DeploymentId, limit: number): Work<readonly DeploymentVersion[]> {
  const rows = yield* db.all<VersionRow>(
    'SELECT * FROM deployment_version WHERE deployment_id = ? ORDER BY number DESC LIMIT ?',
    uuidBytes(id),
    limit,
  );
  return rows.map(readVersion);
}

function readVersion({ deployment_id: id, number, body, created_at: at }: VersionRow): DeploymentVersion {
  const { said, became, source } = JSON.parse(body) as Pick<DeploymentVersion, 'said' | 'became' | 'source'>;
  return { deploymentId: readId<DeploymentId>(id), number, said, became, source, createdAt: at as Instant };
}

function* writeVersion(db: Statements, version: DeploymentVersion): Work<void> {
  const { deploymentId, number, said, became, source, createdAt } = version;
  const id = uuidBytes(deploymentId);
  const there = yield* db.get('SELECT 1 FROM deployment_version WHERE deployment_id = ? AND number >= ?', id, number);
  if (there !== undefined) throw new OstinatoError('conflict', `Version ${number} of the deployment is there already.`);
  yield* db.run(
    'INSERT INTO deployment_version (deployment_id, number, body, created_at) VALUES (?, ?, ?, ?)',
    id,
    number,
    JSON.stringify({ said, became, source }),
    createdAt,
  );
  yield* db.run(
    'DELETE FROM deployment_version WHERE deployment_id = ? AND number <= ?',
    id,
    number - DEPLOYMENT_VERSIONS_MAX,
  );
}
