/** A call whose idempotency key belongs to an existing run: waits for that run's outcome, and starts nothing. */

import { thrownFrom } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { isTerminal, type State } from '../core/state.ts';
import { sleep } from '../core/time.ts';
import type { FlowFuture } from './future.ts';
import type { EnginePorts } from './ports.ts';
import { loadValue } from './results.ts';
import type { FlowOutcome } from './run-flow.ts';

const POLL_MS_MIN = 20;
const POLL_MS_MAX = 1000;
/** The run's process may be gone: after so many polls, lost runs are marked Crashed. */
const POLLS_PER_REAPING = 20;

/** Waits for the run's end, whoever runs it. @throws the recorded failure of a run that failed */
export async function outcomeOfExisting(
  ports: EnginePorts,
  found: FlowRun,
  future: FlowFuture<unknown>,
  signal: AbortSignal | undefined,
): Promise<FlowOutcome> {
  let run = found;
  future.become(run.id, run.name);
  for (
    let look = 1, pollMs = POLL_MS_MIN;
    !isTerminal(run.state);
    look += 1, pollMs = Math.min(pollMs * 2, POLL_MS_MAX)
  ) {
    future.moveTo(run.state);
    await sleep(ports.clock, pollMs, signal);
    if (look % POLLS_PER_REAPING === 0) await ports.client.reapLostRuns();
    run = (await ports.client.readFlowRun(found.id)) ?? gone(found);
  }
  const { state } = run;
  if (state.type === 'COMPLETED')
    return { run, value: await loadValue(ports, state.data, `The result of flow run ${run.name}`), error: undefined };
  return { run, value: undefined, error: failureOf(run, state) };
}

function failureOf(run: FlowRun, state: State): unknown {
  const failure = 'failure' in state ? state.failure : null;
  return failure ? thrownFrom(failure) : new OstinatoError('run-failed', `Flow run ${run.name} ended ${state.name}.`);
}

function gone(run: FlowRun): never {
  throw new OstinatoError('not-found', `Flow run ${run.name} (${run.id}) was deleted while a call waited for it.`);
}
