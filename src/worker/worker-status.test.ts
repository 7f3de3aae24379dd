import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serveStatus } from '../platform/status-server.ts';
import { healthOf, metricsOf, type WorkerFigures } from './worker-status.ts';

const WELL: WorkerFigures = {
  active: 2,
  limit: 10,
  taken: 7,
  ended: 5,
  refused: 1,
  isPushed: true,
  isDraining: false,
  isAnswered: true,
  spare: 1,
};

test('a worker is well while the server answers it and it takes runs', () => {
  assert.deepEqual(healthOf(WELL), { status: 200, body: { status: 'ok', active_runs: 2, is_told: true } });
  assert.equal(healthOf({ ...WELL, isAnswered: false }).status, 503);
  assert.deepEqual(healthOf({ ...WELL, isDraining: true }).body.status, 'draining');
});

test('its figures are in the text format of Prometheus: each with its type, one value a name', () => {
  const text = metricsOf(WELL);
  const values = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(values.length, new Set(values.map((line) => line.split(' ')[0])).size);
  for (const line of values) assert.match(line, /^ostinato_worker_[a-z_]+ \d+$/);
  assert.match(text, /# TYPE ostinato_worker_taken_runs_total counter\nostinato_worker_taken_runs_total 7\n/);
});

test('they are served on this machine, and nothing else is', async () => {
  const server = await serveStatus(0, { '/metrics': () => ({ status: 200, type: 'text/plain', text: 'x 1\n' }) });
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await (await fetch(`${server.url}/metrics?a=b`)).text(), 'x 1\n');
  assert.equal((await fetch(`${server.url}/metrics`, { method: 'POST' })).status, 404);
  assert.equal((await fetch(`${server.url}/`)).status, 404);
  const { port } = new URL(server.url);
  await assert.rejects(serveStatus(Number(port), {}), { code: 'conflict' });
  await server.close();
});
