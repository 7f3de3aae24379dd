/** Inputs of paused runs are settled in a process of their own, which has limits. */

import type { RunInputs, RunInputJob, SettledInput } from '../orchestrator/ports.ts';
import { GUEST_HEAP_MB, GuestProcess, type GuestLimits } from '../platform/guest-process.ts';
import { createIsolateHost } from '../platform/isolates.ts';

export interface GuardedRunInputs extends RunInputs {
  settle(job: RunInputJob): Promise<SettledInput>;
  close(): Promise<void>;
}

export function guardedRunInputs(limits?: GuestLimits): GuardedRunInputs {
  const built = import.meta.url.endsWith('.js');
  const entry = new URL(built ? './guest-entry.js' : './guest-entry.ts', import.meta.url);
  const host = createIsolateHost(entry, { flags: [`--max-old-space-size=${GUEST_HEAP_MB}`, '--max-semi-space-size=4'], isSilent: true });
  const guest = new GuestProcess<RunInputJob, SettledInput>(host, limits);
  return {
    async settle(job) {
      const outcome = await guest.run(job);
      return outcome.ok ? outcome.answer : { ok: false, reason: `Run input cannot be checked: ${outcome.why}.` };
    },
    close: () => guest.close(),
  };
}
