/** For a composition that wants the whole engine at once: provides what it would load later (ADR 064). */

import * as autoResume from './auto-resume.ts';
import * as branches from './branches.ts';
import * as caching from './caching.ts';
import * as existingRun from './existing-run.ts';
import * as isolatedSession from './isolation/isolated-session.ts';
import * as later from './loaded-later.ts';
import * as recalledTask from './recalled-task.ts';
import * as resume from './resume.ts';
import * as taskTransaction from './task-transaction.ts';

export function provideEngine(): void {
  later.isolating.provide(isolatedSession);
  later.past.provide(resume);
  later.automaticResume.provide(autoResume);
  later.existingRuns.provide(existingRun);
  later.branching.provide(branches);
  later.caching.provide(caching);
  later.joining.provide(taskTransaction);
  later.recalling.provide(recalledTask);
}
