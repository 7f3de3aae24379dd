/** What a flow says of itself is written with the lease of a run that was asked for, before its first attempt. */

import type { OutboxEvent } from '../core/event.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowWords } from '../core/flow-run-request.ts';
import type { Instant } from '../core/time.ts';
import { ownChangeEvent } from './events.ts';
import type { OrchestratorPorts } from './ports.ts';

/** Of a run that has begun, or that its own program made, nothing is changed. */
export function withFlowWords(
  { ids }: Pick<OrchestratorPorts, 'ids'>,
  run: FlowRun,
  words: FlowWords | undefined,
  now: Instant,
): { readonly run: FlowRun; readonly events: readonly OutboxEvent[] } {
  if (words === undefined || run.parameters.kind !== 'foreign' || run.runCount > 0) return { run, events: [] };
  const { policy, flowVersion, entrypoint, durability } = words;
  const said = {
    flowVersion,
    entrypoint,
    durability,
    tags: [...new Set([...run.tags, ...words.tags])],
    labels: { ...run.labels, ...words.labels },
  };
  return {
    run: { ...run, ...said, policy: { ...run.policy, ...policy }, updatedAt: now },
    events: [ownChangeEvent(ids, 'flow-run', run.id, 'updated', now, { ...said, policy })],
  };
}
