/**
 * Continuing runs whose process is gone, where their flow says `resume: 'automatic'`.
 *
 * The first call of the flow in a new process takes the crashed run with the same parameters over: to its caller it is
 * that run. Crashed runs with other parameters are continued beside it.
 */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { contentHash } from '../core/value.ts';
import type { FlowCall } from './flow-call.ts';
import type { EnginePorts } from './ports.ts';
import { persistValue } from './results.ts';

/** A run that takes its process down each time must not do so for ever. */
const ATTEMPTS_MAX = 5;
/** Looked at per start. */
const CRASHED_MAX = 100;

export async function findCrashedRuns(call: FlowCall, ports: EnginePorts, parameters: unknown): Promise<FlowRun | null> {
  const { definition } = call;
  const crashed = await ports.client.listFlowRuns({ flowName: definition.name, stateTypes: ['CRASHED'], rootOnly: true }, { limit: CRASHED_MAX });
  const candidates = crashed.filter((run) => run.policy.resume === 'automatic' && run.runCount < ATTEMPTS_MAX).reverse();
  if (candidates.length === 0) return null;
  const own = await hashOf(ports, parameters === undefined ? {} : parameters);
  const same = candidates.find((run) => own !== null && contentHash(run.parameters) === own) ?? null;
  for (const run of candidates) {
    say(ports, `Continuing flow run ${run.name} (${run.id}), whose process is gone, at attempt ${run.runCount + 1}.`);
    if (run !== same) call.continueBeside(run);
  }
  return same;
}

/** `null` for parameters that have no text: they are equal to no others. */
async function hashOf(ports: EnginePorts, parameters: unknown): Promise<string | null> {
  try {
    return contentHash(await persistValue(ports, parameters, 'parameters', 'none'));
  } catch (error) {
    if (OstinatoError.is(error) && error.code === 'unserialisable-value') return null;
    throw error;
  }
}

function say(ports: EnginePorts, message: string): void {
  for (const observer of ports.observers) observer.noticed?.(LOG_LEVELS.info, message);
}
