/** Entry file of the guest process. */

import { enableCompileCache } from '../../src/doors/compile-cache.js';
import { connectToParent } from '../platform/parent-channel.ts';
import type { GuestMessage } from '../platform/guest-process.ts';
import type { GuestAnswer, GuestJob } from './guest-jobs.ts';

enableCompileCache();
const channel = connectToParent();
const { doGuestJob, settleRunInput } = await import('./guest-jobs.ts');
const say = (message: GuestMessage<GuestAnswer>): void => channel.post(message);

channel.onMessage((job) => {
  try {
    say({ type: 'answer', answer: doGuestJob(job as GuestJob) });
  } catch (error) {
    say({ type: 'failure', message: error instanceof Error ? error.message : String(error) });
  }
});
// Loads at start what the first job needs, so that loading does not count as the job's time.
settleRunInput({ input: '{"a":{"__prefect_kind":"jinja","template":"{{ 1 }}"}}', variables: {}, schema: '{}' });
say({ type: 'ready' });
