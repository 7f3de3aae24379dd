import assert from 'node:assert/strict';
import { test } from 'node:test';

import { movedTo, placeOf } from './places.ts';
import { oneOf, shownName } from './shown-name.ts';

const ID = '0198c1d0-7a2b-7c3d-8e4f-001122334455';

test('what has a page of ours leads there, with its id', () => {
  assert.equal(movedTo(`/flow-runs/flow-run/${ID}`), `/runs/flow-run/${ID}`);
  assert.equal(movedTo(`/task-runs/task-run/${ID}/`), `/runs/task-run/${ID}`);
  assert.equal(
    movedTo('/flow-runs/flow-run/..%2F..%2Fx'),
    '/runs/flow-run/..%2F..%2Fx',
    'an id stays one part of the address',
  );
  assert.deepEqual(['/dashboard', '/flow-runs', '/task-runs'].map(movedTo), ['/runs', '/runs', '/runs']);
  assert.equal(movedTo(`/deployments/deployment/${ID}/run`), `/deployments/deployment/${ID}`);
  assert.equal(movedTo('/work-pools/work-pool/my%20pool%2Fa/edit'), '/work-pools/work-pool/my%20pool%2Fa');
  assert.equal(movedTo(`/work-pools/work-pool/gpu/worker/${ID}`), '/work-pools/work-pool/gpu?view=workers');
  assert.equal(movedTo('/work-pools/work-pool/gpu/queue/default'), '/work-pools/work-pool/gpu?view=queues');
  assert.equal(movedTo(`/events/event/2026-11-22/${ID}`), `/events?event=${ID}`);
  assert.deepEqual(['/', '/nothing', '/variables', '/flow-runs-of-mine'].map(movedTo), [null, null, null, null]);
});

test('what has none is told by its noun and name, as the address has them', () => {
  const told = (path: string): (string | null)[] => Object.values(placeOf(path) ?? {}).slice(0, 2) as (string | null)[];
  assert.deepEqual(told('/work-queues/work-queue/my%20queue%2Fa'), ['work queue', 'my queue/a']);
  assert.deepEqual(told('/settings/blocks/catalog/slack-webhook/create'), ['block', 'slack-webhook']);
  assert.deepEqual(told('/variables'), ['variable', null]);
  assert.deepEqual(told('/concurrency-limits/concurrency-limit/%E0%A4%A'), ['concurrency limit', '%E0%A4%A']);
  assert.deepEqual(['/', '/nothing', '/__proto__', '/constructor/x', '//'].map(placeOf), [
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('names are shown bounded, without what moves or hides letters', () => {
  assert.equal(shownName('a\0b\u202Ec'), 'a\uFFFDb\uFFFDc');
  assert.equal(Array.from(shownName('🦦'.repeat(5000))).length, 81);
  assert.deepEqual(['flow run', 'artifact', 'event', 'automation', 'work pool'].map(oneOf), [
    'a flow run',
    'an artifact',
    'an event',
    'an automation',
    'a work pool',
  ]);
});
