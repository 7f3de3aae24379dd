/**
 * Takes a run over for this process: its row, the lease and what the flow says of itself, with one request.
 *
 * Of a run that was asked for, this is all that stands between its time and its first attempt: each request more is
 * felt by whoever waits for it.
 */

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowWords, ResumeFlowRun } from '../core/flow-run-request.ts';
import type { Transition } from '../core/transition.ts';
import type { FlowDefinition } from './definitions.ts';
import type { EnginePorts } from './ports.ts';
import { supervisorOf } from './supervisor.ts';

/** A run that this process has. */
export interface TakenRun {
  readonly run: FlowRun;
  /** It has begun before, or steps of it are recorded. */
  readonly hasPast: boolean;
}

export function takenRun({ run, hasSteps = true }: Extract<Transition<FlowRun>, { status: 'accept' }>): TakenRun {
  return { run, hasPast: hasSteps || run.runCount > 0 };
}

/** @param tags those of the flow, and of what it is called in */
export async function takeRun(
  ports: EnginePorts,
  definition: FlowDefinition,
  tags: readonly string[],
  how: Pick<ResumeFlowRun, 'id' | 'handedOver' | 'isQueued'>,
): Promise<Transition<FlowRun>> {
  return await supervisorOf(ports).registerWith(
    async (process) =>
      await ports.client.resumeFlowRun({
        ...how,
        processId: ports.process.id,
        words: wordsOf(ports, definition, tags),
        ...(process === null ? {} : { process }),
      }),
  );
}

function wordsOf(
  { settings }: Pick<EnginePorts, 'settings'>,
  { options, retryDelays, version, file }: FlowDefinition,
  tags: readonly string[],
): FlowWords {
  return {
    policy: {
      retries: options.retries ?? 0,
      retryDelaySeconds: retryDelays,
      // No worker is to take it while it waits here for its next attempt.
      retryType: 'in_process',
    },
    flowVersion: version,
    entrypoint: { file, exportName: null },
    durability: options.durability ?? settings.durability,
    tags,
    labels: options.labels ?? {},
  };
}
