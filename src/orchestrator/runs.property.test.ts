import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { STATE_TYPES, type ProposedState } from '../core/state.ts';
import { NO_QUEUE } from '../core/work-pool.ts';
import { openWorld } from './fixtures/world.ts';

const proposal: fc.Arbitrary<ProposedState> = fc.constantFrom(...STATE_TYPES).map((type): ProposedState => {
  if (type === 'SCHEDULED') return { type, scheduledTime: 0 as never };
  if (type === 'COMPLETED') return { type, data: null };
  return type === 'FAILED' ? { type, failure: null, message: 'boom' } : { type };
});
const step = fc.record({ proposal, force: fc.boolean(), seconds: fc.integer({ min: 0, max: 400 }) });

const SUBMISSION = {
  deploymentId: null,
  deploymentVersion: null,
  ...NO_QUEUE,
  autoScheduled: false,
  infrastructurePid: null,
  infrastructureDocumentId: null,
  createdBy: null,
  context: '{}',
  jobVariables: null,
};

test('whatever is proposed, every state of a subflow has its event, follows the one before, and is mirrored by its placeholder', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.integer({ min: 0, max: 2 }), async (steps, retries) => {
      const world = openWorld();
      const { flow } = await world.use.ensureFlow({ name: 'sales', tags: [], labels: {} });
      const parent = await world.use.submitFlowRun(
        { ...world.request({ runner: 'prefect-client' }), submission: SUBMISSION },
        flow,
      );
      const policy = { retries: 0, retryDelaySeconds: [], retryJitterFactor: 0, timeoutSeconds: null };
      const { run: task } = await world.use.createTaskRun({
        id: world.ids.next<TaskRunId>(),
        flowRunId: parent.run.id,
        taskKey: 'sub',
        dynamicKey: '0',
        tags: [],
        labels: {},
        inputs: {},
        policy,
        empiricalPolicy: '{}',
        taskVersion: null,
        cacheKey: null,
        cacheExpiration: null,
      });
      const flowPolicy = { retries, retryDelaySeconds: [1], timeoutSeconds: null, resume: 'manual' as const };
      const request = {
        ...world.request({ policy: flowPolicy, parentTaskRunId: task.id, runner: 'prefect-client' }),
        submission: SUBMISSION,
      };
      const { id } = (await world.use.submitFlowRun(request, flow)).run;
      for (const { proposal: state, force, seconds } of steps) {
        world.advance(seconds);
        await world.use.setFlowRunState({ id, state, force, client: { version: null } });
      }
      await checkHistory(world, id, task.id);
    }),
    { numRuns: 40 },
  );
});

async function checkHistory(world: ReturnType<typeof openWorld>, id: FlowRunId, taskId: TaskRunId): Promise<void> {
  const states = await world.use.listFlowRunStates(id);
  const events = (await world.storage.readEvents({ afterSeq: 0, limit: 1000 })).filter(
    ({ resourceId }) => resourceId === `prefect.flow-run.${id}`,
  );
  assert.deepEqual(
    events.map((event) => event.id),
    states.map((state) => state.id),
  );
  states.forEach((state, index) => {
    const previous = states[index - 1];
    const isClose = previous !== undefined && state.timestamp - previous.timestamp < 300_000_000;
    assert.equal(events[index]?.follows ?? null, isClose ? previous.id : null);
    assert.ok(previous === undefined || state.timestamp > previous.timestamp);
    assert.equal(state.details.flowRunId, id);
  });
  const mirrored = (await world.use.listTaskRunStates(taskId)).slice(1);
  const shown = ({ type, name, message }: (typeof states)[number]): readonly unknown[] => [type, name, message];
  assert.deepEqual(mirrored.map(shown), states.map(shown));
  assert.ok(mirrored.every(({ details }) => details.childFlowRunId === id && details.taskRunId === taskId));
}
