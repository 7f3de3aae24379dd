/**
 * Continuing runs whose process is gone, where their flow says `resume: 'automatic'`.
 *
 * The first call of the flow in a new process takes the crashed run with the same parameters over: to its caller it is
 * that run. Crashed runs with other parameters are continued beside it. A flow's name is no identity: runs of another
 * file, or of another flow of that name, are left to those.
 */

import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { matching, ofFlow, ROOT_RUNS } from '../core/list-query.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { allOf } from '../core/query.ts';
import { contentHash } from '../core/value.ts';
import { isSeveral, whyAlike } from './alike.ts';
import type { FlowDefinition } from './definitions.ts';
import type { FlowCall } from './flow-call.ts';
import type { EnginePorts } from './ports.ts';
import { isOfAnotherFlow } from './registry.ts';
import { persistValue } from './results.ts';

/** A run that takes its process down each time must not do so for ever. */
const ATTEMPTS_MAX = 5;
/** Crashed runs that one start looks at. */
const CRASHED_MAX = 100;

export async function findCrashedRuns(
  call: FlowCall,
  ports: EnginePorts,
  parameters: unknown,
): Promise<FlowRun | null> {
  const { definition } = call;
  const crashed = await ports.client.list('flow_run', {
    where: allOf([ofFlow(definition.name), matching({ stateType: ['CRASHED'] }), ROOT_RUNS]),
    limit: CRASHED_MAX,
  });
  const candidates = crashed
    .filter((run) => run.policy.resume === 'automatic' && run.runCount < ATTEMPTS_MAX && isOfThisFlow(run, definition))
    .reverse();
  if (candidates.length === 0) return null;
  if (isSeveral(definition.alike)) {
    say(
      ports,
      `${candidates.length === 1 ? 'A crashed run' : `${candidates.length} crashed runs`} of flow "${definition.name}" ${candidates.length === 1 ? 'is' : 'are'} not continued by itself: ${whyAlike(definition.name, 'flows')}.`,
    );
    return null;
  }
  const own = await hashOf(ports, parameters === undefined ? {} : parameters);
  const same = candidates.find((run) => own !== null && contentHash(run.parameters) === own) ?? null;
  for (const run of candidates) {
    say(ports, `Continuing flow run ${run.name} (${run.id}), whose process is gone, at attempt ${run.runCount + 1}.`);
    if (run !== same) call.continueBeside(run);
  }
  return same;
}

/** As for tasks, the name of the file counts, and not where it lies: a release may lie elsewhere. */
function isOfThisFlow({ entrypoint, flowVersion }: FlowRun, definition: FlowDefinition): boolean {
  const isOfFile = entrypoint === null || fileName(entrypoint.file) === fileName(definition.file);
  return isOfFile && !isOfAnotherFlow(flowVersion, definition);
}

function fileName(path: string): string {
  return path.split(/[\\/]/u).at(-1) ?? path;
}

/** `null` for parameters that cannot be written as text; they equal no others. */
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
