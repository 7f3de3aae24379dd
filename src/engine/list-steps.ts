/** Reads all recorded steps of a flow run. */

import type { FlowRunId, TaskRunId } from '../core/ids.ts';
import type { RecordedStep } from '../core/task-run.ts';
import type { EnginePorts } from './ports.ts';

/** Rows read at once: enough to be quick, few enough not to block the event loop for long. */
const PAGE = 1000;

/** Oldest first. */
export async function listSteps(ports: EnginePorts, id: FlowRunId): Promise<readonly RecordedStep[]> {
  const steps: RecordedStep[] = [];
  for (let after: TaskRunId | undefined; ;) {
    const page = await ports.client.listRecordedSteps(id, { after, limit: PAGE });
    steps.push(...page);
    if (page.length < PAGE) break;
    after = page.at(-1)?.id;
  }
  return steps;
}
