import { secondsBetween } from '../time.ts';
import type { FlowRunFacts } from './facts.ts';
import type { Rule } from './policy.ts';

/** A scheduled run that is submitted keeps its scheduled time, so that it can be submitted early. */
export const copyScheduledTime: Rule<unknown> = {
  name: 'copy-scheduled-time',
  from: ['SCHEDULED'],
  to: ['PENDING'],
  reads: {},
  apply(from, proposed) {
    if (from?.type !== 'SCHEDULED' || proposed.type !== 'PENDING' || proposed.scheduledTime !== undefined) return null;
    return { verdict: 'amend', proposed: { ...proposed, scheduledTime: from.scheduledTime } };
  },
};

/** A scheduled run does not start before its time. */
export const waitForScheduledTime: Rule<Pick<FlowRunFacts, 'waitsInWholeSeconds'>> = {
  name: 'wait-for-scheduled-time',
  from: ['SCHEDULED', 'PENDING'],
  to: ['RUNNING'],
  reads: { waitsInWholeSeconds: true },
  apply(from, _proposed, { waitsInWholeSeconds }, now) {
    const time = from?.type === 'SCHEDULED' || from?.type === 'PENDING' ? from.scheduledTime : undefined;
    if (time === undefined || time <= now) return null;
    const exact = secondsBetween(now, time);
    const delaySeconds = waitsInWholeSeconds === true ? Math.ceil(exact - 0.5) : exact;
    return delaySeconds <= 0 ? null : { verdict: 'wait', delaySeconds, reason: 'Scheduled time is in the future' };
  },
};

/** The parameters of a deferred task are stored under the id in its first state. */
export const copyTaskParametersId: Rule<unknown> = {
  name: 'copy-task-parameters-id',
  from: ['SCHEDULED', 'PENDING'],
  to: ['PENDING', 'RUNNING'],
  reads: {},
  apply(from, proposed) {
    const taskParametersId = from?.details.taskParametersId;
    if (taskParametersId === undefined || proposed.details?.taskParametersId !== undefined) return null;
    return { verdict: 'amend', proposed: { ...proposed, details: { ...proposed.details, taskParametersId } } };
  },
};
