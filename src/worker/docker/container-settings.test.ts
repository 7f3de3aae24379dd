import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../../core/errors.ts';
import type { Job } from '../infrastructure.ts';
import { containerBody, nameFor } from './container-body.ts';
import { partsOf, readContainerSettings } from './container-settings.ts';

const JOB: Job = {
  runId: 'id',
  runName: 'brave-otter',
  deploymentId: 'd',
  command: ['ostinato', 'flow-run', 'execute', 'id'],
  environment: { OSTINATO_API_URL: 'http://127.0.0.1:4200/api', OSTINATO__FLOW_RUN_ID: 'id' },
  variables: {},
  folder: '/pulled',
  mark: '{}',
};

interface Body {
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly WorkingDir?: string;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly NetworkingConfig?: object;
}

function bodyOf(variables: Readonly<Record<string, unknown>>, isEngineHere = true, job: Job = JOB): Body {
  return containerBody(job, readContainerSettings({ image: 'i:1', ...variables }), {
    labels: {},
    isEngineHere,
  }) as Body;
}

function refusal(variables: Readonly<Record<string, unknown>>): string {
  try {
    readContainerSettings({ image: 'i:1', ...variables });
  } catch (error) {
    assert.ok(OstinatoError.is(error) && error.remedy !== '');
    return error.message;
  }
  return 'none';
}

test('without a policy, what may be another image tomorrow is fetched', () => {
  for (const [image, policy] of [
    ['flows', 'Always'],
    ['flows:latest', 'Always'],
    ['host:5000/flows', 'Always'],
    ['flows:12', 'IfNotPresent'],
    ['flows@sha256:00', 'IfNotPresent'],
  ] as const)
    assert.equal(readContainerSettings({ image }).pullPolicy, policy, image);
  assert.deepEqual(partsOf('host:5000/flows:12'), { name: 'host:5000/flows', tag: '12' });
  assert.deepEqual(partsOf('host:5000/flows'), { name: 'host:5000/flows', tag: null });
});

test('limits, mounts and further settings, as the engine has them', () => {
  const { HostConfig: host } = bodyOf({
    mem_limit: '1.5g',
    memswap_limit: -1,
    cpus: 0.5,
    volumes: ['/a:/b:ro', 'named:/c'],
    privileged: true,
    container_create_kwargs: { shm_size: '64m', extra_hosts: { db: '10.0.0.1' } },
    network_mode: 'none',
  });
  assert.deepEqual(host, {
    Memory: 1.5 * 1024 ** 3,
    MemorySwap: -1,
    NanoCpus: 5e8,
    Binds: ['/a:/b:ro', 'named:/c'],
    Privileged: true,
    ShmSize: '64m',
    ExtraHosts: ['db:10.0.0.1'],
    NetworkMode: 'none',
  });
});

test('a server on loopback is reached in the network of the host, or by its name', () => {
  assert.equal(bodyOf({}).HostConfig['NetworkMode'], 'host');
  for (const body of [bodyOf({ network_mode: 'bridge' }), bodyOf({ networks: ['flows'] }), bodyOf({}, false)]) {
    assert.ok(body.Env.includes('OSTINATO_API_URL=http://host.docker.internal:4200/api'), body.Env.join(' '));
    assert.deepEqual(body.HostConfig['ExtraHosts'], ['host.docker.internal:host-gateway']);
  }
  assert.deepEqual(bodyOf({ networks: ['flows', 'more'] }).NetworkingConfig, { EndpointsConfig: { flows: {} } });
  const elsewhere = { ...JOB, environment: { OSTINATO_API_URL: 'http://server:4200/api' } };
  const { HostConfig: host, Env: env } = bodyOf({}, true, elsewhere);
  assert.deepEqual([host, env], [{}, ['OSTINATO_API_URL=http://server:4200/api']]);
});

test('what a deployment says of the environment counts, but not what makes the run the run', () => {
  const {
    Env: env,
    Cmd: words,
    WorkingDir: folder,
  } = bodyOf({ env: { OSTINATO_API_URL: 'http://proxy/api', OSTINATO__FLOW_RUN_ID: 'other', NUMBER: 5, GONE: null } });
  assert.deepEqual([...env].sort(), ['NUMBER=5', 'OSTINATO_API_URL=http://proxy/api', 'OSTINATO__FLOW_RUN_ID=id']);
  assert.deepEqual([words, folder], [JOB.command, '/pulled']);
  const said = bodyOf({ command: `sh -c "echo 'a b'; exit 3"`, working_dir: '/code' });
  assert.deepEqual([said.Cmd, said.WorkingDir], [['sh', '-c', "echo 'a b'; exit 3"], '/code']);
});

test('what does not fit is named, with what to write', () => {
  for (const variables of [
    { image: '' },
    { image: 7 },
    { image: 'a\0b' },
    { image_pull_policy: 'never' },
    { mem_limit: 'much' },
    { mem_limit: -5 },
    { mem_limit: '-1' },
    { cpus: 0 },
    { cpus: '2' },
    { volumes: '/a:/b' },
    { volumes: ['/a'] },
    { networks: ['a'], network_mode: 'host' },
    { env: ['A=1'] },
    { env: { 'A=B': '1' } },
    { env: { A: { b: 1 } } },
    { name: '-x' },
    { name: 'a/b' },
    { privileged: 'yes' },
    { command: 'a "b' },
    { command: 'a\nb' },
    { container_create_kwargs: { volumes_from: ['x'] } },
    { container_create_kwargs: { __proto__x: 1 } },
    { container_create_kwargs: [] },
  ])
    assert.notEqual(refusal(variables), 'none', JSON.stringify(variables));
  assert.equal(refusal({ env: null, labels: null, volumes: null, cpus: null, mem_limit: '', name: null }), 'none');
});

test('the name of a container is made of that of its run', () => {
  assert.equal(nameFor('brave-otter'), 'brave-otter');
  assert.equal(nameFor('../é sales 2026/01'), '..-sales-2026-01'.replace(/^\.\.-/, ''));
  assert.equal(nameFor('\u{1F600}'), 'flow-run');
  assert.equal(nameFor('x'.repeat(500)).length, 100);
});
