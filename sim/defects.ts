/**
 * Defects to plant between the parts of a simulation, each with the invariant that it breaks: checkers that never
 * object prove nothing.
 */

import type { FlowRun } from '../src/core/flow-run.ts';
import type { RecordedStep } from '../src/core/task-run.ts';
import type { WorldOptions } from './sim-world.ts';

interface Defect {
  readonly breaks: string;
  readonly plan: Omit<WorldOptions, 'seed'>;
}

export const DEFECTS: Readonly<Record<string, Defect>> = {
  'a store that loses finished steps': {
    breaks: 'records are kept',
    plan: {
      plant: (storage) => ({
        ...storage,
        writeTaskRuns: (records, logs) => storage.writeTaskRuns(records.slice(1), logs),
      }),
    },
  },
  'a store that forgets an event': {
    breaks: 'one event a state',
    plan: {
      plant: (storage) => ({
        ...storage,
        changeFlowRun: (id, needs, change) =>
          storage.changeFlowRun(id, needs, (run, context) => ({ ...change(run, context), events: [] })),
      }),
    },
  },
  'a clock that stands between two states': {
    breaks: 'times grow',
    plan: {
      plant: (storage) => ({
        ...storage,
        changeFlowRun: (id, needs, change) =>
          storage.changeFlowRun(id, needs, (run, context) => {
            const changed = change(run, context);
            if (!run || !changed.run || !changed.states) return changed;
            const { timestamp } = run.state;
            return {
              ...changed,
              run: { ...changed.run, state: { ...changed.run.state, timestamp } },
              states: changed.states.map((state) => ({ ...state, timestamp })),
            };
          }),
      }),
    },
  },
  'a run that is continued for whoever asks': {
    breaks: 'one lease',
    plan: {
      plantClient: (client) => ({
        ...client,
        resumeFlowRun: async (request) => {
          const answer = await client.resumeFlowRun(request);
          if (answer.status !== 'abort') return answer;
          const run = { ...answer.run, lease: { token: answer.run.lease?.token ?? 0, processId: request.processId } };
          return { status: 'accept', state: run.state, run };
        },
      }),
    },
  },
  'a lease that nobody looks at': {
    breaks: 'terminal is final',
    plan: {
      plantClient: (client) => ({
        ...client,
        setFlowRunState: ({ leaseToken: _ignored, ...request }) => client.setFlowRunState({ ...request, force: true }),
      }),
    },
  },
  'a cache that lets everybody compute': {
    breaks: 'single flight',
    plan: { plantClient: (client) => ({ ...client, claimCacheKey: () => ({ status: 'claimed', nearest: null }) }) },
  },
  'one slot too many': {
    breaks: 'slots',
    // The label says what the flow asks for, which the engine then exceeds.
    plan: {
      plantClient: (client) => ({
        ...client,
        createFlowRun: (request) =>
          client.createFlowRun({ ...request, labels: { slots: String(Number(request.labels['slots']) - 1) } }),
      }),
    },
  },
  'finished steps that are not found again': {
    breaks: 'promised once',
    plan: { plant: (storage) => ({ ...storage, listRecordedSteps: () => [] }) },
  },
  'finished steps that are taken for one another': {
    breaks: 'the right result',
    plan: {
      plant: (storage) => ({
        ...storage,
        listRecordedSteps: async (id, page) => swapped(await storage.listRecordedSteps(id, page)),
      }),
    },
  },
  'a beat that hears of no cancellation': {
    breaks: 'cancelling reaches the run',
    plan: {
      plantClient: (client) => ({ ...client, beat: async (id) => ({ ...(await client.beat(id)), cancelling: [] }) }),
    },
  },
  'lost runs that nobody finds': {
    breaks: 'every run ends',
    plan: {
      plantClient: (client) => ({
        ...client,
        reapLostRuns: () => [],
        resumeFlowRun: async (request) => ({
          status: 'abort',
          reason: 'Planted.',
          run: (await client.readFlowRun(request.id)) as FlowRun,
        }),
      }),
    },
  },
};

/** Found out on a store whose connections break after a commit. */
export const LATER_DEFECTS: Readonly<Record<string, Defect>> = {
  'requests that are asked again without their mark': {
    breaks: 'every run ends',
    plan: {
      plantClient: (client) => ({
        ...client,
        setFlowRunState: (request) =>
          client.setFlowRunState({
            ...request,
            state: { ...request.state, details: { ...request.state.details, transitionId: undefined } },
          }),
        resumeFlowRun: ({ transitionId: _ignored, ...request }) => client.resumeFlowRun(request),
      }),
    },
  },
};

/** Neighbours give each other's results. */
function swapped(steps: readonly RecordedStep[]): readonly RecordedStep[] {
  return steps.map((step, index) => {
    const other = steps[index % 2 === 0 ? index + 1 : index - 1];
    return other && other.state.type === 'COMPLETED' && step.state.type === 'COMPLETED'
      ? { ...step, state: other.state }
      : step;
  });
}
