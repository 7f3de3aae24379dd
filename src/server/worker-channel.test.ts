import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { connect, openStreamsUnderTest, TestSocket, type StreamsUnderTest } from './fixtures/streams-under-test.ts';

const CONSUMER = '0198c0de-0000-7000-8000-000000000001';

interface Snapshot {
  readonly snapshot_sequence: number;
  readonly work_pool: Readonly<Record<string, unknown>>;
}

function hello(more: Readonly<Record<string, unknown>> = {}) {
  return {
    type: 'worker.hello.v1',
    id: '0198c0de-0000-7000-8000-000000000002',
    sent_at: '2026-01-01T00:00:00Z',
    payload: {
      consumer_id: CONSUMER,
      worker_name: 'w1',
      worker_type: 'process',
      heartbeat_interval_seconds: 30,
      supported_channel_versions: ['work_pool_worker_channel.v1'],
      requested_capabilities: ['worker_heartbeat.v1', 'work_pool_snapshot.v1', 'cleanup_delivery.v1'],
      create_pool_if_not_found: true,
      ...more,
    },
  };
}

function heartbeat(more: Readonly<Record<string, unknown>> = {}) {
  return {
    type: 'worker.heartbeat.v1',
    id: '0198c0de-0000-7000-8000-000000000003',
    sent_at: '2026-01-01T00:00:30Z',
    payload: { consumer_id: CONSUMER, worker_name: 'w1', heartbeat_interval_seconds: 45, ...more },
  };
}

void describe("the socket of Prefect's workers", () => {
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest();
  });
  after(() => server.close());

  const open = (pool: string): Promise<TestSocket> =>
    connect(`${server.url}/work_pools/${encodeURIComponent(pool)}/workers/connect`);

  void it('makes the pool that is missing, and tells the worker what it is', async () => {
    const socket = await open('café /1');
    socket.socket.send(
      JSON.stringify(
        hello({ default_base_job_template: { variables: { type: 'object' }, job_configuration: { x: 1 } } }),
      ).replace('"x":1', '"x":1.0'),
    );
    const { type, payload } = (await socket.next()) as {
      type: string;
      payload: { initial_snapshot: Snapshot; rejected_capabilities: string[]; resolved_work_queues: unknown[] };
    };
    assert.equal(type, 'worker.ready.v1');
    assert.deepEqual(payload.rejected_capabilities, ['cleanup_delivery.v1']);
    assert.equal(payload.resolved_work_queues.length, 1);
    assert.equal(payload.initial_snapshot.work_pool['name'], 'café /1');
    assert.equal(payload.initial_snapshot.work_pool['status'], 'READY', 'the hello is a heartbeat');
    const pool = await server.useCases.readWorkPool({ name: 'café /1' });
    assert.match(pool?.pool.baseJobTemplate ?? '', /1\.0/, 'numbers as they were written');
    socket.socket.terminate();
    await socket.ended;
  });

  void it('tells each change of the pool, and its end', async () => {
    const socket = await open('changing');
    socket.send(hello());
    await socket.next();
    await server.useCases.updateWorkPool('changing', { concurrencyLimit: 3 });
    const told = (await socket.next()) as { type: string; payload: Snapshot };
    assert.equal(told.type, 'work_pool.snapshot.v1');
    assert.equal(told.payload.snapshot_sequence, 2);
    assert.equal(told.payload.work_pool['concurrency_limit'], 3);
    socket.send(heartbeat());
    await socket.settled();
    const [worker] = await server.useCases.find('worker', {
      where: { op: 'eq', field: 'name', value: 'w1' },
      sort: [{ field: 'lastHeartbeat', direction: 'desc' }],
      limit: 1,
      offset: 0,
    });
    assert.equal(worker?.heartbeatIntervalSeconds, 45);
    await server.useCases.deleteWorkPool('changing');
    assert.deepEqual(await socket.ended, { code: 1008, reason: 'authorization_failed' });
  });

  void it('closes with the reason by which clients decide whether they come again', async () => {
    const end = async (pool: string, ...frames: readonly unknown[]): Promise<readonly [number, string]> => {
      const socket = await open(pool);
      for (const frame of frames) socket.send(frame);
      const { code, reason } = await socket.ended;
      return [code, reason];
    };
    const refused = [1008, 'authorization_failed'];
    assert.deepEqual(await end('missing', hello({ create_pool_if_not_found: false })), refused);
    assert.deepEqual(await end('prefect-own', hello()), refused, 'a name that is kept back');
    assert.deepEqual(await end('fine', hello({ work_queue_names: ['no such queue'] })), refused);
    const old = hello({ supported_channel_versions: ['work_pool_worker_channel.v0'] });
    assert.deepEqual(await end('fine', old), [1008, 'unsupported_version']);
    const broken = [1002, 'protocol_error'];
    assert.deepEqual(await end('fine', 'no json'), broken);
    assert.deepEqual(await end('fine', hello({ requested_capabilities: ['work_pool_snapshot.v1'] })), broken);
    assert.deepEqual(await end('fine', { ...hello(), type: 'worker.heartbeat.v1' }), broken);
    assert.deepEqual(await end('fine', hello(), heartbeat({ worker_name: 'another' })), broken);
    assert.deepEqual(server.failures, []);
  });

  void it('takes no client without the handshake', async () => {
    const socket = new TestSocket(`${server.url}/work_pools/fine/workers/connect`, []);
    await assert.rejects(socket.opened(), /HTTP 403/);
  });
});
