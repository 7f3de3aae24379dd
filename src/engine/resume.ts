/** What a new attempt of a flow run knows of the ones before. */

import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import { StepLedger } from '../core/step-identity.ts';
import type { RecordedStep } from '../core/task-run.ts';
import type { EnginePorts } from './ports.ts';

/** Rows read at once: large enough to be quick, small enough not to block the event loop for long. */
const PAGE = 1000;

export async function loadLedger(ports: EnginePorts, id: FlowRunId): Promise<StepLedger> {
  await ports.recorder.flush();
  const steps: RecordedStep[] = [];
  for (let after: TaskRunId | undefined; ; ) {
    const page = await ports.client.listRecordedSteps(id, { after, limit: PAGE });
    steps.push(...page);
    if (page.length < PAGE) break;
    after = page.at(-1)?.id;
  }
  return new StepLedger(steps);
}
