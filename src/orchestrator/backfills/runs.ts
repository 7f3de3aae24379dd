/** The run of a slot of a backfill. */

import type { Backfill, BackfillSlot } from '../../core/backfills/backfill.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId, StateId } from '../../core/ids.ts';
import { openFlowRun } from '../../core/rules/apply-flow-run.ts';
import { randomRunName } from '../../core/run-name.ts';
import { zonedText } from '../../core/schedules/local-time.ts';
import { zoneOfSlots } from '../../core/schedules/slot.ts';
import { fillSlotTemplates } from '../../core/schedules/slot-template.ts';
import { zoneOf } from '../../core/schedules/zone.ts';
import { stampState } from '../../core/state.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import type { DeploymentRecord } from '../../store/port/deployments.ts';
import { mergedJson } from '../deployments/fields.ts';
import { runLabels, submissionOf } from '../deployments/runs.ts';
import { ofRun } from '../flow-run-move.ts';
import type { OrchestratorPorts } from '../ports.ts';

/** Labels by which programs find what a run is for. */
const LABELS = { backfill: 'ostinato.backfill.id', start: 'ostinato.slot.start', end: 'ostinato.slot.end' } as const;

/** Due now, not when its slot was: it is not late, and no run of today waits behind a year of them. */
export function runOfBackfill(
  { ids, random }: Pick<OrchestratorPorts, 'ids' | 'random'>,
  { deployment, flow, queue }: DeploymentRecord,
  backfill: Backfill,
  slot: BackfillSlot,
  now: Instant,
): FlowRun {
  const id = ids.next<FlowRunId>();
  const zone = zoneOfSlots(backfill.schedule);
  const clock = zoneOf(zone);
  const message = `Of the slot ${slot.nominal.replace('T', ' ')} of backfill ${backfill.name}`;
  const state = stampState({ type: 'SCHEDULED', scheduledTime: now, message }, ids.next<StateId>(), now);
  const filled = fillSlotTemplates(backfill.parameters, { start: slot.dueAt, end: slot.endsAt, zone });
  return openFlowRun(
    {
      id,
      flowId: flow.id,
      flowName: flow.name,
      name: randomRunName(random),
      flowVersion: null,
      parameters: { kind: 'foreign', text: mergedJson(deployment.parameters, filled) },
      tags: [...new Set([`backfill:${backfill.name}`, ...deployment.tags])],
      labels: {
        ...runLabels(deployment),
        [LABELS.backfill]: backfill.id,
        [LABELS.start]: zonedText(slot.dueAt, clock),
        ...(slot.endsAt === null ? {} : { [LABELS.end]: zonedText(slot.endsAt, clock) }),
      },
      policy: { retries: null, retryDelaySeconds: [], timeoutSeconds: null, resume: 'manual' },
      durability: 'sync',
      parentTaskRunId: null,
      parentFlowRunId: null,
      idempotencyKey: `backfill ${backfill.id} ${formatInstant(slot.dueAt)}`,
      entrypoint: null,
      lease: null,
      runner: 'worker',
      submission: {
        ...submissionOf(deployment, queue),
        createdBy: { id: backfill.id, type: 'BACKFILL', displayValue: backfill.name },
      },
      createdAt: now,
    },
    ofRun({ id, runner: 'worker', parentTaskRunId: null }, state),
  );
}
