/** What must hold of slots and runs once everything is mended, and time has passed. */

import type { DeploymentId } from '../../src/core/ids.ts';
import { matching } from '../../src/core/list-query.ts';
import { nextDates } from '../../src/core/schedules/next-dates.ts';
import { slotKey } from '../../src/core/schedules/schedule.ts';
import { isTerminal } from '../../src/core/state.ts';
import { formatInstant, type Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import type { SlotRecord } from '../../src/store/port/deployments.ts';
import { names, type Edit } from './operator.ts';
import type { PlannedSchedule } from './plan.ts';

const MINUTE_US = 60_000_000;
/** What is due for longer has begun and ended. */
const PATIENCE_US = 20 * MINUTE_US;
/** No clock is wrong by more. */
const SKEW_US = 8 * MINUTE_US;

export interface Looked {
  readonly storage: Storage;
  readonly deploymentId: DeploymentId;
  readonly planned: readonly PlannedSchedule[];
  readonly edits: readonly Edit[];
  readonly madeAt: Instant;
  readonly now: Instant;
}

/** What is wrong, a sentence each. */
export async function checkSchedules(looked: Looked): Promise<readonly string[]> {
  const { storage, deploymentId, planned, now } = looked;
  const found = await storage.readDeployment({ id: deploymentId });
  const records = await storage.listSlots(deploymentId, { before: null, limit: 10_000 });
  const wrong: string[] = [];
  for (const schedule of found?.schedules ?? []) {
    const plan = planned.find(({ slug }) => slug === schedule.slug);
    const ofIt = records.filter(({ slot }) => slot.scheduleId === schedule.id);
    wrong.push(...twice(ofIt, String(schedule.slug)));
    if (plan?.isEdited === false) wrong.push(...missing(ofIt, plan, looked));
    const isArmed = schedule.dueAt !== null && ofIt.some(({ slot }) => slot.dueAt > now);
    if (!isArmed) wrong.push(`${schedule.slug} is enabled and has no next slot`);
  }
  return [...wrong, ...pastTicks(records, looked.edits), ...(await stuck(looked))];
}

function twice(records: readonly SlotRecord[], slug: string): string[] {
  const keys = records.map(({ slot }) => `${slot.zone} ${slotKey(slot)}`);
  const runs = records.flatMap(({ slot }) => slot.flowRunId ?? []);
  return [
    ...keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${slug} has two entries for ${key}`),
    ...runs.filter((id, index) => runs.indexOf(id) !== index).map((id) => `${slug} has two slots with run ${id}`),
  ];
}

/** Slots without an entry; those around the beginning and the end depend on whose clock is asked. */
function missing(
  records: readonly SlotRecord[],
  { schedule, slug }: PlannedSchedule,
  { madeAt, now }: Looked,
): string[] {
  const after = (madeAt + SKEW_US) as Instant;
  const until = (now - MINUTE_US) as Instant;
  const dates = nextDates(schedule, after, 10_000, until);
  const told = new Set(records.map(({ slot }) => slotKey(slot)));
  const spans = records.flatMap(({ slot }) => (slot.through === null ? [] : [[slot.dueAt, slot.through] as const]));
  return dates
    .filter((date) => !told.has(slotKey(date)))
    .filter(({ instant }) => !spans.some(([from, through]) => from <= instant && instant <= through))
    .map(({ instant }) => `${slug} has no entry for ${formatInstant(instant)}`);
}

/** Slots that other dates brought, before they were written. */
function pastTicks(records: readonly SlotRecord[], edits: readonly Edit[]): string[] {
  return edits.flatMap(({ scheduleId, before, at }) =>
    records
      .filter(({ slot }) => slot.scheduleId === scheduleId && slot.decidedAt > at && slot.flowRunId !== null)
      .filter(({ slot }) => slot.dueAt < at - SKEW_US && !names(before, slot.dueAt))
      .filter(({ slot }) => !edits.some((other) => other.at < at && names(other.before, slot.dueAt)))
      .map(({ slot }) => `${formatInstant(slot.dueAt)} fired after the dates were changed at ${formatInstant(at)}`),
  );
}

async function stuck({ storage, now }: Looked): Promise<string[]> {
  const runs = await storage.list('flow_run', {
    where: matching({ stateType: ['SCHEDULED', 'PENDING', 'RUNNING', 'CANCELLING', 'PAUSED'] }),
    limit: 1000,
  });
  return runs
    .filter(({ state }) => {
      const since = state.type === 'SCHEDULED' ? state.scheduledTime : state.timestamp;
      return !isTerminal(state) && since < now - PATIENCE_US;
    })
    .map(({ id, state }) => `run ${id} is ${state.name} since ${formatInstant(state.timestamp)}`);
}
