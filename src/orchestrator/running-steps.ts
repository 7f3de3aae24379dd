/** The steps that were running when a run was lost, for the message of its end. */

import type { FlowRun } from '../core/flow-run.ts';
import { matching } from '../core/list-query.ts';
import { showInstant } from '../core/why-phrases.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Steps that are named; a fan-out may have had a thousand running. */
const NAMED_MAX = 3;
const LOOKED_AT_MAX = 200;

/** A sentence; empty for a run that had not begun. Call it before its task runs are ended. */
export async function describeRunningSteps({ storage }: OrchestratorPorts, { id, state }: FlowRun): Promise<string> {
  if (state.type !== 'RUNNING' && state.type !== 'CANCELLING') return '';
  const active = await storage.list('task_run', {
    where: matching({ flowRunId: id, stateType: 'RUNNING' }),
    direction: 'asc',
    limit: LOOKED_AT_MAX,
  });
  if (active.length === 0) return 'No task was running then, only the code of the flow itself.';
  const named = active.slice(0, NAMED_MAX).map((task) => `"${task.name}" (since ${showInstant(task.state.timestamp)})`);
  const more = active.length - named.length;
  const count = active.length === LOOKED_AT_MAX ? `at least ${more}` : String(more);
  return `Then ran: ${named.join(', ')}${more > 0 ? ` and ${count} more` : ''}.`;
}
