import assert from 'node:assert/strict';
import { freshDeployment } from '../../src/orchestrator/deployments/fields.ts';
import type { Deployment } from '../../src/core/deployment.ts';
import type { DeploymentVersion } from '../../src/core/deployment-definition.ts';
import { OstinatoError } from '../../src/core/errors.ts';
import type { DeploymentId } from '../../src/core/ids.ts';
import { DEPLOYMENT_VERSIONS_MAX, type VersionedFacts } from '../../src/store/port/deployment-versions.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeFlow, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

async function makeDeployment(storage: Storage, name: string): Promise<Deployment> {
  const flow = makeFlow(`sales-${name}`);
  await storage.ensureFlow(flow.name, () => flow);
  const deployment = freshDeployment(newId<DeploymentId>(), flow, name, newInstant());
  await storage.changeDeployment<void>({ flowId: flow.id, name }, () => ({ deployment, answer: undefined }));
  return deployment;
}

function versionOf({ id: deploymentId }: Deployment, number: number): DeploymentVersion {
  return {
    deploymentId,
    number,
    said: { fields: { tags: '["a"]' }, schedules: null },
    became: { fields: { tags: '["a"]', parameters: '{"x":1.0}' }, schedules: [] },
    source: {
      kind: 'apply',
      by: 'somebody@machine',
      file: 'sales.yaml',
      checksum: 'ab',
      gitCommit: 'cd',
      gitBranch: 'trunk',
      isGitDirty: true,
      rolledBackTo: null,
    },
    createdAt: newInstant(),
  };
}

/** What the change of these was told, and the versions that it writes. */
async function write(storage: Storage, versions: readonly DeploymentVersion[]): Promise<readonly VersionedFacts[]> {
  return await storage.changeVersionedDeployments(
    versions.map(({ deploymentId: id }) => ({ id })),
    (facts) => ({ changes: versions.map((version) => ({ version })), answer: facts }),
  );
}

export const deploymentVersionTests: StorageTests = {
  'versions of a deployment are kept as they were written, the newest first': async (storage) => {
    const deployment = await makeDeployment(storage, 'one');
    assert.deepEqual(await storage.listDeploymentVersions(deployment.id), []);
    assert.equal((await storage.readVersionedDeployment({ id: deployment.id })).version, null);
    const [first, second] = [versionOf(deployment, 1), versionOf(deployment, 2)];
    await write(storage, [first]);
    const [facts] = await write(storage, [second]);
    assert.deepEqual([facts?.version, facts?.found?.deployment], [first, deployment]);
    assert.deepEqual(await storage.listDeploymentVersions(deployment.id), [second, first]);
    assert.deepEqual((await storage.readVersionedDeployment({ id: deployment.id })).version, second);
    assert.equal((await storage.readVersionedDeployment({ flowName: 'nothing', name: 'one' })).version, null);
  },

  'several deployments get their versions together, or none does': async (storage) => {
    const [one, two] = [await makeDeployment(storage, 'one'), await makeDeployment(storage, 'two')];
    await write(storage, [versionOf(one, 1), versionOf(two, 1)]);
    await assert.rejects(
      async () => await write(storage, [versionOf(one, 2), versionOf(two, 1)]),
      (error) => OstinatoError.is(error) && error.code === 'conflict',
    );
    assert.deepEqual(
      (await storage.listDeploymentVersions(one.id)).map(({ number }) => number),
      [1],
    );
  },

  'of many versions the oldest go; with the deployment, all go': async (storage) => {
    const deployment = await makeDeployment(storage, 'many');
    for (let number = 1; number <= DEPLOYMENT_VERSIONS_MAX + 2; number += 1)
      await write(storage, [versionOf(deployment, number)]);
    const numbers = (await storage.listDeploymentVersions(deployment.id)).map(({ number }) => number);
    assert.deepEqual([numbers.length, numbers.at(-1)], [DEPLOYMENT_VERSIONS_MAX, 3]);
    await storage.changeDeployment<void>({ id: deployment.id }, () => ({ deployment: null, answer: undefined }));
    assert.deepEqual(await storage.listDeploymentVersions(deployment.id), []);
  },
};
