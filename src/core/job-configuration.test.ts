import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fillJobConfiguration, jobVariables } from './job-configuration.ts';

const TEMPLATE = {
  job_configuration: {
    image: '{{ image }}',
    env: '{{ env }}',
    label: 'of {{ image }} for {{ nobody }}',
    volumes: ['{{ volume }}', '{{ missing }}', '/usr:/usr'],
    secret: '{{ prefect.variables.key }}',
    missing: '{{ missing }}',
    kept: 7,
  },
  variables: {
    properties: { image: { default: 'flows:1' }, env: { default: { A: 'pool', B: 'pool' } }, volume: {}, odd: null },
  },
};

test('defaults, then each layer; environments are joined, the rest is replaced', () => {
  const values = jobVariables(TEMPLATE, [
    { env: { A: 'deployment' }, volume: 'x:/x' },
    { env: { C: null }, image: 'flows:2' },
  ]);
  assert.deepEqual(values, { image: 'flows:2', env: { A: 'deployment', B: 'pool', C: null }, volume: 'x:/x' });
  assert.deepEqual(jobVariables({}, [{ a: [1] }, { a: [2] }]), { a: [2] });
});

test('a placeholder alone keeps the type of its value, or is left out; others’ templates stay', () => {
  assert.deepEqual(fillJobConfiguration(TEMPLATE, { image: 'flows:2', env: { A: '1' }, volume: '{{ image }}:/x' }), {
    image: 'flows:2',
    env: { A: '1' },
    label: 'of flows:2 for ',
    volumes: ['{{ image }}:/x', '/usr:/usr'],
    secret: '{{ prefect.variables.key }}',
    kept: 7,
  });
  assert.deepEqual(fillJobConfiguration({}, { a: 1 }), { a: 1 }, 'without a template the variables themselves');
  assert.deepEqual(fillJobConfiguration({ job_configuration: { x: '{{ constructor }}' } }, {}), {});
});
