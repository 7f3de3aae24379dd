import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { connect, openStreamsUnderTest, type StreamsUnderTest } from './fixtures/streams-under-test.ts';

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
    const { run } = await useCases.runDeployment(deployment.id, {
      parameters: '{}',
      tags: [],
      labels: {},
      policy: { retries: null, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
      parentTaskRunId: null,
      infrastructureDocumentId: null,
      context: '{}',
      jobVariables: null,
      creator: null,
    });
    const told = { id: run.id, name: run.name, deployment_id: deployment.id };
    assert.deepEqual(await socket.next(), { type: 'due', flow_runs: [told] });
    await useCases.setFlowRunState({ id: run.id, state: { type: 'RUNNING' }, force: true });
    await useCases.setFlowRunState({ id: run.id, state: { type: 'CANCELLING' }, force: true });
    assert.deepEqual(await socket.next(), { type: 'cancelling', flow_run_ids: [run.id] });
    socket.socket.terminate();
    await socket.ended;
  });
});
