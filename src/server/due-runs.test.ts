import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { addSeconds, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { connect, openStreamsUnderTest, type StreamsUnderTest } from './fixtures/streams-under-test.ts';

const ASKED: Parameters<UseCases['runDeployment']>[1] = {
  parameters: '{}',
  tags: [],
  labels: {},
  policy: { retries: null, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
  parentTaskRunId: null,
  infrastructureDocumentId: null,
  context: '{}',
  jobVariables: null,
  creator: null,
};

void describe('the socket that tells which runs are due', () => {
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest({ authString: 'user:secret' });
  });
  after(() => server.close());

  const open = () => connect(`${server.url}/ostinato/runs/due`, 'user:secret');

  void it('closes when it is asked for what there is not, and says what', async () => {
    const end = async (frame: unknown): Promise<readonly [number, string]> => {
      const socket = await open();
      const heard: string[] = [];
      socket.socket.on('message', (data: Buffer) => heard.push(String(data)));
      socket.send(frame);
      const { code, reason } = await socket.ended;
      assert.doesNotMatch(heard.join(), /listening/);
      return [code, reason];
    };
    assert.deepEqual(await end({ type: 'nonsense' }).then(([code]) => code), 1002);
    assert.deepEqual(await end({ type: 'listen', deployment_ids: [] }).then(([code]) => code), 1002);
    const missing = await end({ type: 'listen', work_pool: 'no such pool', work_queues: [] });
    assert.deepEqual(missing, [1008, 'Work pool "no such pool" not found.']);
    assert.deepEqual(server.failures, []);
  });

  void it('tells of a run that is made, once, and that it is to stop', async () => {
    const { useCases } = server;
    const { flow } = await useCases.ensureFlow({ name: 'f', tags: [], labels: {} });
    const { deployment } = await useCases.createDeployment({
      flowId: flow.id,
      name: 'd',
      fields: {},
      schedules: [],
      creator: null,
    });
    const socket = await open();
    socket.send({ type: 'listen', deployment_ids: [deployment.id.toUpperCase()] });
    assert.deepEqual(await socket.next(), { type: 'listening' });
    const { run } = await useCases.runDeployment(deployment.id, ASKED);
    const told = { id: run.id, name: run.name, deployment_id: deployment.id };
    assert.deepEqual(await socket.next(), { type: 'due', flow_runs: [told] });
    await useCases.setFlowRunState({ id: run.id, state: { type: 'RUNNING' }, force: true });
    await useCases.setFlowRunState({ id: run.id, state: { type: 'CANCELLING' }, force: true });
    assert.deepEqual(await socket.next(), { type: 'cancelling', flow_run_ids: [run.id] });
    socket.socket.terminate();
    await socket.ended;
  });

  void it('tells who prepares runs of one before its time, and at its time again', async () => {
    const { useCases } = server;
    await useCases.createWorkPool({
      name: 'p',
      type: 'process',
      description: null,
      baseJobTemplate: '{}',
      isPaused: false,
      concurrencyLimit: null,
      storageConfiguration: '{}',
    });
    const { flow } = await useCases.ensureFlow({ name: 'f', tags: [], labels: {} });
    const { deployment } = await useCases.createDeployment({
      flowId: flow.id,
      name: 'pooled',
      fields: {},
      workPoolName: 'p',
      schedules: [],
      creator: null,
    });
    const [early, late] = [await open(), await open()];
    early.send({ type: 'listen', work_pool: 'p', work_queues: [], prefetch_seconds: 3600 });
    late.send({ type: 'listen', work_pool: 'p', work_queues: [] });
    for (const socket of [early, late]) assert.deepEqual(await socket.next(), { type: 'listening' });
    const scheduledTime = addSeconds((Date.now() * 1000) as Instant, 3);
    const { run } = await useCases.runDeployment(deployment.id, {
      ...ASKED,
      state: { type: 'SCHEDULED', scheduledTime },
    });
    const told = { type: 'due', flow_runs: [{ id: run.id, name: run.name, deployment_id: deployment.id }] };
    assert.deepEqual(await early.next(), told);
    assert.deepEqual(await late.next(), told);
    assert.ok(Date.now() * 1000 >= scheduledTime, 'who does not prepare runs hears of it at its time');
    assert.deepEqual(await early.next(), told, 'it may have been refused before');
    for (const { socket, ended } of [early, late]) {
      socket.terminate();
      await ended;
    }
    const odd = await open();
    odd.send({ type: 'listen', work_pool: 'p', work_queues: [], prefetch_seconds: -1 });
    assert.equal((await odd.ended).code, 1002);
  });
});
