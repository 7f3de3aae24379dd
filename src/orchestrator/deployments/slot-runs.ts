/** The runs that are made for slots of schedules. */

import type { Deployment, DeploymentSchedule } from '../../core/deployment.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { ScheduledDate } from '../../core/schedules/schedule.ts';
import { runDates, slotDates, withoutJitter, type SlotDate } from '../../core/schedules/slot-dates.ts';
import { exclusionWords, type Exclusion } from '../../core/schedules/slot-rules.ts';
import { fillSlotTemplates, mayHaveSlotTemplates } from '../../core/schedules/slot-template.ts';
import { zoneOfSlots, type ScheduleSlot } from '../../core/schedules/slot.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import type { DeploymentRecord, NewSlot } from '../../store/port/deployments.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { scheduledRun } from './scheduled-run.ts';

/** By it, people find the runs that schedules made. */
const TAG = 'auto-scheduled';

/** What a slot is called by. */
export function slotOf(
  { id, deploymentId, schedule }: DeploymentSchedule,
  { nominal, fold, instant }: ScheduledDate,
): Pick<ScheduleSlot, 'scheduleId' | 'deploymentId' | 'zone' | 'nominal' | 'fold' | 'dueAt'> {
  return { scheduleId: id, deploymentId, zone: zoneOfSlots(schedule), nominal, fold, dueAt: instant };
}

/** The slot with a run that is made for it; without one, where the schedule leaves it out. */
export function slotAhead(
  ports: Pick<OrchestratorPorts, 'ids' | 'random'>,
  found: DeploymentRecord,
  schedule: DeploymentSchedule,
  date: SlotDate,
  now: Instant,
): NewSlot {
  const slot = { ...slotOf(schedule, date), through: null };
  if (date.exclusion === null) return withRun(ports, found, schedule, slot, now);
  const entry = { ...slot, ...leftOut(date.exclusion), flowRunId: null, decidedAt: now };
  return { run: null, settled: true, slot: entry };
}

export function leftOut(exclusion: Exclusion): Pick<ScheduleSlot, 'outcome' | 'reason'> {
  return { outcome: 'skipped', reason: exclusionWords(exclusion) };
}

/** A run for a slot that has had none, or has it no more. */
export function withRun(
  ports: Pick<OrchestratorPorts, 'ids' | 'random'>,
  found: DeploymentRecord,
  schedule: DeploymentSchedule,
  slot: Omit<ScheduleSlot, 'outcome' | 'reason' | 'flowRunId' | 'decidedAt'>,
  now: Instant,
): NewSlot {
  const run = runOf(ports, found, schedule, slot.dueAt, now);
  return { run, slot: { ...slot, outcome: 'run', reason: 'It has a run.', flowRunId: run.id, decidedAt: now } };
}

function runOf(
  ports: Pick<OrchestratorPorts, 'ids' | 'random'>,
  found: DeploymentRecord,
  schedule: DeploymentSchedule,
  slot: Instant,
  now: Instant,
): FlowRun {
  const { deployment } = found;
  const displayValue = schedule.slug ?? CLASSES[schedule.schedule.kind];
  return scheduledRun(
    ports,
    found,
    {
      scheduledTime: slot,
      message: 'Flow run scheduled',
      parameters: parametersOf(schedule, slot),
      tags: [TAG, ...deployment.tags],
      idempotencyKey: runKey(deployment, schedule, slot),
      createdBy: { id: schedule.id, type: 'SCHEDULE', displayValue },
      autoScheduled: true,
    },
    now,
  );
}

/** With what they say of the slot. */
function parametersOf(schedule: DeploymentSchedule, dueAt: Instant): string {
  const { parameters } = schedule;
  if (!mayHaveSlotTemplates(parameters)) return parameters;
  const [date] = slotDates(schedule, (dueAt - 1) as Instant, 1);
  const start = date?.instant === dueAt ? date.unmoved : dueAt;
  const end = runDates(withoutJitter(schedule), start, 1)[0]?.instant ?? null;
  return fillSlotTemplates(parameters, { start, end, zone: zoneOfSlots(schedule.schedule) });
}

/** As Prefect's clients know them. */
const CLASSES = { interval: 'IntervalSchedule', cron: 'CronSchedule', rrule: 'RRuleSchedule' } as const;

/** With the date as Python writes it, `2026-11-22 09:00:00+00:00`: a fraction is there only when it is not zero. */
function runKey({ id }: Deployment, schedule: DeploymentSchedule, slot: Instant): string {
  const date = formatInstant(slot)
    .replace('T', ' ')
    .replace(/(?:\.000000)?Z$/, '+00:00');
  return `scheduled ${id} ${schedule.id} ${date}`;
}
