/** The program of the guest process. */

import { enableCompileCache } from '../../src/doors/compile-cache.js';
import { connectToParent } from '../platform/parent-channel.ts';
import type { GuestMessage } from '../platform/guest-process.ts';
import type { RunInputJob, SettledInput } from '../orchestrator/ports.ts';

enableCompileCache();
const channel = connectToParent();
const { settleRunInput } = await import('./guest-jobs.ts');
const say = (message: GuestMessage<SettledInput>): void => channel.post(message);

channel.onMessage((job) => {
  try {
    say({ type: 'answer', answer: settleRunInput(job as RunInputJob) });
  } catch (error) {
    say({ type: 'failure', message: error instanceof Error ? error.message : String(error) });
  }
});
// What is loaded with the first job is loaded now: the time of a job is its own.
settleRunInput({ input: '{"a":{"__prefect_kind":"jinja","template":"{{ 1 }}"}}', variables: {}, schema: '{}' });
say({ type: 'ready' });
