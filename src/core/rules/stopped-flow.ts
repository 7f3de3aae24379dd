import type { TaskRule } from './facts.ts';
import { ANY_TYPE, type FromType } from './policy.ts';

const FROM_ANY: readonly FromType[] = ['none', ...ANY_TYPE];

/** No task starts inside a flow run that is not running. */
export const preventRunningInStoppedFlow: TaskRule<'flowRunStateType' | 'flowRunPause'> = {
  name: 'prevent-running-in-stopped-flow',
  from: FROM_ANY,
  to: ['RUNNING'],
  reads: { flowRunStateType: true, flowRunPause: true },
  apply(_from, _proposed, facts) {
    const { flowRunStateType: flow, flowRunPause: pause } = facts;
    if (flow === undefined || flow === null || flow === 'RUNNING') return null;
    if (flow === 'PAUSED') {
      return {
        verdict: 'replace',
        proposed: {
          type: 'PAUSED',
          name: 'NotReady',
          details: { pauseTimeout: pause?.timeout, pauseReschedule: pause?.reschedules },
        },
        reason: `The flow is paused, new tasks can execute after resuming ${pause ? `flow run: ${pause.id}` : 'the flow'}.`,
      };
    }
    return { verdict: 'abort', reason: 'The enclosing flow must be running to begin task execution.' };
  },
};
