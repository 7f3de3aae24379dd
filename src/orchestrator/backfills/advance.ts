/**
 * Backfills go on: their slots get runs, and are told to have ended.
 *
 * Each step is one transaction, which begins with what is there: of two servers one makes a run, and a server that dies
 * in the middle leaves no slot without its entry, nor a run twice. Runs are cancelled afterwards; that is seen to again
 * until they have ended.
 */

import { advanced, type Advanced, type AdvanceFacts } from '../../core/backfills/advance.ts';
import type { Backfill, BackfillId, BackfillSlot } from '../../core/backfills/backfill.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { BackfillChange, BackfillFacts } from '../../store/port/backfills.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { cancelFlowRun } from '../cancel-flow-run.ts';
import { flowRunMoveEvent } from '../flow-run-event.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { backfillEvent } from './events.ts';
import { runOfBackfill } from './runs.ts';

/** Slots that one transaction looks at. */
const SLOTS_A_STEP = 100;
/** Steps of one backfill before the others have their turn. */
const STEPS_A_TURN = 10;
const BACKFILLS_AT_ONCE = 100;

/** Answers how many are not settled. */
export async function advanceBackfills(ports: OrchestratorPorts): Promise<number> {
  let count = 0;
  for (let after: BackfillId | null = null; ;) {
    const ids: readonly BackfillId[] = await ports.storage.listUnsettledBackfills(after, BACKFILLS_AT_ONCE);
    for (const id of ids) await advanceBackfill(ports, id);
    count += ids.length;
    after = ids.at(-1) ?? null;
    if (ids.length < BACKFILLS_AT_ONCE) return count;
  }
}

export async function advanceBackfill(ports: OrchestratorPorts, id: BackfillId): Promise<void> {
  const { storage, clock } = ports;
  // Most looks find nothing to do: they take no lock.
  const seen = decide(await storage.readBackfill(id, 1), clock.now());
  if (seen === null || !hasWork(seen)) return;
  for (let step = 0; step < STEPS_A_TURN; step += 1) {
    const now = clock.now();
    const { cancel, again } = await storage.changeBackfill<Step>(id, SLOTS_A_STEP, (facts) =>
      changeOf(ports, facts, now),
    );
    for (const run of cancel) await cancelQuietly(ports, run);
    if (!again) return;
  }
}

function decide({ backfill, deployment, ...facts }: BackfillFacts, now: Instant): Advanced | null {
  if (backfill === null) return null;
  return advanced({ ...facts, backfill, isDeploymentThere: deployment !== null, now } satisfies AdvanceFacts);
}

function hasWork({ changed, begin, cancel, cancelsWaiting, backfill }: Advanced): boolean {
  return changed.length + begin.length + cancel.length > 0 || cancelsWaiting !== null || backfill.isSettled;
}

type Step = Pick<Advanced, 'cancel' | 'again'>;

function changeOf(ports: OrchestratorPorts, facts: BackfillFacts, now: Instant): BackfillChange<Step> {
  const { backfill: before, deployment } = facts;
  const decided = decide(facts, now);
  if (before === null || decided === null) return { answer: { cancel: [], again: false } };
  const { backfill, changed, begin, cancelsWaiting, cancel, again } = decided;
  const made = deployment === null ? [] : begin.map((slot) => opened(ports, deployment, before, slot, now));
  return {
    backfill: backfill === before ? undefined : backfill,
    slots: [...changed, ...made.map(({ slot }) => slot)],
    runs: made.map(({ run }) => run),
    ...(cancelsWaiting === null ? {} : { cancelWaiting: { reason: cancelsWaiting, at: now } }),
    events: [
      ...made.map(({ run }) => flowRunMoveEvent(run, deployment?.flow ?? null, null, null)),
      ...(backfill.state === before.state ? [] : [backfillEvent(ports.ids, backfill, now)]),
    ],
    answer: { cancel, again },
  };
}

function opened(
  ports: OrchestratorPorts,
  deployment: DeploymentRecord,
  backfill: Backfill,
  slot: BackfillSlot,
  now: Instant,
): { readonly run: FlowRun; readonly slot: BackfillSlot } {
  const run = runOfBackfill(ports, deployment, backfill, slot, now);
  return { run, slot: { ...slot, state: 'open', reason: null, flowRunId: run.id, decidedAt: now } };
}

/** One that has ended or is gone by now needs nothing. */
async function cancelQuietly(ports: OrchestratorPorts, id: FlowRunId): Promise<void> {
  if ((await ports.storage.readFlowRun(id)) !== null) await cancelFlowRun(ports, id);
}
