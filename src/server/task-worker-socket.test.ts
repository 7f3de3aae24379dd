import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { makeState, makeTaskRun, newInstant } from '../../tests/conformance/samples.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { Instant } from '../core/time.ts';
import { requeueTasks } from '../services/requeue-tasks.ts';
import {
  connect,
  openStreamsUnderTest,
  type StreamsUnderTest,
  type TestSocket,
} from './fixtures/streams-under-test.ts';

function deferred(taskKey = 'add-1'): TaskRun {
  return makeTaskRun({
    taskKey,
    state: makeState({ type: 'SCHEDULED', scheduledTime: newInstant(), details: { deferred: true } }),
  });
}

async function worker(server: StreamsUnderTest, keys: readonly string[], name = 'host-1'): Promise<TestSocket> {
  const socket = await connect(`${server.url}/task_runs/subscriptions/scheduled`);
  socket.send({ type: 'subscribe', keys, client_id: name });
  return socket;
}

void describe('task workers over sockets', () => {
  let server: StreamsUnderTest;
  before(async () => {
    server = await openStreamsUnderTest();
  });
  after(() => server.close());

  void it('get one run at a time; what is not acknowledged goes to the next worker, first', async () => {
    const [first, second, third] = [deferred(), deferred(), deferred()];
    const one = await worker(server, ['add-1']);
    server.taskQueues.enqueue(first);
    server.taskQueues.enqueue(second);
    server.taskQueues.enqueue(second);
    assert.equal((await one.next())['id'], first.id);
    one.socket.terminate();
    await one.ended;
    const two = await worker(server, ['other', 'add-1']);
    assert.equal((await two.next())['id'], first.id);
    two.send({ type: 'ack' });
    assert.equal((await two.next())['id'], second.id);
    two.send({ type: 'quit' });
    assert.equal((await two.ended).code, 1000);
    server.taskQueues.enqueue(third);
    const three = await worker(server, ['add-1']);
    assert.equal((await three.next())['id'], third.id, 'who quits has what was sent last');
    three.send({ type: 'nonsense' });
    assert.equal((await three.ended).code, 4001);
    const four = await worker(server, ['add-1']);
    assert.equal((await four.next())['id'], third.id);
    four.send({ type: 'ack' });
    await four.settled();
    four.socket.terminate();
    await four.ended;
  });

  void it('are listed while they are there', async () => {
    const [one, two] = [await worker(server, ['a', 'b'], 'x'), await worker(server, ['c'], 'y')];
    await Promise.all([one.settled(), two.settled()]);
    assert.deepEqual(
      server.taskQueues
        .workers([])
        .map(({ identifier }) => identifier)
        .toSorted(),
      ['x', 'y'],
    );
    assert.deepEqual(
      server.taskQueues.workers(['b', 'q']).map(({ identifier, taskKeys }) => [identifier, taskKeys]),
      [['x', ['a', 'b']]],
    );
    one.socket.close();
    await one.ended;
    assert.deepEqual(server.taskQueues.workers(['b']), []);
    two.socket.terminate();
    await two.ended;
  });

  void it('get what waited in the store when the server starts', async () => {
    const waiting = { ...deferred('add-9'), prefectClient: null };
    await server.storage.writeTaskRuns(
      [
        { run: waiting, states: [waiting.state] },
        { run: makeTaskRun(), states: [] },
      ],
      [],
    );
    const { timestamp } = waiting.state;
    const queued: string[] = [];
    await requeueTasks(server.storage, { enqueue: ({ id }) => queued.push(id) }, timestamp);
    assert.ok(!queued.includes(waiting.id), 'made after the start: it was queued then');
    await requeueTasks(server.storage, server.taskQueues, (timestamp + 1) as Instant);
    const one = await worker(server, ['add-9']);
    assert.equal((await one.next())['id'], waiting.id);
    one.send({ type: 'ack' });
    await one.settled();
    one.socket.terminate();
  });
});
