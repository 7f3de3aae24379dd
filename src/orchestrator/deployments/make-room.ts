/** Where a run that finds no slot is worth more than the oldest one that holds one: that one is cancelled. */

import type { SlotOptions } from '../../core/concurrency/deployment-slots.ts';
import { keyOfRun } from '../../core/concurrency/concurrency-key.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import { isTerminal } from '../../core/state.ts';
import type { Transition } from '../../core/transition.ts';
import { cancelFlowRun } from '../cancel-flow-run.ts';
import { readDeploymentSlots } from '../concurrency/holders.ts';
import type { OrchestratorPorts } from '../ports.ts';

/**
 * After a run was told to wait for a slot of its deployment. Who is being cancelled already holds a slot until it has
 * ended: nobody else gives way meanwhile. What is lost between both happens when the run asks again.
 */
export function makingRoom(
  ports: OrchestratorPorts,
  asked: MaybePromise<Transition<FlowRun>>,
): MaybePromise<Transition<FlowRun>> {
  return chain(asked, (answer) => {
    const { run } = answer;
    const isToldToWait =
      answer.status === 'reject' && answer.written && answer.state.name === 'AwaitingConcurrencySlot';
    return isToldToWait ? makeRoomFor(ports, run).then(() => answer) : answer;
  });
}

async function makeRoomFor(ports: OrchestratorPorts, run: FlowRun): Promise<void> {
  const id = run.submission?.deploymentId ?? null;
  const found = id === null ? null : await ports.storage.readDeployment({ id });
  if (found === null || found.deployment.concurrencyOptions === null) return;
  const options = JSON.parse(found.deployment.concurrencyOptions) as SlotOptions;
  if (options.cancels_old !== true) return;
  const { leases } = await readDeploymentSlots(ports, found.deployment, keyOfRun(run));
  let oldest: FlowRun | null = null;
  for (const { holder } of leases) {
    const holding = holder?.type === 'flow_run' ? await ports.storage.readFlowRun(holder.id as FlowRunId) : null;
    if (holding === null || isTerminal(holding.state) || holding.id === run.id) continue;
    if (holding.state.type === 'CANCELLING') return;
    oldest ??= holding;
  }
  if (oldest !== null)
    await cancelFlowRun(ports, oldest.id, `Flow run ${run.name}, a newer one of its deployment, needs its slot.`);
}
