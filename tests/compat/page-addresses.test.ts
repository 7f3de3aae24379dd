/**
 * Every address of a web page that the real clients make leads somewhere on our pages: to the same thing, or to a page
 * that names it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { movedTo, placeOf } from '../../ui/features/places/places.ts';
import { CLIENT_VERSIONS, CLIENTS, prepareClients, type ClientVersion } from './clients.ts';
import { inFolder } from './script.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'page_addresses.py');
/** Of the pages: the names in their table. */
const ROUTES = [
  ...readFileSync(join(import.meta.dirname, '..', '..', 'ui', 'routes', 'searches.ts'), 'utf8').matchAll(
    /^ {2}'(\/[^'$]*(?:\$id)?)':/gm,
  ),
].map(([, route]) => route as string);
const ID = '0198c1d0-7a2b-7c3d-8e4f-001122334455';
/** What stands in each version at least, so that a search that finds nothing is no success. */
const KNOWN = {
  2: [
    '/flow-runs/flow-run/{flow_run_id}',
    '/deployments/deployment/{deployment_id}',
    '/work-pools/work-pool/{work_pool.name}',
    '/deployments',
    '/blocks/catalog',
  ],
  3: [
    '/flow-runs/flow-run/{flow_run_id}',
    '/runs/flow-run/{obj_id}',
    '/runs/task-run/{obj_id}',
    '/flows/flow/{obj_id}',
    '/blocks/block/{obj_id}',
    '/work-queues/work-queue/{obj_id}',
    '/events/event/{occurred}/{obj_id}',
    '/work-pools/work-pool/{work_pool_name}/worker/{obj_id}',
    '/automations/automation/{obj_id}',
    '/concurrency-limits/concurrency-limit/{obj_id}',
  ],
} as const;

await prepareClients(console.log);

function addressesOf(version: ClientVersion, folder: string): Readonly<Record<string, string>> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    PREFECT_HOME: folder,
    PYTHONDONTWRITEBYTECODE: '1',
    DO_NOT_TRACK: '1',
  };
  const { status, stdout, stderr } = spawnSync(CLIENTS[version].python, [PROGRAM], {
    env,
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<string, string>;
}

/** `null`: no page of ours, and none that knows what is meant. */
function leadsTo(path: string): string | null {
  const ours = ROUTES.find((route) => new RegExp(`^${route.replaceAll('$id', '[^/]+')}/?$`).test(path));
  const place = placeOf(path);
  return ours ?? movedTo(path) ?? (place === null ? null : `${place.noun} ${place.name ?? ''}`);
}

for (const version of CLIENT_VERSIONS) {
  test(`addresses of Prefect ${version}`, () =>
    inFolder(async (folder) => {
      const found = addressesOf(version, folder);
      for (const path of KNOWN[version === '2' ? 2 : 3])
        assert.ok(Object.hasOwn(found, path), `${path} is not among ${Object.keys(found).join(' ')}`);
      for (const [pattern, source] of Object.entries(found)) {
        const path = pattern.replaceAll(/\{occurred\}/g, '2026-11-22').replaceAll(/\{[^}]*\}/g, ID);
        const target = leadsTo(path);
        assert.notEqual(target, null, `${pattern}, of ${source}, is unknown`);
        if (pattern.includes('{'))
          assert.ok(
            target?.includes(ID) === true || target?.includes('$id') === true,
            `${pattern} leads to ${target}, without what it names`,
          );
      }
      assert.deepEqual(
        Object.fromEntries(
          ['/runs/flow-run/', '/flow-runs/flow-run/', '/runs/task-run/'].map((path) => [path, leadsTo(path + ID)]),
        ),
        {
          '/runs/flow-run/': '/runs/flow-run/$id',
          '/flow-runs/flow-run/': `/runs/flow-run/${ID}`,
          '/runs/task-run/': '/runs/task-run/$id',
        },
      );
    }));
}
