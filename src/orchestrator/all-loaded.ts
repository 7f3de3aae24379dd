/** For a composition that wants the whole orchestrator at once: provides what it would load later (ADR 064). */

import * as cancelFlowRun from './cancel-flow-run.ts';
import * as release from './concurrency/release.ts';
import * as taskSlots from './concurrency/task-slots.ts';
import * as deleteFlowRun from './delete-flow-run.ts';
import * as slotGate from './deployments/slot-gate.ts';
import * as endLostTasks from './end-lost-tasks.ts';
import * as explainRun from './explain-run.ts';
import * as later from './loaded-later.ts';
import * as reapLostRuns from './reap-lost-runs.ts';
import * as recordFlowRun from './record-flow-run.ts';
import * as takeFlowRun from './take-flow-run.ts';
import * as updateFlowRun from './update-flow-run.ts';

export function provideOrchestrator(): void {
  later.resuming.provide(takeFlowRun);
  later.cancelling.provide(cancelFlowRun);
  later.updating.provide(updateFlowRun);
  later.recording.provide(recordFlowRun);
  later.deleting.provide(deleteFlowRun);
  later.explaining.provide(explainRun);
  later.reaping.provide(reapLostRuns);
  later.tagSlots.provide(taskSlots);
  later.leases.provide(release);
  later.slotGate.provide(slotGate);
  later.lostTasks.provide(endLostTasks);
}
