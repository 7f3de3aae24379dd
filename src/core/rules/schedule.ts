import { secondsBetween } from '../time.ts';
import type { Rule } from './policy.ts';

/** A scheduled run that is submitted keeps its time, so that it can be submitted early. */
export const copyScheduledTime: Rule<unknown> = {
  name: 'copy-scheduled-time',
  from: ['SCHEDULED'],
  to: ['PENDING'],
  apply(from, proposed) {
    if (from?.type !== 'SCHEDULED' || proposed.type !== 'PENDING' || proposed.scheduledTime !== undefined) return null;
    return { verdict: 'amend', proposed: { ...proposed, scheduledTime: from.scheduledTime } };
  },
};

/** Not before its time. */
export const waitForScheduledTime: Rule<unknown> = {
  name: 'wait-for-scheduled-time',
  from: ['SCHEDULED', 'PENDING'],
  to: ['RUNNING'],
  apply(from, _proposed, _facts, now) {
    const time = from?.type === 'SCHEDULED' || from?.type === 'PENDING' ? from.scheduledTime : undefined;
    if (time === undefined || time <= now) return null;
    return { verdict: 'wait', delaySeconds: secondsBetween(now, time), reason: 'Scheduled time is in the future' };
  },
};
